/** What the checks of a history look at: its stores, its whole logs, and the ledger documents of the moment. */

import type { LedgerDocument } from '../../../model/ledger-document.ts'
import { namespaceOf } from '../../../model/namespace.ts'
import type { Ledger, LedgerKey } from '../../../model/ports/ledger.ts'
import type { Resources } from '../../../model/run-handle.ts'
import type { Topology } from '../../../model/topology.ts'
import type { Logs, Schemas, TrueEvent } from '../truth/read-true-log.ts'
import { isFor } from './ranges.ts'

export interface HistoryPlace {
  readonly topology: Topology
  readonly resources: Pick<Resources, 'rows' | 'ledger' | 'objects'>
  /** Whole histories: nothing dropped. */
  readonly logs: Logs
  /** Of spouts of Avro. */
  readonly schemas?: Schemas | undefined
  /** Whether a person has dead-lettered the record. Without it no dead letter can be found to be without a reason. */
  readonly isByPeople?: ((sink: string, spout: string, partition: number, offset: number) => boolean) | undefined
  /**
   * Whether some delete has ended `partial` on the sink: the log had dropped what only it could tell, so some of what was
   * asked for is still there, and nobody can say what.
   */
  readonly isPartial?: ((sink: string) => boolean) | undefined
}

export interface PlacedDocument {
  readonly spout: string
  readonly partition: number
  readonly doc: LedgerDocument
}

export const documentsIn = async (ledger: Ledger, topology: string): Promise<readonly PlacedDocument[]> => {
  const read = async (key: LedgerKey): Promise<readonly PlacedDocument[]> => {
    const doc = await ledger.read(key)
    return doc === undefined ? [] : [{ spout: key.spout, partition: key.partition, doc }]
  }
  return (await Promise.all((await ledger.keys(topology)).map(read))).flat()
}

/** A sink as it stands in documents: a declared one, or that of a replay. */
export interface ViewName {
  /** In documents and stores. */
  readonly sink: string
  /** The declared sink. */
  readonly of: string
  readonly namespace: string | undefined
}

/** Sinks in service. */
export const viewsIn = (documents: readonly PlacedDocument[]): readonly ViewName[] => {
  const views = new Map<string, ViewName>()
  for (const { doc } of documents)
    for (const [sink, { retired, replay }] of Object.entries(doc.sinks))
      if (!retired) views.set(sink, { sink, of: replay?.of ?? sink, namespace: namespaceOf(sink) })
  return [...views.values()]
}

/** Whether an offset of a tenant lies in what a sink was to read, and was not lost. */
export const isInRange = (
  { sinks, lost = [] }: LedgerDocument,
  sink: string,
  offset: number,
  tenant: string,
): boolean => {
  const state = sinks[sink]
  if (state === undefined || offset < state.from || (state.to !== null && offset >= state.to)) return false
  if (state.replay?.tenant !== undefined && state.replay.tenant !== tenant) return false
  return !lost.some((one) => one.sink === sink && offset >= one.from && offset < one.to && isFor(one.tenants, tenant))
}

export const isDeadLetter = ({ deadLetters }: LedgerDocument, sink: string, offset: number): boolean =>
  deadLetters[sink]?.some(([from, to]) => offset >= from && offset < to) === true

/** Whether an event has a place in a view: in range, in the event times that a replay asks for, and no dead letter. */
export const isInView = (doc: LedgerDocument, sink: string, event: TrueEvent): boolean => {
  if (!isInRange(doc, sink, event.offset, event.project) || isDeadLetter(doc, sink, event.offset)) return false
  const timeframe = doc.sinks[sink]!.replay?.timeframe
  return timeframe === undefined || (event.timeMs >= timeframe.startMs && event.timeMs < timeframe.endMs)
}

/** Finds the document of an event. */
export const documentOf = (
  documents: readonly PlacedDocument[],
): ((place: { readonly spout: string; readonly partition: number }) => LedgerDocument | undefined) => {
  const found = new Map(documents.map(({ spout, partition, doc }) => [`${partition} ${spout}`, doc]))
  return ({ spout, partition }) => found.get(`${partition} ${spout}`)
}

/** Sinks on which the work of a listed delete has met what the log had dropped. */
export const partialSinks = function* ({ deletes }: LedgerDocument): Generator<string> {
  for (const { work } of deletes)
    for (const [sink, { expired = 0 }] of Object.entries(work)) if (expired > 0) yield sink
}
