/**
 * What readers may see at any moment, in the middle of everything: no shard has lost more than it had taken, and what a
 * delete has taken out of a sink stays gone (I-3).
 */
import { readEventRows } from '../../../../sinks/rows/read-event-rows.ts'
import type { LedgerDocument } from '../../../model/ledger-document.ts'
import type { EventLog } from '../../../model/ports/event-log.ts'
import { partition as toPartition } from '../../../model/position.ts'
import { readTrueLog, type TrueEvent, type TruePartition } from '../truth/read-true-log.ts'
import { isTakenBy } from '../truth/true-delete.ts'
import { Violation } from '../violation.ts'
import { checkShardsOf } from './check-states.ts'
import { idOfLine, readBucket } from './check-stored.ts'
import {
  documentOf,
  documentsIn,
  type HistoryPlace,
  type PlacedDocument,
  type ViewName,
  viewsIn,
} from './history-place.ts'

/** Throws a `Violation`. */
export const checkMoment = async (place: HistoryPlace): Promise<void> => {
  const { topology, resources } = place
  const documents = await documentsIn(resources.ledger, topology.name)
  if (documents.length === 0) return
  const partitions = await partitionsNow(place)
  const views = viewsIn(documents)
  for (const { sink, of } of views) {
    const operator = partitions.flatMap(({ plan }) => plan.sinks).find(({ name }) => name === of)?.operator
    if (operator !== undefined) await checkShardsOf(resources.rows, sink, operator)
  }
  const whole = views.filter(({ sink }) => place.isPartial?.(sink) !== true)
  const gone = goneIn(partitions, documents, whole)
  if (gone.size > 0) await checkGone(place, gone)
}

const read = new WeakMap<HistoryPlace, { readonly ends: string; readonly partitions: readonly TruePartition[] }>()

/** Decoded anew only when something was appended. */
const partitionsNow = async (place: HistoryPlace): Promise<readonly TruePartition[]> => {
  const { topology, logs, schemas } = place
  const ends = (await Promise.all(Object.values(logs).map(endsOf))).join()
  const known = read.get(place)
  if (known?.ends === ends) return known.partitions
  const partitions = await readTrueLog(topology, logs, schemas)
  read.set(place, { ends, partitions })
  return partitions
}

const endsOf = async (log: EventLog): Promise<string> => {
  const places = Array.from({ length: log.partitions }, (_, place) => log.bounds(toPartition(place)))
  return (await Promise.all(places)).map(({ end }) => end).join(' ')
}

/** Events, by `spout id`, that no reader of a view may show, by the sink of the view. */
const goneIn = (
  partitions: readonly TruePartition[],
  documents: readonly PlacedDocument[],
  views: readonly ViewName[],
): ReadonlyMap<string, ReadonlyMap<string, TrueEvent>> => {
  const docOf = documentOf(documents)
  const gone = new Map<string, Map<string, TrueEvent>>()
  for (const of of partitions) {
    const doc = docOf({ spout: of.plan.spout.name, partition: of.partition })
    if (doc === undefined) continue
    for (const event of of.events) {
      if (!event.isDead) continue
      for (const { sink, of: base } of views) {
        const kind = of.plan.sinks.find(({ name }) => name === base)?.kind
        if ((kind !== 'events' && kind !== 'objects') || !isGone(of, doc, sink, event)) continue
        gone.set(sink, (gone.get(sink) ?? new Map()).set(`${event.spout} ${event.id}`, event))
      }
    }
  }
  return gone
}

/** An event belongs to the first listed delete that takes it. Which of several that is does not matter when all are done. */
const isGone = (of: TruePartition, doc: LedgerDocument, sink: string, event: TrueEvent): boolean => {
  if (doc.sinks[sink] === undefined || doc.sinks[sink].lapsed === true) return false
  let isTaken = false
  for (const one of of.deletes) {
    if (!isTakenBy(one, of.batch, event.index)) continue
    const state = stateOf(doc, one.offset, sink)
    if (state === 'open') return false
    isTaken ||= state === 'done'
  }
  return isTaken
}

const stateOf = (doc: LedgerDocument, offset: number, sink: string): 'unlisted' | 'open' | 'done' => {
  const entry = doc.deletes.find(({ offsets }) => offsets.some(([from, to]) => offset >= from && offset < to))
  // Below the point to which all are listed, what is not in the list is archived: it was done everywhere.
  if (entry === undefined) return offset < doc.scannedTo ? 'done' : 'unlisted'
  // A sink that came later has nothing to take out: its lanes drop.
  return (entry.work[sink]?.state ?? 'done') === 'done' ? 'done' : 'open'
}

const checkGone = async (
  { topology, resources }: HistoryPlace,
  gone: ReadonlyMap<string, ReadonlyMap<string, TrueEvent>>,
): Promise<void> => {
  const tell = (sink: string, { offset, partition, spout }: TrueEvent): Violation =>
    new Violation('I-3', `${sink} shows ${offset} of ${spout}, partition ${partition}, whose delete is done`)
  const bucket = await readBucket(resources.objects, topology.name)
  for (const [sink, events] of gone) {
    for (const { lines, spout } of bucket.get(sink) ?? [])
      for (const line of lines) {
        const event = events.get(`${spout} ${idOfLine(line)}`)
        if (event !== undefined) throw tell(sink, event)
      }
    if (!topology.sinks.some(({ name, sink: { sinkKind } }) => sinkKind === 'events' && sink.split('@')[0] === name))
      continue
    for await (const { id, spout } of readEventRows({ rows: resources.rows, sink })) {
      const event = events.get(`${spout} ${id}`)
      if (event !== undefined) throw tell(sink, event)
    }
  }
}
