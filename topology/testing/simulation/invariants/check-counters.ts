/**
 * What the ledger tells of records when everything is caught up: each is counted once (I-8), each delete is listed (I-3),
 * and what no sink can take is a dead letter, with a reason (I-2).
 */
import { type DeadLetter, everySink, listDeadLetters } from '../../../../sinks/rows/dead-letters.ts'
import type { Counters, LedgerDocument } from '../../../model/ledger-document.ts'
import type { TruePartition } from '../truth/read-true-log.ts'
import type { Truth } from '../truth/truth-of.ts'
import { Violation } from '../violation.ts'
import { checkTiling } from './check-tiling.ts'
import {
  documentOf,
  type HistoryPlace,
  isDeadLetter,
  isInRange,
  type PlacedDocument,
  viewsIn,
} from './history-place.ts'
import { rangesOf } from './ranges.ts'

/** Throws a `Violation`. */
export const checkCounters = async (
  place: HistoryPlace,
  truth: Truth,
  documents: readonly PlacedDocument[],
): Promise<void> => {
  const docOf = documentOf(documents)
  for (const of of truth.partitions) {
    const doc = docOf({ spout: of.plan.spout.name, partition: of.partition })
    // A spout that feeds no sink is not read.
    if (of.plan.sinks.length === 0) continue
    if (doc === undefined)
      throw new Violation('I-9', `partition ${of.partition} of ${of.plan.spout.name} has no document`)
    checkTiling(doc)
    checkListed(of, doc)
    for (const { sink, of: base } of viewsIn([{ spout: '', partition: 0, doc }]))
      if (of.plan.sinks.some(({ name }) => name === base)) checkCountersOf(truth, of, doc, sink, base)
  }
  await checkDeadLetters(place, truth, documents)
}

/** Every delete record that lanes have passed. */
const checkListed = ({ deletes, plan, partition }: TruePartition, doc: LedgerDocument): void => {
  for (const { offset } of deletes) {
    if (offset < doc.start || offset < doc.scannedTo) continue
    if (!doc.deletes.some(({ offsets }) => offsets.some(([from, to]) => offset >= from && offset < to)))
      throw new Violation('I-3', `the delete at ${offset} of ${plan.spout.name}, partition ${partition} is not listed`)
  }
}

const checkCountersOf = (truth: Truth, of: TruePartition, doc: LedgerDocument, sink: string, base: string): void => {
  const place = `${sink} on partition ${of.partition} of ${of.plan.spout.name}`
  const { received, applied, deadLettered, dropped } = countersOf(doc, sink)
  if (received !== applied + deadLettered + dropped)
    throw new Violation('I-8', `${place} received ${received}, and ${applied} + ${deadLettered} + ${dropped} are told`)
  // What of a lost range was read before it was lost is not known.
  if (doc.lost?.some((one) => one.sink === sink) === true) return
  const rejected = rejectsOf(of, doc, sink)
  const events = of.events.filter((event) => isInRange(doc, sink, event.offset, event.project))
  if (received !== events.length + rejected)
    throw new Violation(
      'I-8',
      `${place} received ${received}, the log has ${events.length} events and ${rejected} rejects`,
    )
  const poison = truth.inputsOf(base).find((input) => input.of === of)?.poison
  const sure = events.filter(
    ({ offset, isDead, index }) => !isDead && !isDeadLetter(doc, sink, offset) && poison?.has(index) !== true,
  )
  if (applied < sure.length) throw new Violation('I-8', `${place} applied ${applied} of at least ${sure.length} events`)
  if (deadLettered < rejected)
    throw new Violation('I-8', `${place} counts ${deadLettered} dead letters, the decoder refuses ${rejected}`)
}

const countersOf = (doc: LedgerDocument, sink: string): Counters => {
  const sum = { ...doc.sinks[sink]!.counters }
  for (const { sink: of, counters } of Object.values(doc.lanes)) {
    if (of !== sink) continue
    sum.received += counters.received
    sum.applied += counters.applied
    sum.deadLettered += counters.deadLettered
    sum.dropped += counters.dropped
  }
  return sum
}

/** A record that names no project is everybody's: each lane that passes it counts it. */
const rejectsOf = ({ rejects }: TruePartition, doc: LedgerDocument, sink: string): number => {
  let count = 0
  for (const { record, project } of rejects) {
    if (project !== undefined) count += isInRange(doc, sink, record.offset, project) ? 1 : 0
    else
      for (const { from, to } of rangesOf(doc, sink))
        if (record.offset >= from && (to === null || record.offset < to)) count += 1
  }
  return count
}

const checkDeadLetters = async (
  { topology, resources, isByPeople }: HistoryPlace,
  truth: Truth,
  documents: readonly PlacedDocument[],
): Promise<void> => {
  const letters = new Set((await Array.fromAsync(listDeadLetters(resources.rows, topology.name))).map(letterText))
  const docOf = documentOf(documents)
  for (const of of truth.partitions) {
    const { name: spout } = of.plan.spout
    const doc = docOf({ spout, partition: of.partition })
    if (doc === undefined) continue
    const views = viewsIn([{ spout, partition: of.partition, doc }])
    for (const { record, project, cause } of of.rejects) {
      const isRead = views.some(({ sink }) => isInRange(doc, sink, record.offset, project ?? ''))
      const letter = { spout, partition: of.partition, offset: record.offset, sink: everySink }
      if (isRead && !letters.has(letterText(letter)))
        throw new Violation(
          'I-2',
          `${record.offset} of ${spout}, partition ${of.partition} (${cause}) is no dead letter`,
        )
    }
    for (const { sink, of: base } of views) {
      const input = truth.inputsOf(base).find((one) => one.of === of)
      if (input === undefined) continue
      for (const event of of.events) {
        const { offset, index, project } = event
        const why = input.held.has(index) ? undefined : input.poison?.get(index)
        const isDead = isDeadLetter(doc, sink, offset)
        const isPersons = isByPeople?.(sink, spout, of.partition, offset)
        const where = `${offset} of ${spout}, partition ${of.partition}`
        if (why !== undefined && !event.isDead && !isDead && isInRange(doc, sink, offset, project))
          throw new Violation('I-2', `${where} is no dead letter of ${sink}, and fails: ${why}`)
        if (!isDead || isPersons !== false) continue
        if (why === undefined)
          throw new Violation('I-2', `${where} is a dead letter of ${sink}, and nothing refuses it`)
        if (!letters.has(letterText({ spout, partition: of.partition, offset, sink })))
          throw new Violation('I-2', `${where} is left out of ${sink}, and no letter says so`)
      }
    }
  }
}

const letterText = ({
  spout,
  partition,
  offset,
  sink,
}: Pick<DeadLetter, 'spout' | 'partition' | 'offset' | 'sink'>): string => `${partition} ${offset} ${sink} ${spout}`
