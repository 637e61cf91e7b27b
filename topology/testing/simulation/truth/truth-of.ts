/**
 * The truth of a history: what the whole log, and nothing but the log, says of each sink of a topology.
 */
import type { Topology } from '../../../model/topology.ts'
import { heldBack } from './held-back.ts'
import { type Logs, readTrueLog, type Schemas, type TruePartition } from './read-true-log.ts'
import { runAlone } from './run-alone.ts'
import type { SinkInput } from './sink-input.ts'
import type { TrueStored } from './true-stored.ts'
import { type IsIn, type TrueStates, trueStates, trueStored } from './true-views.ts'

/** One view: rows of states, or what is stored of events. Sinks of users have neither. */
export interface TrueView {
  readonly states?: TrueStates
  readonly stored?: readonly TrueStored[]
}

export class Truth {
  readonly partitions: readonly TruePartition[]
  readonly #inputs: ReadonlyMap<string, readonly SinkInput[]>

  constructor(partitions: readonly TruePartition[], inputs: ReadonlyMap<string, readonly SinkInput[]>) {
    this.partitions = partitions
    this.#inputs = inputs
  }

  /** Declared sinks. */
  get sinks(): Iterable<string> {
    return this.#inputs.keys()
  }

  inputsOf(sink: string): readonly SinkInput[] {
    return this.#inputs.get(sink) ?? []
  }

  /** What a declared sink must hold of the events that are in. Of deleted ones it holds nothing. */
  viewOf(sink: string, isIn: IsIn = () => true): TrueView {
    const inputs = this.inputsOf(sink)
    const [first] = inputs
    if (first === undefined) throw new RangeError(`the topology has no sink ${sink}`)
    const { kind, operator } = first.node
    if (operator !== undefined) return { states: trueStates(operator, inputs, isIn) }
    return kind === 'custom' ? {} : { stored: trueStored(inputs, isIn) }
  }
}

/** `logs`: whole histories, nothing dropped. `schemas`: of the spouts whose records are Avro. */
export const truthOf = async (topology: Topology, logs: Logs, schemas?: Schemas): Promise<Truth> => {
  const partitions = await readTrueLog(topology, logs, schemas)
  const inputs = new Map<string, SinkInput[]>()
  for (const of of partitions) {
    const { emitted, poison } = await runAlone(of)
    for (const node of of.plan.sinks) {
      const held = new Set(node.dedupes.flatMap((dedupe) => [...heldBack(of.batch, dedupe)]))
      const input = { node, of, held, emitted: emitted.get(node.name), poison: poison.get(node.name) }
      const known = inputs.get(node.name)
      if (known === undefined) inputs.set(node.name, [input])
      else known.push(input)
    }
  }
  return new Truth(partitions, inputs)
}
