/** Which dependency does not answer: told while it lasts, by the name of the store, and no longer than that. */
import { expect, test } from 'vitest'
import { errors } from '../../topology/model/errors.ts'
import type { EventLog } from '../../topology/model/ports/event-log.ts'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import type { TopologyStatus } from '../../topology/model/run-handle.ts'
import { around } from './die-when-declared.ts'
import { everySink } from './every-sink.ts'
import { expectTruth } from './expect-truth.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'
import { withFetch } from './with-fetch.ts'

const away = (store: string): Error => errors.storeUnavailable({ store, reason: 'no route' })

const withWrite = (rows: RowStore, write: RowStore['write']): RowStore => ({
  name: rows.name,
  read: rows.read.bind(rows),
  scan: rows.scan.bind(rows),
  ensureTable: rows.ensureTable.bind(rows),
  write,
  close: async () => {},
})

/** A run over ports of which one is away for a while; what it waits for then, and afterwards. */
const waitsOf = async (
  breaks: (given: GivenPorts, isAway: () => boolean) => GivenPorts['resources'],
): Promise<readonly [during: TopologyStatus['waitingFor'], after: TopologyStatus['waitingFor']]> => {
  const given = new GivenPorts()
  const own = { ...given.resources, logs: { events: given.log } }
  given.resources = own
  let isAway = false
  given.resources = breaks(given, () => isAway)
  const run = await given.start(everySink)
  isAway = true
  given.append(orders(0, 12))
  await given.pass(4_000)
  const during = run.status().waitingFor
  isAway = false
  await given.pass(400_000)
  const after = run.status().waitingFor
  await given.drive(run.stop())
  given.resources = own
  await expectTruth(given.read(everySink))
  return [during, after]
}

test.each([
  [
    'rows',
    ({ resources }: GivenPorts, isAway: () => boolean): GivenPorts['resources'] => {
      const { rows } = resources
      const write: typeof rows.write = async (table, list, stamps) => {
        if (isAway() && table.name === 'totals') throw away('cluster one')
        return rows.write(table, list, stamps)
      }
      return { ...resources, rows: withWrite(rows, write) }
    },
  ],
  [
    'ledger',
    ({ resources }: GivenPorts, isAway: () => boolean): GivenPorts['resources'] => ({
      ...resources,
      ledger: around(resources.ledger, {
        compareAndSet: async (key, expected, next) => {
          if (isAway()) throw away('cluster one')
          return resources.ledger.compareAndSet(key, expected, next)
        },
      }),
    }),
  ],
  [
    'log',
    ({ resources, log }: GivenPorts, isAway: () => boolean): GivenPorts['resources'] => {
      const slow: EventLog = withFetch(log, async (fetch) => {
        if (isAway()) throw away('broker one')
        return fetch()
      })
      return { ...resources, logs: { events: slow } }
    },
  ],
] as const)('%s that do not answer are told of until they do', async (resource, breaks) => {
  const [during, after] = await waitsOf(breaks)
  expect(during).toMatchObject([{ resource, reason: expect.stringContaining('no route') }])
  expect(during[0]!.name).not.toBe('')
  expect(after).toEqual([])
})

test('of a sink that writes both, the store that fails is told', async () => {
  const given = new GivenPorts()
  given.resources = { ...given.resources, logs: { events: given.log } }
  const { objects } = given.resources
  const create: typeof objects.create = async () => {
    throw away('bucket')
  }
  const { name, head, read, replace, list } = objects
  given.resources = { ...given.resources, objects: { name, head, read, replace, list, create, close: async () => {} } }
  given.append(orders(0, 6))
  const run = await given.start(everySink, { knobs: { 'objects.idleMs': 1_000, 'shutdown.drainMs': 1_000 } })
  await given.pass(10_000)
  expect(run.status().waitingFor).toMatchObject([{ resource: 'objects', name, reason: 'bucket: no route' }])
  expect(run.status().waitingFor[0]!.sinceMs).toBeLessThan(given.clock.nowMs() - 1_000)
  await given.drive(run.stop())
})

test('who pauses for a store goes on as soon as it has answered anybody, not when his own pause ends', async () => {
  const given = new GivenPorts()
  const { rows } = given.resources
  let isAway = false
  const takenMs = new Map<string, number>()
  const write: typeof rows.write = async (table, list, stamps) => {
    if (isAway) throw away('cluster one')
    if (!takenMs.has(table.name)) takenMs.set(table.name, given.clock.nowMs())
    return rows.write(table, list, stamps)
  }
  given.resources = { ...given.resources, logs: { events: given.log }, rows: withWrite(rows, write) }
  const run = await given.start(everySink)
  isAway = true
  given.append(orders(0, 12))
  await given.pass(300_000)
  isAway = false
  const backMs = given.clock.nowMs()
  await given.pass(30_000)
  const waitedMs = ['store', 'schemas', 'totals', 'notes'].map((sink) => takenMs.get(sink)! - backMs)
  expect(Math.min(...waitedMs)).toBeGreaterThan(0)
  expect(Math.max(...waitedMs) - Math.min(...waitedMs)).toBeLessThan(100)
  await given.drive(run.stop())
  await expectTruth(given.read(everySink))
})
