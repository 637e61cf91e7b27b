/**
 * Everything that a reader sees when a history is caught up, beside what its log says: every view of every sink and
 * replay (I-1, I-3, I-7), the counters (I-8), the dead letters (I-2), and the requests that sinks have appended.
 */
import { partition as toPartition } from '../../../model/position.ts'
import { propagatedId, propagatedRequests, propagatingSink, requestText } from '../truth/propagated-requests.ts'
import { type Truth, truthOf } from '../truth/truth-of.ts'
import { Violation } from '../violation.ts'
import { checkCounters } from './check-counters.ts'
import { checkServed } from './check-served.ts'
import { checkShardsOf, checkStates } from './check-states.ts'
import { checkArchive, checkEventRows, checkMarkedRows, readBucket } from './check-stored.ts'
import { documentOf, documentsIn, type HistoryPlace, isInView, type PlacedDocument, viewsIn } from './history-place.ts'
import { laggingLane } from './lagging-lane.ts'

export interface ViewReading {
  /** How often rows are read. Of three replicas a read asks two that chance has chosen: five readings see every pair. */
  readonly readings?: number
}

/** Throws a `Violation`. */
export const checkViews = async (place: HistoryPlace, { readings = 5 }: ViewReading = {}): Promise<void> => {
  const { topology, resources, logs, schemas } = place
  const { rows, objects, ledger } = resources
  const documents = await documentsIn(ledger, topology.name)
  await checkCaughtUp(place, documents)
  await checkServed(ledger, topology.name, documents)
  const truth = await truthOf(topology, logs, schemas)
  await checkCounters(place, truth, documents)
  await checkPropagated(topology.name, truth, documents)
  const docOf = documentOf(documents)
  const bucket = await readBucket(objects, topology.name)
  for (const { sink, of } of viewsIn(documents)) {
    const node = truth.inputsOf(of)[0]?.node
    if (node?.kind === 'events') await checkMarkedRows(rows, sink)
    if (node === undefined || place.isPartial?.(sink) === true) continue
    const { states, stored } = truth.viewOf(of, (event) => {
      const doc = docOf(event)
      return doc !== undefined && isInView(doc, sink, event)
    })
    if (stored !== undefined && node.kind === 'objects') await checkArchive(place, sink, bucket.get(sink) ?? [], stored)
    for (let reading = 0; reading < readings; reading++) {
      if (stored !== undefined && node.kind === 'events') await checkEventRows(rows, sink, stored)
      if (states === undefined) continue
      await checkStates(rows, sink, node.operator!, states)
      if (reading === 0) await checkShardsOf(rows, sink, node.operator!)
    }
  }
}

/** There is nothing to compare before. */
const checkCaughtUp = async ({ logs }: HistoryPlace, documents: readonly PlacedDocument[]): Promise<void> => {
  for (const { spout, partition, doc } of documents) {
    const log = logs[spout] ?? logs['default']
    const end = (await log?.bounds(toPartition(partition)))?.end ?? 0
    const lagging = laggingLane(doc, end)
    if (lagging !== undefined)
      throw new Violation('I-9', `partition ${partition} of ${spout} is not caught up: ${lagging}`)
  }
}

/** Requests of living events are in the log, and nobody else's are. */
const checkPropagated = async (topology: string, truth: Truth, documents: readonly PlacedDocument[]): Promise<void> => {
  const isPropagating = [...truth.sinks].some((sink) => truth.inputsOf(sink)[0]?.node.sink.name === propagatingSink)
  if (!isPropagating) return
  const docOf = documentOf(documents)
  const { must, may } = await propagatedRequests(topology, truth, (sink, event) => {
    const doc = docOf(event)
    return doc !== undefined && isInView(doc, sink, event)
  })
  const found = new Set<string>()
  for (const { deletes, partition, plan } of truth.partitions)
    for (const { request } of deletes) {
      const id = String(request['id'])
      if (!id.startsWith(propagatedId)) continue
      const text = requestText(plan.spout.name, partition, JSON.stringify(request))
      found.add(text)
      if (!may.has(text)) throw new Violation('I-1', `no event has asked for the delete ${text}`)
    }
  for (const text of must)
    if (!found.has(text)) throw new Violation('I-2', `an event asks for a delete that the log lacks: ${text}`)
}
