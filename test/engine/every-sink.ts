/** A topology with every kind of sink, and the reading of everything that it has written. */
import { map } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, inferSchema, rollup, sum } from 'spillway/operators'
import { defineSink, eventRows, objects, type Sink, tableRows } from 'spillway/sinks'
import { TestResult } from 'spillway/testing'
import { readObjects } from '../../sinks/objects/read-objects.ts'
import { addCounters, lanesOf, noCounters } from '../../topology/engine/ledger/document.ts'
import type { RowStore, TableSpec } from '../../topology/model/ports/row-store.ts'
import type { Resources } from '../../topology/model/run-handle.ts'
import type { Topology } from '../../topology/model/topology.ts'

interface Note {
  readonly offset: number
  readonly timestamp: number
  readonly kind: string
}

const notesTable: TableSpec = {
  name: 'notes',
  partition: [{ name: 'log_partition', type: 'integer' }],
  cluster: [{ name: 'offset', type: 'integer' }],
  columns: [
    { name: 'kind', type: 'text' },
    { name: 'is_gone', type: 'boolean' },
  ],
}

/** A user's sink: one absolute row per tuple, stamped by its place in the log, or by the delete that took it. */
export const notes = (): Sink<Note> =>
  defineSink<Note>({
    sinkKind: 'custom',
    name: 'notes',
    doc: 'one row per note',
    order: 'commutative',
    options: {},
    knobs: {},
    epochAge: 'epoch.ageMs',
    subtracts: true,
    tables: () => [notesTable],
    open: async ({ rows }) => ({
      openEpoch: () => {
        const taken = new Map<number, { kind: string; isGone: boolean }>()
        return {
          add: (tuples, weight) => {
            for (let index = 0; index < tuples.length; index++) {
              const { offset, kind } = tuples.tuple(index)
              if (weight === -1 && taken.has(offset)) taken.delete(offset)
              else taken.set(offset, { kind, isGone: weight === -1 })
            }
          },
          heldBytes: () => taken.size * 64,
          spilledBytes: () => 0,
          write: async (epoch) => {
            for (const [offset, { kind, isGone }] of taken) {
              const stamp = (epoch.retracts?.deleteOffset ?? offset) + 1
              await rows.write(notesTable, [[epoch.partition, offset, isGone ? '' : kind, isGone]], stamp)
            }
            return 'written'
          },
          discard: () => taken.clear(),
        }
      },
      close: async () => {},
    }),
  })

export const everySink: Topology = defineTopology('every', (t) => {
  const events = t.spout('events', log())
  const picked = events.bolt(
    'picky',
    map((event) => {
      if (event.body['poison'] === true) throw new Error(`offset ${event.offset} is poison`)
      return event
    }),
  )
  events.sink('store', eventRows())
  events.bolt('schema', inferSchema()).sink('schemas', tableRows())
  picked
    .bolt('by_kind', rollup({ window: '1 minute', by: ['kind'], values: { orders: count(), value: sum('value') } }))
    .sink('totals', tableRows({ chunkRows: 2 }))
  picked
    .bolt(
      'shorten',
      map(({ offset, timestamp, body }) => ({ offset, timestamp, kind: String(body['kind']) })),
    )
    .sink('notes', notes())
  // Compression would take real time, in which virtual time runs on: the same list would not be the same history.
  events.sink('archive', objects({ compression: 'none' }))
})

const rowsOf = async (rows: RowStore, table: TableSpec): Promise<unknown[]> => {
  await rows.ensureTable(table)
  return (await Array.fromAsync(rows.scan(table))).flat()
}

/** Everything that readers and other programs can see, as plain values. */
export const everythingIn = async (resources: Resources): Promise<Record<string, unknown>> => {
  const result = new TestResult(everySink, resources, 0)
  const objectsFound: Record<string, unknown> = {}
  for await (const { key } of resources.objects.list('')) {
    const { bytes, metadata } = (await resources.objects.read(key))!
    objectsFound[key] = { bytes: Buffer.from(bytes).toString('base64'), metadata }
  }
  const events = await Promise.all(['new', 'old'].map((collection) => result.events('store', collection)))
  const letters = (await result.deadLetters()).map(({ partition, offset, sink, cause, raw }) =>
    JSON.stringify([partition, offset, sink, cause, Buffer.from(raw).toString()]),
  )
  return {
    events,
    schemas: await result.states('schemas'),
    totals: await result.states('totals'),
    notes: await rowsOf(resources.rows, notesTable),
    objects: objectsFound,
    manifest: await Array.fromAsync(readObjects({ rows: resources.rows, topology: 'every' })),
    letters: letters.sort(),
    counters: await countersOf(result),
  }
}

/** Counters per partition and sink: received = applied + dead-lettered + dropped is checked on the way. */
const countersOf = async (result: TestResult): Promise<Record<string, unknown>> => {
  const found: Record<string, unknown> = {}
  for (const [place, doc] of Object.entries(await result.ledger())) {
    for (const [sink, state] of Object.entries(doc.sinks)) {
      const open = lanesOf(doc, sink).map(([, lane]) => lane.counters)
      const sum = open.reduce(addCounters, addCounters(noCounters, state.counters))
      if (sum.received !== sum.applied + sum.deadLettered + sum.dropped) throw new Error(`I-8: ${JSON.stringify(sum)}`)
      found[`${place} ${sink}`] = sum
    }
  }
  return found
}
