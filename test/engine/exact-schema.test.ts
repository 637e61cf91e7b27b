/** The schema under cuts, deletes, a store that hangs and names without number (INCIDENTS: B3, B4, B17). */
import { defineTopology, log } from 'spillway'
import { inferSchema } from 'spillway/operators'
import { eventRows, readSchema, tableRows } from 'spillway/sinks'
import {
  advance,
  CRASH,
  cut,
  put,
  remove,
  settle,
  type TestResult,
  type TestStep,
  testTopology,
} from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { readCatalogue } from '../../sinks/rows/topology-catalogue.ts'
import { readFreshness } from '../../topology/cli/read-freshness.ts'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import { movies } from '../operators/sample-data.ts'
import { trueProperties } from '../oracle/recompute-schema.ts'
import { GivenPorts } from './given-ports.ts'
import { withFetch } from './with-fetch.ts'

const topology = defineTopology('films', (t) => {
  const events = t.spout('events', log())
  events.sink('store', eventRows())
  events.bolt('schema', inferSchema()).sink('schemas', tableRows())
})

const films = movies().map(({ body }) => body)
const putFilms = films.map((body, index) =>
  put({ ...body }, { project: 'vega', collection: 'movies', partition: index % 2 }),
)

const schemaIn = async ({ resources: { rows } }: Pick<TestResult, 'resources'>) => {
  const [schema] = await readSchema({ rows, sink: 'schemas', collection: 'movies' })
  return schema!
}

const seen = (properties: Awaited<ReturnType<typeof schemaIn>>['properties']) =>
  Object.fromEntries(Object.entries(properties).map(([path, { type, count, types }]) => [path, { type, count, types }]))

const ways: readonly (readonly [string, readonly TestStep[], Readonly<Record<string, number>>])[] = [
  ['in one go', putFilms, {}],
  ['in batches of 37', putFilms, { 'batch.records': 37, 'epoch.records': 1_000 }],
  ['in lanes', [...putFilms, cut('schemas', 5), settle], { 'batch.records': 100 }],
  [
    'through crashes',
    [...putFilms.slice(0, 900), CRASH, ...putFilms.slice(900), CRASH, advance('2 minutes'), CRASH],
    {},
  ],
]

describe.each(ways)('movies read %s', (_way, steps, knobs) => {
  test('B3: Title is string 3191, num 9, null 1, and every count is that of the data', async () => {
    const schema = await schemaIn(await testTopology(topology, { knobs }).run(steps))
    expect(schema.properties['Title']?.types).toEqual({ string: 3_191, num: 9, null: 1 })
    expect(schema).toMatchObject({ events: 3_201, approximate: false })
    expect(seen(schema.properties)).toEqual(trueProperties(films))
  })

  test('B3: without the 9 numeric titles it is what the others alone give', async () => {
    const numbers = films.flatMap((film) => Reflect.get(film, 'Title')).filter((title) => typeof title === 'number')
    const filters = [{ property_name: 'Title', operator: 'in', property_value: numbers }]
    const gone = remove({ collection: 'movies', project: 'vega', filters })
    const schema = await schemaIn(await testTopology(topology, { knobs }).run([...steps, gone]))
    expect(schema).toMatchObject({ events: 3_192, approximate: false })
    expect(seen(schema.properties)).toEqual(
      trueProperties(films.filter((film) => typeof Reflect.get(film, 'Title') !== 'number')),
    )
  })
})

const small = (from: number, to: number): readonly TestStep[] =>
  Array.from({ length: to - from }, (_, index) =>
    put({ number: from + index, isOdd: (from + index) % 2 === 1, [`k${index % 3}`]: [{ x: null }] }, given),
  )
const given = { project: 'vega', collection: 'movies', partition: 0 }

/** Counts what is asked of the rows, and keeps the writes of the schema waiting while its gate is shut. */
class WatchedRows {
  gate: Promise<void> = Promise.resolve()
  readonly scans: string[] = []
  read = 0
  written = 0

  around(rows: RowStore): RowStore {
    return {
      name: rows.name,
      ensureTable: (table) => rows.ensureTable(table),
      close: () => rows.close(),
      scan: (table, range) => {
        this.scans.push(table.name)
        return rows.scan(table, range)
      },
      read: (table, keys) => {
        if (table.name === 'schemas') this.read += keys.length
        return rows.read(table, keys)
      },
      write: async (table, list, stamps) => {
        if (table.name !== 'schemas') return rows.write(table, list, stamps)
        await this.gate
        this.written += list.length
        return rows.write(table, list, stamps)
      },
    }
  }
}

class GivenSchema extends GivenPorts {
  readonly rows = new WatchedRows()
  /** Records that were fetched. */
  fetched = 0

  constructor() {
    super()
    const watched = withFetch(this.log, async (fetch) => {
      const batch = await fetch()
      this.fetched += batch.records.length
      return batch
    })
    this.resources = { ...this.resources, rows: this.rows.around(this.resources.rows), logs: { default: watched } }
  }

  async asOf(): Promise<Readonly<Record<string, number>>> {
    const entry = await readCatalogue(this.resources.rows, 'films')
    return (await readFreshness(entry!, 'schemas', this.resources.ledger, () => this.log, this.clock.nowMs())).asOf
  }

  forget(): void {
    this.fetched = 0
    this.rows.scans.length = 0
    this.rows.read = 0
    this.rows.written = 0
  }
}

describe('the branch of the schema', () => {
  /** Second by second, how far the event rows are and how far the schema says it is. */
  const play = async (gate: Promise<void>): Promise<readonly (readonly [stored: number, asOf: number])[]> => {
    const ports = new GivenSchema()
    ports.rows.gate = gate
    const run = await ports.start(topology, { knobs: { 'epoch.schemaMs': 1_000 } })
    const places: [number, number][] = []
    for (let second = 0; second < 20; second += 1) {
      ports.append(small(second * 10, second * 10 + 10))
      await ports.pass(1_000)
      const stored = run.status().lanes.find(({ sink }) => sink === 'store')!.at
      places.push([stored, (await ports.asOf())['0']!])
    }
    return places
  }

  test('B4: when it is blocked the event rows are written as soon as without it, and as_of stands still', async () => {
    const free = await play(Promise.resolve())
    const blocked = await play(new Promise(() => undefined))
    expect(blocked.map(([stored]) => stored)).toEqual(free.map(([stored]) => stored))
    expect(free.at(-1)![0]).toBeGreaterThanOrEqual(190)
    expect(free.at(-1)![1]).toBeGreaterThanOrEqual(180)
    expect(blocked.map(([, asOf]) => asOf)).toEqual(blocked.map(() => 0))
  })
})

describe('B17: deleting half of a collection', () => {
  const halved = async (count: number): Promise<GivenSchema> => {
    const ports = new GivenSchema()
    ports.append(small(0, count))
    await ports.run(topology)
    ports.forget()
    const filters = [{ property_name: 'isOdd', operator: 'eq', property_value: true }]
    ports.append([remove({ project: 'vega', collection: 'movies', filters })])
    await ports.run(topology)
    return ports
  }

  test('leaves the counts of the other half, by one pass over the log and without a scan of any row', async () => {
    const ports = await halved(3_000)
    const { rows, fetched } = ports
    const scans = [...rows.scans]
    const schema = await schemaIn(ports)
    expect(schema).toMatchObject({ events: 1_500, approximate: false })
    const left = Array.from({ length: 3_000 }, (_, index) => index).filter((index) => index % 2 === 0)
    const body = (index: number) => ({ number: index, isOdd: false, [`k${index % 3}`]: [{ x: null }] })
    expect(seen(schema.properties)).toEqual(trueProperties(left.map(body)))
    expect(scans.filter((table) => table === 'schemas' || table === 'store')).toEqual([])
    // Once for each of the two sinks at most, and the record of the delete itself.
    expect(fetched).toBeLessThan(2 * 3_000 + 10)
  })

  test('touches as many rows of the schema whatever the number of events', async () => {
    const [few, many] = [await halved(500), await halved(4_000)]
    expect(few.rows.written).toBeGreaterThan(0)
    expect([many.rows.read, many.rows.written]).toEqual([few.rows.read, few.rows.written])
  })
})

test('names without number close an epoch early, and the run stays within its budget (I-6)', async () => {
  const ports = new GivenSchema()
  const bodies = Array.from({ length: 9_000 }, (_, index) =>
    Object.fromEntries(Array.from({ length: 20 }, (__, name) => [`${index}_${name}`, 1])),
  )
  ports.append(bodies.map((counts) => put({ counts }, given)))
  const patient = {
    'epoch.schemaMs': 3_600_000,
    'epoch.bytes': 1_073_741_824,
    'epoch.records': 10_000_000,
    'fetch.partitionBytes': 65_536,
  }
  await ports.run(topology, { knobs: { ...patient, 'memory.budgetBytes': 67_108_864 } })
  // Each epoch writes all 16 rows: without pressure there is one.
  expect(ports.rows.written).toBeGreaterThanOrEqual(2 * 16)
  const schema = await schemaIn(ports)
  expect(schema.properties).toEqual({
    'counts.*': { type: 'num', count: 180_000, types: { num: 180_000 }, present: 1 },
  })
})
