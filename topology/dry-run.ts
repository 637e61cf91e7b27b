/**
 * Runs a topology over a slice of its logs and touches nothing: the engine, the decoder and the sinks are those of a run,
 * the stores and the ledger are in memory and forgotten. A sink of the user's own is not opened; what it would be given is
 * counted. So what is told is what a run would do.
 */
import { createMemoryObjects } from '../sinks/objects/memory/memory-objects.ts'
import { listDeadLetters } from '../sinks/rows/dead-letters.ts'
import { createMemoryLedger } from '../sinks/rows/memory/memory-ledger.ts'
import { createMemoryRows } from '../sinks/rows/memory/memory-rows.ts'
import { beginReplay } from './begin-replay.ts'
import { addCounters, lanesOf, noCounters } from './engine/ledger/document.ts'
import { LogSlice, type Slices } from './log-slice.ts'
import type { Counters, ReplayRequest } from './model/ledger-document.ts'
import { namespacedSink } from './model/namespace.ts'
import { plantedFaults } from './model/planted-faults.ts'
import type { Clock } from './model/ports/clock.ts'
import type { EventLog } from './model/ports/event-log.ts'
import type { ObjectStore } from './model/ports/object-store.ts'
import type { Random } from './model/ports/random.ts'
import type { RowStore } from './model/ports/row-store.ts'
import type { Resources, RunOptions, RunOutcome } from './model/run-handle.ts'
import type { OpenEpoch, Sink, SinkWriter } from './model/sink.ts'
import type { SinkNode, Topology } from './model/topology.ts'
import { startRun } from './start-run.ts'

export interface DryRunOptions extends Pick<RunOptions, 'knobs' | 'only' | 'signal' | 'file'> {
  readonly logs: Readonly<Record<string, EventLog>>
  /** What of a log is read, by the id of the log. */
  readonly slices: ReadonlyMap<string, Slices>
  readonly clock: Clock
  readonly random: Random
  /** Behind the run a replay of the slice is played, and what that would write is told instead. */
  readonly replay?: Pick<ReplayRequest, 'tenant' | 'timeframe'>
}

/** What a sink would have done. */
export interface DrySink {
  readonly name: string
  readonly kind: Sink['sinkKind']
  readonly counters: Counters
  /** Given to the sink, or to the state operator above it. */
  readonly tuples: number
  /** Rows written and the requests that they take; of objects sinks the manifest is left out. */
  readonly rows: number
  readonly objects: number
  readonly objectBytes: number
  readonly requests: number
}

export interface DryDeadLetters {
  readonly cause: string
  /** `*`: every sink. */
  readonly sink: string
  readonly count: number
  /** Of the first one. */
  readonly message: string
  readonly place: string
}

export interface DryRun {
  readonly outcome: RunOutcome
  readonly records: number
  readonly bytes: number
  readonly sinks: readonly DrySink[]
  readonly deadLetters: readonly DryDeadLetters[]
}

/** Throws as `startRun` does. */
export const dryRun = async (topology: Topology, options: DryRunOptions): Promise<DryRun> => {
  const { clock, random, replay } = options
  // Spouts may share a log.
  const sliced = new Map<string, LogSlice>()
  const sliceOf = (log: EventLog): LogSlice => {
    const found = sliced.get(log.id) ?? new LogSlice(log, options.slices.get(log.id) ?? [], clock)
    sliced.set(log.id, found)
    return found
  }
  const logs = Object.fromEntries(Object.entries(options.logs).map(([name, log]) => [name, sliceOf(log)]))
  const tallies = new Tallies()
  const resources: Resources = {
    logs,
    rows: tallies.watchRows(createMemoryRows()),
    ledger: createMemoryLedger(),
    objects: tallies.watchObjects(createMemoryObjects()),
  }
  const watched = { ...topology, sinks: topology.sinks.map((node) => tallies.watchSink(node)) }
  const { knobs, only, signal, file } = options
  const given = { knobs, only, signal, file }
  const kept = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const run = async (): Promise<RunOutcome> =>
    (await startRun(watched, resources, { untilCaughtUp: true, clock, random, ...kept })).ended
  let outcome = await run()
  const { records, bytes } = readIn([...sliced.values()])
  if (replay !== undefined && outcome.error === undefined) {
    const request = { namespace: dryNamespace, fromMs: 0, toMs: null, ...replay }
    await beginReplay(watched, { ...resources, clock, random }, request, signal ?? new AbortController().signal)
    outcome = await run()
  }
  const namespace = replay === undefined ? undefined : dryNamespace
  const counters = await countersOf(resources, topology.name)
  const sinks = topology.sinks.flatMap(({ name, sink }) => {
    const stored = namespacedSink(name, namespace)
    const found = counters.get(stored)
    return found === undefined ? [] : [{ name, kind: sink.sinkKind, counters: found, ...tallies.of(stored) }]
  })
  return { outcome, records, bytes, sinks, deadLetters: await lettersOf(resources.rows, topology.name) }
}

const dryNamespace = 'dry'

const readIn = (logs: readonly LogSlice[]): { readonly records: number; readonly bytes: number } => {
  let [records, bytes] = [0, 0]
  for (const log of logs) {
    records += log.records
    bytes += log.bytes
  }
  return { records, bytes }
}

const countersOf = async ({ ledger }: Resources, topology: string): Promise<ReadonlyMap<string, Counters>> => {
  const found = new Map<string, Counters>()
  for (const key of await ledger.keys(topology)) {
    const doc = await ledger.read(key)
    for (const [name, sink] of Object.entries(doc?.sinks ?? {})) {
      const open = lanesOf(doc!, name).map(([, lane]) => lane.counters)
      found.set(name, [sink.counters, ...open].reduce(addCounters, found.get(name) ?? noCounters))
    }
  }
  return found
}

const lettersOf = async (rows: RowStore, topology: string): Promise<readonly DryDeadLetters[]> => {
  const found = new Map<string, { count: number; readonly first: Omit<DryDeadLetters, 'count'> }>()
  for await (const { cause, sink, message, topic, partition, offset } of listDeadLetters(rows, topology)) {
    const known = found.get(`${cause} ${sink}`)
    if (known !== undefined) known.count++
    else
      found.set(`${cause} ${sink}`, {
        count: 1,
        first: { cause, sink, message, place: `${topic}/${partition} at ${offset}` },
      })
  }
  return [...found.values()]
    .map(({ count, first }) => ({ ...first, count }))
    .sort((one, other) => other.count - one.count)
}

type Tally = { -readonly [Name in 'tuples' | 'rows' | 'objects' | 'objectBytes' | 'requests']: DrySink[Name] }

/** Counts by sink what is written to its tables and under its name. */
class Tallies {
  readonly #bySink = new Map<string, Tally>()

  of(sink: string): Tally {
    const found = this.#bySink.get(sink) ?? { tuples: 0, rows: 0, objects: 0, objectBytes: 0, requests: 0 }
    this.#bySink.set(sink, found)
    return found
  }

  /** Tables are named by their sinks. */
  watchRows(rows: RowStore): RowStore {
    return {
      ...rows,
      write: (table, written, stamps) => {
        const tally = this.of(table.name)
        tally.rows += written.length
        tally.requests++
        return rows.write(table, written, stamps)
      },
    }
  }

  watchObjects(objects: ObjectStore): ObjectStore {
    return {
      ...objects,
      create: async (key, body, metadata) => {
        const created = await objects.create(key, body, metadata)
        const tally = this.of(metadata['sink'] ?? '')
        tally.objects++
        tally.requests++
        tally.objectBytes += (await objects.head(key))?.byteLength ?? 0
        return created
      },
    }
  }

  /** A sink of the user's own would write who knows where: it is not opened. */
  watchSink(node: SinkNode): SinkNode {
    const { sink } = node
    const open: Sink['open'] = async (context) => {
      const isIdle = sink.sinkKind === 'custom' && !plantedFaults.has('dry-run-opens-sinks')
      const writer = isIdle ? idleWriter : await sink.open(context)
      const openEpoch = (): OpenEpoch => this.#counting(context.sink, writer.openEpoch())
      return { openEpoch, close: () => writer.close() }
    }
    return { ...node, sink: { ...sink, open } }
  }

  #counting(sink: string, epoch: OpenEpoch): OpenEpoch {
    const tally = this.of(sink)
    // Prototypes hold the methods of epochs, so they are called where they are.
    return new Proxy(epoch, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        if (name !== 'add') return value.bind(target)
        return (...[tuples, weight]: Parameters<OpenEpoch['add']>) => {
          tally.tuples += weight * tuples.length
          target.add(tuples, weight)
        }
      },
    })
  }
}

const idleWriter: SinkWriter = {
  openEpoch: () => ({
    add: () => undefined,
    heldBytes: () => 0,
    spilledBytes: () => 0,
    write: async () => 'written',
    discard: () => undefined,
  }),
  close: async () => undefined,
}
