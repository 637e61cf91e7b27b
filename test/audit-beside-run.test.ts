/** The audit beside a run: everything moves while it reads, and nothing that differs only for that is told. */
import { defineTopology, log } from 'spillway'
import { count, inferSchema, rollup } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import { put, remove } from 'spillway/testing'
import { expect, test } from 'vitest'
import { auditTopology } from '../topology/audit.ts'
import type { AuditReport } from '../topology/audit-report.ts'
import type { EventLog } from '../topology/model/ports/event-log.ts'
import type { RowStore } from '../topology/model/ports/row-store.ts'
import { seededRandom } from '../topology/testing/seeded-random.ts'
import { GivenPorts } from './engine/given-ports.ts'
import { planted } from './engine/planted.ts'

const shop = defineTopology('shop', (t) => {
  const events = t.spout('events', log())
  events.sink('store', eventRows())
  events.bolt('schema', inferSchema()).sink('schemas', tableRows())
  events
    .bolt('perMinute', rollup({ window: '1 minute', by: ['country'], values: { orders: count() } }))
    .sink('totals', tableRows())
  events.sink('archive', objects({ compression: 'none' }))
})

/** Ports that let the run go on before each page and each fetch, while more is appended. */
class MovingPorts extends GivenPorts {
  readonly #random: () => number

  constructor(seed: number) {
    super()
    const random = seededRandom(seed)
    this.#random = () => random.next()
  }

  async move(): Promise<void> {
    const nowMs = this.clock.nowMs()
    const countries = ['NZ', 'DE', 'ES']
    const country = countries[Math.floor(this.#random() * 3)]!
    const steps = Array.from({ length: 5 }, (_, index) =>
      put({ country: countries[index % 3]!, index }, { project: 'p', collection: 'c', atMs: nowMs }),
    )
    const filters = [{ property_name: 'country', operator: 'eq', property_value: country }]
    this.append(this.#random() < 0.3 ? [...steps, remove({ project: 'p', allowScan: true, filters })] : steps)
    await this.clock.sleep(Math.floor(this.#random() * 900))
  }

  get movingRows(): RowStore {
    const { rows } = this.resources
    const move = (): Promise<void> => this.move()
    return {
      ...rows,
      async *scan(table, range) {
        for await (const page of rows.scan(table, range)) {
          await move()
          yield page
        }
      },
    }
  }

  get movingLog(): EventLog {
    const fetch: EventLog['fetch'] = async (...asked) => {
      await this.move()
      return this.log.fetch(...asked)
    }
    const { log } = this
    const { id, topic, partitions } = log
    return { id, topic, partitions, bounds: (one) => log.bounds(one), fetch } as EventLog // what the audit calls
  }
}

/** Audits again and again while everything moves. */
const audits = async (seed: number): Promise<readonly AuditReport[]> => {
  const ports = new MovingPorts(seed)
  const run = await ports.start(shop, { knobs: { 'objects.ageMs': 2_000, 'epoch.schemaMs': 1_500 } })
  const reports: AuditReport[] = []
  for (let round = 0; round < 12; round++) {
    await ports.drive(ports.move())
    const { ledger } = ports.resources
    const asked = { topology: shop, rows: ports.movingRows, ledger, logs: { default: ports.movingLog } }
    reports.push(await ports.drive(auditTopology({ ...asked, clock: ports.clock, random: seededRandom(1) })))
  }
  await ports.drive(run.stop())
  return reports
}

const toldIn = ({ differences, problems, counters }: AuditReport): readonly unknown[] => [
  ...differences,
  ...problems,
  ...counters.flatMap((one) => one.problems),
]

test.each([1, 2, 3, 4, 5, 6])('D20: agrees while lanes commit and deletes work, seed %i (I-8)', async (seed) => {
  const reports = await audits(seed)
  expect(reports.flatMap(toldIn)).toEqual([])
  const windows = reports.flatMap(({ sinks }) => sinks.flatMap((one) => one.windows))
  expect(Math.max(...windows.map(({ moving }) => moving))).toBeGreaterThan(0)
  expect(reports.at(-1)!.sinks.every((one) => one.windows.every(({ found }) => found > 0))).toBe(true)
})

test('D20: a ledger that is read once only tells differences that are none', async () => {
  const reports = await planted('audit-one-ledger', () => audits(1))
  expect(reports.flatMap(toldIn)).not.toEqual([])
})
