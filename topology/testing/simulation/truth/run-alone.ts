/**
 * Runs the bolts of a spout over each event of a partition alone, with everything calm: what each sink is given of it,
 * and on which events a bolt throws.
 *
 * Event by event, because what a bolt makes of an event may depend on the event alone (I-1): in batches of any other size
 * the engine must come to the same.
 */
import { sinksBelow } from '../../../engine/plan-questions.ts'
import { runBolts } from '../../../engine/run-bolts.ts'
import { errorClassOf, messageOf } from '../../../model/spillway-error.ts'
import type { PlannedSink } from '../../../model/spout-plan.ts'
import type { Tuples } from '../../../model/tuples.ts'
import { tuplesOf } from '../../../spouts/decode/tuples-of.ts'
import { Violation } from '../violation.ts'
import type { TruePartition } from './read-true-log.ts'

export interface RunAlone {
  /** By sink, then by the place of the event: the objects that the sink is given of it. Sinks without bolts are missing. */
  readonly emitted: ReadonlyMap<string, readonly (readonly unknown[])[]>
  /** By sink: places of events on which a bolt above it, or the sink itself, throws, with the reason. */
  readonly poison: ReadonlyMap<string, ReadonlyMap<number, string>>
}

/** Throws a `Violation` that names the bolt when one fails with another error than a refusal of the record. */
export const runAlone = async ({ plan, batch }: TruePartition): Promise<RunAlone> => {
  const asked = plan.sinks.filter(isAsked)
  const emitted = new Map(asked.map(({ name }): [string, (readonly unknown[])[]] => [name, []]))
  const poison = new Map(asked.map(({ name }): [string, Map<number, string>] => [name, new Map()]))
  if (asked.length === 0) return { emitted, poison }
  const wanted = new Set(emitted.keys())
  for (let index = 0; index < batch.length; index++) {
    const { bySink, failures } = await runBolts(plan, wanted, batch.select([index]), tuplesOf)
    for (const { bolt, error } of failures) {
      refuseOthers(bolt, error)
      for (const sink of sinksBelow(plan, bolt)) poison.get(sink)?.set(index, `${bolt}: ${messageOf(error)}`)
    }
    for (const { name } of asked) emitted.get(name)!.push(objectsIn(bySink.get(name) ?? []))
  }
  return { emitted, poison }
}

/** Whether anything stands between the log and the sink that might change or refuse an event. */
const isAsked = ({ chain, sink }: PlannedSink): boolean => chain.length > 0 || sink.check !== undefined

const refuseOthers = (bolt: string, error: unknown): void => {
  const errorClass = errorClassOf(error, 'reject')
  if (errorClass === 'reject') return
  const what = `${bolt} fails with an error of class ${errorClass} while nothing is amiss: ${messageOf(error)}`
  throw new Violation('I-9', what, { kind: 'bolt', name: bolt })
}

const objectsIn = (all: readonly Tuples[]): readonly unknown[] =>
  all.flatMap((tuples) => Array.from({ length: tuples.length }, (_, index) => tuples.tuple(index)))
