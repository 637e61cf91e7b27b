/** What every reader must see when all is done: each view against the slow truth, shard by shard, on every quorum. */
import { committedObjects, readObjects } from '../../sinks/objects/read-objects.ts'
import { readSchema } from '../../sinks/rows/read-schema.ts'
import { stateLayout, stateTable } from '../../sinks/rows/state-table.ts'
import { addCounters, lanesOf, noCounters } from '../../topology/engine/ledger/document.ts'
import { inScope } from '../../topology/engine/ledger/tenant-scope.ts'
import type { JsonObject } from '../../topology/model/json.ts'
import type { LedgerDocument } from '../../topology/model/ledger-document.ts'
import type { EventLog } from '../../topology/model/ports/event-log.ts'
import type { Resources } from '../../topology/model/run-handle.ts'
import type { TestResult } from '../../topology/testing/test-result.ts'
import { readWholeLog, type TrueEvent, type TrueRecords } from '../oracle/read-whole-log.ts'
import { schemaCounts } from '../oracle/recompute-schema.ts'
import { ordersOperator, sinkNames } from './orders-topology.ts'

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

export const checkViews = async (result: TestResult, resources: Resources, log: EventLog): Promise<void> => {
  const truth = await readWholeLog(log)
  const docs = Object.values(await result.ledger())
  for (const [place, doc] of docs.entries()) {
    checkTiling(doc, truth, place)
    checkCounters(doc, truth, place)
    checkDeadLetters(doc, truth, place)
  }
  const wanted = (sink: string): readonly TrueEvent[] =>
    truth.alive.filter(({ partition, offset }) => !isSkipped(docs[partition], sink, offset))
  await checkArchive(result, resources, wanted('archive'))
  for (let reading = 0; reading < readings; reading++) {
    await checkTotals(result, resources, wanted('totals'))
    await checkStore(result, wanted('store'))
    await checkShapes(resources, wanted('shapes'))
  }
}

const isSkipped = (doc: LedgerDocument | undefined, sink: string, offset: number): boolean =>
  doc?.deadLetters[sink]?.some(([from, to]) => offset >= from && offset < to) ?? false

/** I-5: each offset and tenant is in exactly one lane or finished range of each sink. */
const checkTiling = (doc: LedgerDocument, truth: TrueRecords, place: number): void => {
  for (const sink of sinkNames) {
    const segments = [...doc.sinks[sink]!.homes, ...lanesOf(doc, sink).map(([, lane]) => lane)]
    for (const event of truth.events) {
      if (event.partition !== place) continue
      const count = segments.filter(
        ({ from, to, tenants }) =>
          event.offset >= from && event.offset < (to ?? Number.POSITIVE_INFINITY) && inScope(tenants, event.project),
      ).length
      if (count !== 1) throw new Violation(`I-5: ${sink} has ${count} ranges for ${place}@${event.offset}`)
    }
  }
}

/** I-8, and I-2 as a count: every record was received once. */
const checkCounters = (doc: LedgerDocument, truth: TrueRecords, place: number): void => {
  const received = truth.events.filter((event) => event.partition === place).length
  for (const sink of sinkNames) {
    const all = lanesOf(doc, sink).map(([, lane]) => lane.counters)
    const sum = all.reduce(addCounters, addCounters(noCounters, doc.sinks[sink]!.counters))
    same(`I-8 ${sink}/${place} received`, sum.received, received)
    same(`I-8 ${sink}/${place} parts`, sum.applied + sum.deadLettered + sum.dropped, sum.received)
  }
}

const checkDeadLetters = (doc: LedgerDocument, truth: TrueRecords, place: number): void => {
  for (const event of truth.alive)
    if (event.partition === place && 'poison' in event.body && !isSkipped(doc, 'shapes', event.offset))
      throw new Violation(`I-2: poison ${place}@${event.offset} is not dead-lettered`)
}

const checkTotals = async (result: TestResult, resources: Resources, events: readonly TrueEvent[]): Promise<void> => {
  const layout = stateLayout(ordersOperator)
  for await (const page of resources.rows.scan(stateTable('totals', ordersOperator))) {
    for (const row of page) {
      const orders = Number(row[layout.fullKeyCells])
      if (orders < 0) throw new Violation(`I-3: a shard of totals holds ${orders}: ${JSON.stringify(row)}`)
    }
  }
  const keyOf = (event: TrueEvent): string =>
    `${event.project} ${String(event.body['kind'])} ${Math.floor(event.timeMs / 60_000)}`
  const groups = Map.groupBy(events, keyOf)
  const wanted = [...groups]
    .map(([key, of]) => [key, of.length, of.reduce((total, event) => total + Number(event.body['value']), 0)])
    .sort()
  const found = (await result.rows('totals')).map((row) => {
    const window = Number(new Date(String(row['window_start'])))
    const minutes = Number.isNaN(window) ? Number(row['window_start']) : window
    return [
      `${String(row['project'])} ${String(row['kind'])} ${Math.floor(minutes / 60_000)}`,
      row['orders'],
      row['value'],
    ]
  })
  same('totals', found.sort(), wanted)
}

const checkStore = async (result: TestResult, events: readonly TrueEvent[]): Promise<void> => {
  const found: JsonObject[] = []
  for (const collection of ['new', 'old']) found.push(...(await result.events('store', collection)))
  same('event rows', found.map(placeOf).sort(), places(events))
}

/** Bodies carry their own place, so that a view can be compared without decoding ids. */
const placeOf = (event: JsonObject): string => String(event['place'])

const checkShapes = async (resources: Resources, events: readonly TrueEvent[]): Promise<void> => {
  const found = (await readSchema({ rows: resources.rows, sink: 'shapes' })).map((one) => [
    one.collection,
    one.events,
    Object.entries(one.properties)
      .flatMap(([path, { types }]) => Object.entries(types).map(([type, count]) => `${type} ${path} ${count}`))
      .sort(),
  ])
  const wanted = [...Map.groupBy(events, (event) => event.collection)]
    .sort()
    .map(([collection, of]) => [
      collection,
      of.length,
      [...schemaCounts(of.map((event) => event.body))].map(([pair, count]) => `${pair} ${count}`).sort(),
    ])
  same('schema', found, wanted)
}

/** By listing the bucket, and by the manifest. */
const checkArchive = async (result: TestResult, resources: Resources, events: readonly TrueEvent[]): Promise<void> => {
  const objects = await result.objects()
  same('objects', Object.values(objects).flat().map(placeOf).sort(), places(events))
  const isCommitted = await committedObjects(resources.ledger, 'orders')
  let count = 0
  for await (const object of readObjects({ rows: resources.rows, topology: 'orders', isCommitted }))
    count += object.count
  same('events in the manifest', count, events.length)
}
