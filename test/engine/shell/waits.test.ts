/** Many who wait for one store, when it is back. */
import { expect, test } from 'vitest'
import { blamed } from '../../../topology/engine/shell/culprit.ts'
import type { EngineParts } from '../../../topology/engine/shell/engine-parts.ts'
import { persist } from '../../../topology/engine/shell/persist.ts'
import { Waits } from '../../../topology/engine/shell/waits.ts'
import { errors } from '../../../topology/model/errors.ts'
import { knobValue } from '../../../topology/model/knobs.ts'
import type { RowStore, TableSpec } from '../../../topology/model/ports/row-store.ts'
import { errorAbout } from '../../../topology/model/spillway-error.ts'
import { drive } from '../../../topology/testing/drive.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'
import { createVirtualClock } from '../../../topology/testing/virtual-clock.ts'
import { GivenPorts } from '../given-ports.ts'

const table: TableSpec = { name: 'any', partition: [], cluster: [], columns: [] }

interface Outage {
  /** How many callers there are. */
  readonly callers: number
  /** Of all calls until everybody is done, when. */
  readonly callsAtMs: readonly number[]
  readonly doneAtMs: number
}

/** Callers of a store that answers nobody for so long, over the breaker of the store or, as it was, without one. */
const passOutage = async (callers: number, awayMs: number, hasBreaker: boolean): Promise<Outage> => {
  const clock = createVirtualClock(0)
  const callsAtMs: number[] = []
  const write: RowStore['write'] = async () => {
    callsAtMs.push(clock.nowMs())
    if (clock.nowMs() < awayMs) throw errors.storeUnavailable({ store: 'cluster', reason: 'away' })
    await clock.sleep(10)
  }
  const waits = new Waits(clock)
  const { resources } = new GivenPorts()
  const given = { ...resources, rows: { ...resources.rows, write } }
  const { rows } = hasBreaker ? blamed(given, waits) : blamed(given)
  const parts = { clock, random: seededRandom(1), knob: (name: string) => knobValue(name), report: () => {}, waits }
  const { signal } = new AbortController()
  const all = Array.from({ length: callers }, () => persist(parts, 'rows', signal, () => rows.write(table, [], 1)))
  await drive(clock, Promise.all(all))
  return { callers, callsAtMs, doneAtMs: clock.nowMs() }
}

test('A10: a dead store is tried by one of its callers at a time, not by all of them', async () => {
  const late = ({ callsAtMs }: Outage): number => callsAtMs.filter((ms) => ms >= 60_000 && ms < 600_000).length
  expect(late(await passOutage(100, 600_000, false))).toBeGreaterThan(2_000)
  expect(late(await passOutage(100, 600_000, true))).toBe(108)
})

test.each([1, 3, 100])(
  'A10: %i callers of a store that comes back are all done soon after the next try',
  async (callers) => {
    const { doneAtMs } = await passOutage(callers, 601_234, true)
    expect(doneAtMs).toBeLessThan(601_234 + 5_500)
  },
)

test('A10: what serves others keeps nobody waiting, and the tenant behind a hung key is told', async () => {
  const clock = createVirtualClock(0)
  const waits = new Waits(clock)
  const { resources } = new GivenPorts()
  const hung = errorAbout(errors.storeUnavailable({ store: 'cluster', reason: 'no answer' }), 'ann')
  const write: RowStore['write'] = async (_table, _rows, stamp) => {
    await clock.sleep(5)
    if (stamp === 13) throw hung
  }
  const { rows } = blamed({ ...resources, rows: { ...resources.rows, write } }, waits)
  const told: string[] = []
  const report: EngineParts['report'] = ({ fields }) => void told.push(String(fields['project']))
  const parts = { clock, random: seededRandom(1), knob: (name: string) => knobValue(name), report, waits }
  const over = new AbortController()
  const stuck = persist(parts, 'rows', over.signal, () => rows.write(table, [], 13)).catch(() => undefined)
  const others = async (): Promise<void> => {
    for (let call = 0; call < 2_000; call += 1)
      await persist(parts, 'rows', over.signal, () => rows.write(table, [], 1))
  }
  await drive(clock, others())
  expect(clock.nowMs()).toBeLessThan(2_000 * 5 + 100)
  expect([told, waits.hungTenants()]).toMatchObject([['ann'], [{ resource: 'rows', project: 'ann' }]])
  expect(waits.breakers()).toMatchObject([{ resource: 'rows', isOpen: false }])
  over.abort()
  await drive(clock, stuck)
  expect(waits.hungTenants()).toEqual([])
})

test('who was away for long and can take few at once is not asked by all at once, and all are soon done', async () => {
  const clock = createVirtualClock(0)
  let [calls, busy] = [0, 0]
  const write: RowStore['write'] = async () => {
    calls += 1
    if (clock.nowMs() < 20_000 || busy >= 5) throw errors.storeUnavailable({ store: 'cluster', reason: 'busy' })
    busy += 1
    await clock.sleep(10)
    busy -= 1
  }
  const { resources } = new GivenPorts()
  const { rows } = blamed({ ...resources, rows: { ...resources.rows, write } })
  const knob = (name: string): number => (name === 'retry.firstMs' ? 100 : 30_000)
  const parts = { clock, random: seededRandom(1), knob, report: () => undefined, waits: new Waits(clock) }
  const { signal } = new AbortController()
  const all = Array.from({ length: 300 }, () => persist(parts, 'rows', signal, () => rows.write(table, [], 1)))
  await drive(clock, Promise.all(all))
  // Until the store is back each asks about eight times.
  expect(calls).toBeLessThan(4_000)
  expect(clock.nowMs()).toBeLessThan(25_000)
})
