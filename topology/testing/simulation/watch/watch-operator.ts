/**
 * Watches a user's state operator, or a rollup with aggregates of a user: the clauses of their suites are run over tuples
 * that the sink below has really been given. A sink is where they pass, so the operator stays the same object.
 *
 * Tuples are kept as copies, for a batch is valid only until its call returns; the suites run when an epoch is written.
 */
import { AssertionError } from 'node:assert/strict'
import { definitionOf } from '../../../../operators/rollup/rollup.ts'
import type { Aggregate } from '../../../model/aggregate.ts'
import type { StateDeltas, StateOperator } from '../../../model/operator.ts'
import type { Random } from '../../../model/ports/random.ts'
import type { OpenEpoch, Sink, SinkContext } from '../../../model/sink.ts'
import { messageOf } from '../../../model/spillway-error.ts'
import type { Tuples } from '../../../model/tuples.ts'
import { tuplesOf } from '../../../spouts/decode/tuples-of.ts'
import { aggregateClauses } from '../../conformance/aggregate.ts'
import { operatorClauses } from '../../conformance/operator.ts'
import { rowsOf } from '../../conformance/operator-under-test.ts'
import { KeptTuples } from './kept-tuples.ts'
import { shortValueText, valueText } from './value-text.ts'
import type { Watch } from './watch.ts'
import { reachedText, runWatched } from './watch-effects.ts'

const builtInAggregates: ReadonlySet<string> = new Set([
  'count',
  'sum',
  'average',
  'minimum',
  'maximum',
  'stddev',
  'median',
  'percentile',
  'countUnique',
  'selectUnique',
  'first',
  'last',
])

// Tuples after which the suites run over what there is, in each history and partition.
const stages: readonly number[] = [3, 10, 24]

/** The same sink; `bolt` names the operator above it. */
export const watchOperator = (bolt: string, operator: StateOperator, sink: Sink, watch: Watch): Sink => {
  const definition = definitionOf(operator)
  const aggregates = (definition?.values ?? []).filter(({ aggregate }) => !builtInAggregates.has(aggregate.name))
  const isOwn = definition === undefined && operator.name !== 'inferSchema'
  if (!isOwn && aggregates.length === 0) return sink
  const judge = new OperatorJudge(bolt, watch)
  return {
    ...sink,
    open: async (context: SinkContext) => {
      const writer = await sink.open(context)
      const kept = new KeptTuples(operator, stages.at(-1)!)
      const look = (): void => {
        if (isOwn) judge.operator(operator, kept)
        for (const { name, aggregate } of aggregates) judge.aggregate(name, aggregate, kept)
      }
      let stage = 0
      const seen = (): void => {
        if (watch.violation !== undefined || stage >= stages.length || kept.length < stages[stage]!) return
        while (stage < stages.length && kept.length >= stages[stage]!) stage += 1
        look()
      }
      const blame = (error: unknown): void => watch.blameThrown({ kind: 'operator', name: bolt }, error)
      return { openEpoch: () => noting(writer.openEpoch(), kept, seen, blame), close: () => writer.close() }
    },
  }
}

/** The sink below folds and merges by the operator: what throws there is the operator's. */
const noting = (
  epoch: OpenEpoch,
  kept: KeptTuples,
  written: () => void,
  blame: (error: unknown) => void,
): OpenEpoch => ({
  add: (tuples, weight) => {
    if (weight === 1) kept.add(tuples)
    try {
      epoch.add(tuples, weight)
    } catch (error) {
      blame(error)
      throw error
    }
  },
  heldBytes: () => epoch.heldBytes(),
  spilledBytes: () => epoch.spilledBytes(),
  outputs: () => epoch.outputs?.() ?? 0,
  isFull: () => epoch.isFull?.() ?? false,
  ...(epoch.settle === undefined ? {} : { settle: () => epoch.settle!() }),
  write: async (declared, signal) => {
    try {
      written()
      return await epoch.write(declared, signal)
    } catch (error) {
      if (!signal.aborted) blame(error)
      throw error
    }
  },
  discard: () => epoch.discard(),
})

class OperatorJudge {
  readonly #bolt: string
  readonly #watch: Watch

  constructor(bolt: string, watch: Watch) {
    this.#bolt = bolt
    this.#watch = watch
  }

  operator(operator: StateOperator, kept: KeptTuples): void {
    const seen = kept.objects()
    const batchOf = (some: readonly unknown[]): Tuples => tuplesOf(some, this.#bolt)
    const underTest = { operator, seen, tuple: () => seen[0], tuplesOf: batchOf }
    const deltas: StateDeltas<unknown> = new Map()
    operator.fold(batchOf(seen), 1, deltas)
    // It may have no use for these tuples; the suite demands rows.
    if (rowsOf(operator, deltas).length === 0) return
    for (const { name, run } of operatorClauses)
      this.#hold(`operator ${operator.name}`, name, () => run(() => underTest))
  }

  aggregate(column: string, aggregate: Aggregate, kept: KeptTuples): void {
    const { path, name } = aggregate
    const values = path === undefined ? [undefined] : Array.from(tuplesOf(kept.objects(), this.#bolt).column(path))
    const value = (random: () => number): unknown => values[Math.floor(random() * values.length)]
    for (const clause of aggregateClauses)
      this.#hold(`aggregate ${name} of column ${column}`, clause.name, () => clause.run(() => ({ aggregate, value })))
  }

  /** A clause runs at once; that its promise is rejected is known before anything else of the history goes on. */
  #hold(who: string, clause: string, run: () => Promise<void>): void {
    const part = { kind: 'operator', name: this.#bolt } as const
    const drawn = new DrawnByOperator(this.#watch)
    runWatched({ drawn }, run).catch((error: unknown) => {
      const reached = reachedText(drawn.reached)
      const why = `${reached === undefined ? '' : `${reached}, and `}${reasonOf(error)}`
      const what = `bolt ${this.#bolt}: ${who} breaks the law "${clause}" on tuples of this history: ${why}`
      this.#watch.blame(invariantOf(clause), what, part)
    })
  }
}

/** What it asks of chance and time while a law is looked at: its clock goes on by more than an hour with each look. */
class DrawnByOperator {
  readonly reached: Set<string> = new Set()
  readonly random: Random
  #nowMs: number

  constructor({ random, clock }: Watch) {
    this.random = random
    this.#nowMs = clock.nowMs()
  }

  get nowMs(): number {
    this.#nowMs += 90_061_001
    return this.#nowMs
  }
}

const invariantOf = (clause: string): string => {
  if (clause.startsWith('sizeBytes')) return 'I-6'
  return clause.startsWith('weight') || clause.includes('-1') ? 'I-3' : 'I-1'
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof AssertionError) || !('expected' in error)) return messageOf(error).split('\n', 1)[0] ?? ''
  const [actual, expected] = [error.actual, error.expected].map((value) => shortValueText(valueText(value)))
  return `${actual} should be ${expected}`
}
