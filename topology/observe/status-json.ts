/** What `/status.json` says: the snapshot in the words of the command line (`lag_events`), and what was concluded from it. */
import type { JsonValue } from '../model/json.ts'
import type { LookoutView } from './lookout.ts'

/** `withHistory`: with the points of the chart, which programs seldom want. */
export const statusJson = (view: LookoutView, withHistory: boolean): JsonValue => {
  const { snapshot, health, incident, surroundings, history } = view
  const { disks, pools, background, canaries } = surroundings
  return {
    health: snakeKeys(health),
    incident: incident === undefined ? null : snakeKeys(incident),
    ...(snapshot === undefined ? { state: 'starting' } : snakeObject(snapshot)),
    backlogs: (snapshot?.branches ?? []).map(({ branch, lagEvents }) => ({
      branch,
      lag_events: lagEvents,
      done_ratio: history.doneRatio(branch, lagEvents),
    })),
    disks: snakeKeys(disks),
    pools: snakeKeys(pools),
    background: snakeKeys(background),
    canaries: snakeKeys(canaries),
    ...(withHistory ? { history: columnsOf(history.points()) } : {}),
  }
}

/** Points as columns, which are a third of the size. */
const columnsOf = (points: ReturnType<LookoutView['history']['points']>): JsonValue => ({
  at_ms: points.map(({ atMs }) => atMs),
  lag_ms: points.map(({ lagMs }) => Math.round(lagMs)),
  fresh_ms: points.map(({ freshMs }) => Math.round(freshMs)),
  lag_events: points.map(({ lagEvents }) => lagEvents),
})

const snakeObject = (object: object): Record<string, JsonValue> =>
  Object.fromEntries(
    Object.entries(object).flatMap(([key, value]) => (value === undefined ? [] : [[snakeCase(key), snakeKeys(value)]])),
  )

/** Plain data with the names of its fields as `lag_events`. Values are left as they are. */
export const snakeKeys = (value: unknown): JsonValue => {
  if (Array.isArray(value)) return value.map(snakeKeys)
  if (typeof value === 'object' && value !== null) return snakeObject(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  return typeof value === 'string' || typeof value === 'boolean' ? value : null
}

/** Names of knobs, `epoch.ageMs`, are values that happen to be names. */
const snakeCase = (name: string): string =>
  /^[A-Za-z]+$/.test(name) ? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : name
