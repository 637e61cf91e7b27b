/** The eight criteria of section 11 of the acceptance table, each as what is against it. */

import { knobValue } from '../../../topology/model/knobs.ts'
import { aprilKnobs } from './april-topology.ts'
import { hourMs, type Night } from './draw-night.ts'
import type { NightRecord } from './night-record.ts'
import type { PlayedNight } from './play-night.ts'

export const criteria = [
  'D5: 1. ingest of the other tenants never fails, and the objects branch produces nothing to the broker',
  'C20: 2. p95 of the row-write delay of all other tenants stays below 10 s throughout',
  'D9: 3. the whole backlog is drained in less than 8 h, and the drain multiple reaches 5 x real time',
  'D6: 4. the status is never silent for more than 60 min, and who is said to be hurt is right at every moment (D11)',
  'D10: 5. the ETA interval holds the truth in 80 % of the updates, and its upper end is at most 3 times its lower end',
  'D2: 6. the lag of the spiking tenant is its own: 15 min after its diversion the others are as on any other day',
  'D8: 7. no knob is turned by hand, each change is logged with its reason, and no profile flaps',
  'D20: 8. memory stays under its budget, and the audit is exact at the end',
] as const

/** From 1 to 8: what is against each criterion; empty where it holds. */
export const problemsOf = ({ night, record, audit }: PlayedNight): readonly (readonly string[])[] => [
  ingestProblems(record),
  rowDelayProblems(night, record),
  drainProblems(night, record),
  statusProblems(night, record),
  etaProblems(night, record),
  isolationProblems(night, record),
  controlProblems(record),
  endProblems(record, audit.problems),
]

const minuteMs = 60_000
/** A producer that waits for longer counts as failing. */
export const appendMsLimit = 1_000
const rowDelayLimitMs = 10_000
// A backlog of less is told to be gone.
const goneEvents = 100
// Some minutes of what comes: less is no backlog that anybody asks the end of.
const worthEvents = 500
// Looked at so often: the truth is known no better.
const updateMs = 5 * minuteMs

const ingestProblems = ({ appendMsMax, ownAppends }: NightRecord): readonly string[] => [
  ...(appendMsMax <= appendMsLimit ? [] : [`an append took ${Math.round(appendMsMax)} ms`]),
  ...(ownAppends === 0 ? [] : [`the topology has appended ${ownAppends} records itself`]),
]

const rowDelayProblems = ({ spike }: Night, { periods }: NightRecord): readonly string[] =>
  periods.flatMap(({ toMs, rowDelaysMs }) =>
    [...rowDelaysMs].flatMap(([tenant, ms]) =>
      tenant === spike.tenant || ms < rowDelayLimitMs
        ? []
        : [`rows of ${tenant} were ${ms} ms late in the half hour until ${elapsed(spike, toMs)}`],
    ),
  )

const drainProblems = ({ spike }: Night, { drainedAtMs, drainMultipleMax }: NightRecord): readonly string[] => {
  const ms = drainedAtMs === undefined ? undefined : drainedAtMs - spike.fromMs
  return [
    ...(ms !== undefined && ms < 8 * hourMs ? [] : [`the backlog was ${ms === undefined ? 'never' : 'too late'} gone`]),
    ...(drainMultipleMax >= 5 ? [] : [`it was drained at ${drainMultipleMax.toFixed(1)} x real time at most`]),
  ]
}

const statusProblems = (
  { startMs, spike }: Night,
  { saidAtMs, endedAtMs, wrongImpact }: NightRecord,
): readonly string[] => {
  const said = [startMs, ...saidAtMs, endedAtMs]
  const silent = said.filter((atMs, index) => index > 0 && atMs - said[index - 1]! > hourMs)
  return [...silent.map((atMs) => `nothing was said for an hour before ${elapsed(spike, atMs)}`), ...wrongImpact]
}

/** Each published interval beside what came true. While there is no end in sight none is published. */
export interface JudgedEta {
  readonly atMs: number
  readonly etaMs: readonly [low: number, high: number] | null
  readonly leftMs: number
  readonly holds: boolean
  /** The same of a guess by the last seconds, a quarter of doubt to each side. */
  readonly guessHolds: boolean
}

export const judgedEtas = ({ etas }: NightRecord): readonly JudgedEta[] =>
  etas.flatMap(({ atMs, lagEvents, etaMs, guessMs }) => {
    const gone = etas.find((one) => one.atMs > atMs && one.lagEvents <= goneEvents)
    if (lagEvents < worthEvents || gone === undefined) return []
    const leftMs = gone.atMs - atMs
    // It was gone at some moment since the look before.
    const holds = etaMs !== null && leftMs >= etaMs[0] && leftMs - updateMs <= etaMs[1]
    const guessHolds = leftMs >= guessMs / 1.25 && leftMs - updateMs <= guessMs * 1.25
    return [{ atMs, etaMs, leftMs, holds, guessHolds }]
  })

const etaProblems = ({ spike }: Night, record: NightRecord): readonly string[] => {
  const judged = judgedEtas(record)
  const told = judged.filter(({ etaMs }) => etaMs !== null)
  const right = told.filter(({ holds }) => holds).length
  // What comes has to be told as well: silence is never wrong.
  const calm = judged.filter(({ atMs }) => atMs > spike.toMs)
  const silent = calm.filter(({ etaMs }) => etaMs === null).length
  const wide = told.filter(({ etaMs }) => etaMs![1] > etaMs![0] * 3)
  return [
    ...(told.length > 0 && right >= told.length * 0.8 ? [] : [`${right} of ${told.length} intervals held the truth`]),
    ...(silent <= calm.length * 0.2 ? [] : [`${silent} of ${calm.length} updates after the spike told no interval`]),
    ...wide.map(({ etaMs }) => `an interval of ${etaMs!.join(' to ')} ms is too wide`),
  ]
}

const isolationProblems = ({ spike }: Night, { divertedAtMs, lateAtMs }: NightRecord): readonly string[] => {
  if (divertedAtMs === undefined) return [`${spike.tenant} was never diverted`]
  return [...lateAtMs].flatMap(([tenant, atMs]) =>
    tenant === spike.tenant || atMs <= divertedAtMs + 15 * minuteMs
      ? []
      : [`the archive of ${tenant} was late at ${elapsed(spike, atMs)}`],
  )
}

const controlProblems = ({ moves, byHand, logged }: NightRecord): readonly string[] => {
  const holdMs = aprilKnobs['profile.holdMs'] ?? knobValue('profile.holdMs')
  const fast = moves.filter(({ atMs }, index) => index > 0 && atMs - moves[index - 1]!.atMs < holdMs)
  const unsaid = moves.filter(({ reason }) => reason === '')
  const missing = moves.filter(
    (move) =>
      !logged.some(
        (one) => one.before === move.before && one.after === move.after && one.reason.startsWith(move.reason),
      ),
  )
  return [
    ...byHand,
    ...(moves.length > 0 ? [] : ['nothing was done by itself']),
    ...fast.map(({ before, after }) => `${before} -> ${after} came too soon`),
    ...unsaid.map(({ before, after }) => `${before} -> ${after} has no reason`),
    ...missing.map(({ before, after }) => `${before} -> ${after} is not in the change log`),
  ]
}

const endProblems = ({ heldBytesMax, budgetBytes }: NightRecord, audit: readonly string[]): readonly string[] => [
  ...(heldBytesMax <= budgetBytes ? [] : [`${heldBytesMax} bytes were held, the budget is ${budgetBytes}`]),
  ...audit,
]

/** `2:32` since the spike began. */
export const elapsed = ({ fromMs }: Night['spike'], atMs: number): string => {
  const minutes = Math.max(0, Math.round((atMs - fromMs) / minuteMs))
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`
}
