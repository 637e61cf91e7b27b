/**
 * The delete requests that `propagateDeletes` sinks must have appended to the log, and those that they may have: asked of
 * the sinks themselves, event by event, with a log that only listens.
 */
import type { AppendedRange } from '../../../model/ports/event-log.ts'
import type { RowStore } from '../../../model/ports/row-store.ts'
import { offset, partition } from '../../../model/position.ts'
import type { NewRecord } from '../../../model/record.ts'
import type { DeclaredEpoch, SinkWriter } from '../../../model/sink.ts'
import { tuplesOf } from '../../../spouts/decode/tuples-of.ts'
import type { TrueEvent } from './read-true-log.ts'
import { isTakenFrom, type SinkInput } from './sink-input.ts'
import type { Truth } from './truth-of.ts'

export interface PropagatedRequests {
  /** Of events that are alive. */
  readonly must: ReadonlySet<string>
  /** Of all events: one that was deleted later may have asked before. */
  readonly may: ReadonlySet<string>
}

export const propagatingSink = 'propagateDeletes'

/** Ids that these sinks give begin so. */
export const propagatedId = 'propagated-'

export const requestText = (spout: string, place: number, text: string): string => `${place} of ${spout}: ${text}`

/** `isIn`: whether a sink has the event in its range and not among its dead letters. */
export const propagatedRequests = async (
  topology: string,
  truth: Truth,
  isIn: (sink: string, event: TrueEvent) => boolean,
): Promise<PropagatedRequests> => {
  const [must, may] = [new Set<string>(), new Set<string>()]
  for (const sink of truth.sinks) {
    for (const input of truth.inputsOf(sink)) {
      if (input.node.sink.name !== propagatingSink) continue
      const heard: NewRecord[] = []
      const writer = await openListening(topology, input, heard)
      for (const event of input.of.events) {
        heard.length = 0
        await ask(writer, input, event)
        for (const { partition: place, value } of heard) {
          const text = requestText(input.of.plan.spout.name, place!, new TextDecoder().decode(value!))
          may.add(text)
          if (isTakenFrom(input, event) && isIn(sink, event)) must.add(text)
        }
      }
    }
  }
  return { must, may }
}

const openListening = (topology: string, { node, of }: SinkInput, heard: NewRecord[]): Promise<SinkWriter> => {
  const none = (): never => {
    throw new Error(`sink ${node.name} asked for what a listener does not have`)
  }
  const rows: RowStore = {
    name: 'nothing',
    ensureTable: async () => {},
    write: async () => {},
    read: async (_table, keys) => keys.map(() => undefined),
    scan: none,
    close: async () => {},
  }
  const append = async (records: readonly NewRecord[]): Promise<readonly AppendedRange[]> => {
    heard.push(...records)
    return records.map((record) => ({ partition: record.partition ?? partition(0), offset: offset(0) }))
  }
  return node.sink.open({
    topology,
    sink: node.name,
    spout: of.plan.spout.name,
    partition: of.partition,
    rows,
    objects: {
      name: 'nothing',
      create: none,
      replace: none,
      head: none,
      read: none,
      list: none,
      close: async () => {},
    },
    log: { partitions: of.log.partitions, append },
    clock: { nowMs: () => 0, sleep: none },
    spillFolder: '',
    operator: undefined,
    knob: none,
  })
}

const ask = async (
  writer: SinkWriter,
  { of, emitted, poison }: SinkInput,
  { index, offset: at }: TrueEvent,
): Promise<void> => {
  if (poison?.has(index) === true) return
  const objects = emitted?.[index] ?? []
  const tuples = emitted === undefined ? of.batch.select([index]) : tuplesOf(objects)
  const epoch = writer.openEpoch()
  if (tuples.length > 0) epoch.add(tuples, 1)
  const place = { topology: '', sink: '', log: '', spout: '', partition: of.partition, lane: 0 }
  const declared: DeclaredEpoch = { ...place, from: offset(at), to: offset(at + 1), seq: 1, slot: 0, partBytes: 0 }
  await epoch.write(declared, new AbortController().signal)
  epoch.discard()
}
