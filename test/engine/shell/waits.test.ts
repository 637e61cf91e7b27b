/** Many who wait for one store, when it is back. */
import { expect, test } from 'vitest'
import { blamed } from '../../../topology/engine/shell/culprit.ts'
import { persist } from '../../../topology/engine/shell/persist.ts'
import { Waits } from '../../../topology/engine/shell/waits.ts'
import { errors } from '../../../topology/model/errors.ts'
import type { RowStore, TableSpec } from '../../../topology/model/ports/row-store.ts'
import { drive } from '../../../topology/testing/drive.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'
import { createVirtualClock } from '../../../topology/testing/virtual-clock.ts'
import { GivenPorts } from '../given-ports.ts'

const table: TableSpec = { name: 'any', partition: [], cluster: [], columns: [] }

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
