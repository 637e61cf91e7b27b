/** What every reader must see when all is done: each view against the slow truth, shard by shard, on every quorum. */
import { committedObjects, readObjects } from '../../sinks/objects/read-objects.ts'
import { readSchema } from '../../sinks/rows/read-schema.ts'
import { stateLayout, stateTable } from '../../sinks/rows/state-table.ts'
import { addCounters, isDeadLettered, lanesOf, noCounters } from '../../topology/engine/ledger/document.ts'
import { namespacesIn } from '../../topology/engine/ledger/replay-progress.ts'
import { inScope } from '../../topology/engine/ledger/tenant-scope.ts'
import type { JsonObject } from '../../topology/model/json.ts'
import type { LedgerDocument } from '../../topology/model/ledger-document.ts'
import { namespacedSink, namespaceOf } from '../../topology/model/namespace.ts'
import type { EventLog } from '../../topology/model/ports/event-log.ts'
import type { Resources } from '../../topology/model/run-handle.ts'
import type { TestResult } from '../../topology/testing/test-result.ts'
import { readWholeLog, type TrueEvent, type TrueRecords } from '../oracle/read-whole-log.ts'
import { schemaCounts } from '../oracle/recompute-schema.ts'
import { ordersPlan } from './orders-topology.ts'

/** A violation of the protocol, told as what a reader sees. */
export class Violation extends Error {}

const same = (what: string, found: unknown, wanted: unknown): void => {
  const [left, right] = [JSON.stringify(found), JSON.stringify(wanted)]
  if (left !== right) throw new Violation(`${what}: found ${left}, the log says ${right}`)
}

const places = (events: readonly TrueEvent[]): readonly string[] =>
  events.map((event) => `${event.partition}@${event.offset}`).sort()

// A read asks two replicas chosen by chance: enough readings see every pair.
const readings = 5

/** The declared sinks, or those of one replay, and what of the log they have to show. */
interface View {
  readonly result: TestResult
  readonly resources: Resources
  readonly namespace: string | undefined
  readonly of: (base: string) => readonly TrueEvent[]
}

/** `log`: all that was ever in it. */
export const checkViews = async (result: TestResult, resources: Resources, log: EventLog): Promise<void> => {
  const truth = await readWholeLog(log)
  const [doc] = Object.values(await result.ledger())
  if (doc === undefined) return same('documents', 0, 1)
  for (const sink of Object.keys(doc.sinks)) checkSink(doc, truth, sink)
  for (const namespace of [undefined, ...new Set(namespacesIn(doc))]) {
    const of = (base: string): readonly TrueEvent[] => {
      const sink = namespacedSink(base, namespace)
      return truth.alive.filter((event) => isInRange(doc, sink, event) && !isDeadLettered(doc, sink, event.offset))
    }
    const view = { result, resources, namespace, of }
    await checkArchive(view)
    for (let reading = 0; reading < readings; reading++) {
      await checkTotals(view)
      await checkStore(view)
      await checkShapes(view)
    }
  }
}

const isInRange = (
  doc: LedgerDocument,
  sink: string,
  { offset, project }: Pick<TrueEvent, 'offset' | 'project'>,
): boolean => {
  const { from, to, replay } = doc.sinks[sink]!
  if (replay?.tenant !== undefined && replay.tenant !== project) return false
  return offset >= from && offset < (to ?? Number.POSITIVE_INFINITY)
}

const checkSink = (doc: LedgerDocument, truth: TrueRecords, sink: string): void => {
  // What was dropped is read no further.
  if (doc.sinks[sink]!.lapsed === true) return
  const read = truth.events.filter((event) => isInRange(doc, sink, event))
  const segments = [...doc.sinks[sink]!.homes, ...lanesOf(doc, sink).map(([, lane]) => lane)]
  for (const { offset, project } of truth.events) {
    const count = segments.filter(
      ({ from, to, tenants }) =>
        offset >= from && offset < (to ?? Number.POSITIVE_INFINITY) && inScope(tenants, project),
    ).length
    const wanted = isInRange(doc, sink, { offset, project }) ? 1 : 0
    if (count !== wanted) throw new Violation(`I-5: ${sink} has ${count} ranges for ${offset}`)
  }
  const counters = lanesOf(doc, sink).map(([, lane]) => lane.counters)
  const sum = counters.reduce(addCounters, addCounters(noCounters, doc.sinks[sink]!.counters))
  same(`I-8, I-2 ${sink} received`, sum.received, read.length)
  same(`I-8 ${sink} parts`, sum.applied + sum.deadLettered + sum.dropped, sum.received)
  if (namespacedSink('shapes', namespaceOf(sink)) !== sink) return
  for (const { offset, project, body } of truth.alive)
    if (isInRange(doc, sink, { offset, project }) && 'poison' in body && !isDeadLettered(doc, sink, offset))
      throw new Violation(`I-2: poison ${offset} is not dead-lettered for ${sink}`)
}

/** What a reader may see at any moment: no shard has lost more than it had taken. */
export const checkShards = async (resources: Resources, sinks: readonly string[]): Promise<void> => {
  for (const { name, operator } of ordersPlan.sinks) {
    if (operator === undefined) continue
    const { fullKeyCells } = stateLayout(operator)
    for (const sink of sinks) {
      if (namespacedSink(name, namespaceOf(sink)) !== sink) continue
      for await (const page of resources.rows.scan(stateTable(sink, operator)))
        for (const row of page)
          if (Number(row[fullKeyCells]) < 0) throw new Violation(`I-3: a shard of ${sink} holds ${JSON.stringify(row)}`)
    }
  }
}

const checkTotals = async ({ result, resources, namespace, of }: View): Promise<void> => {
  await checkShards(resources, [namespacedSink('totals', namespace)])
  const keyOf = (event: TrueEvent): string =>
    `${event.project} ${String(event.body['kind'])} ${Math.floor(event.timeMs / 60_000)}`
  const wanted = [...Map.groupBy(of('totals'), keyOf)]
    .map(([key, of]) => [key, of.length, of.reduce((total, event) => total + Number(event.body['value']), 0)])
    .sort()
  const found = (await result.rows('totals', namespace)).map((row) => {
    const window = Number(new Date(String(row['window_start'])))
    const minutes = Number.isNaN(window) ? Number(row['window_start']) : window
    return [
      `${String(row['project'])} ${String(row['kind'])} ${Math.floor(minutes / 60_000)}`,
      row['orders'],
      row['value'],
    ]
  })
  same(namespacedSink('totals', namespace), found.sort(), wanted)
}

const checkStore = async ({ result, namespace, of }: View): Promise<void> => {
  const found: JsonObject[] = []
  for (const collection of ['new', 'old'])
    found.push(...(await result.events('store', collection, undefined, namespace)))
  same(namespacedSink('event rows', namespace), found.map(placeOf).sort(), places(of('store')))
}

/** Bodies carry their own place, so that a view can be compared without decoding ids. */
const placeOf = (event: JsonObject): string => String(event['place'])

const checkShapes = async ({ resources, namespace, of }: View): Promise<void> => {
  const sink = namespacedSink('shapes', namespace)
  const found = (await readSchema({ rows: resources.rows, sink })).map((one) => [
    one.collection,
    one.events,
    Object.entries(one.properties)
      .flatMap(([path, { types }]) => Object.entries(types).map(([type, count]) => `${type} ${path} ${count}`))
      .sort(),
  ])
  const wanted = [...Map.groupBy(of('shapes'), (event) => event.collection)]
    .sort()
    .map(([collection, of]) => [
      collection,
      of.length,
      [...schemaCounts(of.map((event) => event.body))].map(([pair, count]) => `${pair} ${count}`).sort(),
    ])
  same(sink, found, wanted)
}

/** By listing the bucket, and by the manifest. */
const checkArchive = async ({ result, resources, namespace, of }: View): Promise<void> => {
  const objects = await result.objects(namespace)
  const events = of('archive')
  const sink = namespacedSink('archive', namespace)
  same(sink, Object.values(objects).flat().map(placeOf).sort(), places(events))
  const isCommitted = await committedObjects(resources.ledger, 'orders')
  let count = 0
  const inside = namespace === undefined ? {} : { namespace }
  for await (const object of readObjects({ rows: resources.rows, topology: 'orders', ...inside, isCommitted }))
    count += object.count
  same(`${sink} by the manifest`, count, events.length)
}
