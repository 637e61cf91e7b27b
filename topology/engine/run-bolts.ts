/**
 * Runs the bolts of a spout over one batch: one inner subscription per bolt and batch, completion is the ack, error the
 * fail. Whatever completes synchronously costs no await; an async bolt makes the lane wait, which is its back-pressure.
 *
 * State operators are not run here: their tuples are folded by the epoch of the sink below them.
 */
import { Observable, type OperatorFunction, type Subscriber } from 'rxjs'
import type { PlannedBolt, PlannedSink, SpoutPlan } from '../model/spout-plan.ts'
import type { Tuples } from '../model/tuples.ts'
import { sinkLabel } from './plan-questions.ts'

/** What a node emits for a batch: several lists where streams are merged. */
type Emitted = readonly Tuples[]

export interface BoltFailure {
  /** The bolt, or the label of a sink that refused tuples. */
  readonly bolt: string
  readonly error: unknown
}

export interface BatchResult {
  /** Tuples for each wanted sink whose bolts all completed. */
  readonly bySink: ReadonlyMap<string, Emitted>
  readonly failures: readonly BoltFailure[]
}

/** Turns what the named bolt emitted into tuples; injected, because the decoder knows how to read events by column. */
export type TuplesOf = (objects: readonly unknown[], bolt: string) => Tuples

/** Whoever wants to know what each bolt takes. Absent: nobody does. */
export interface BoltRuns {
  /** Runs a bolt over a batch, and gives what it gives. */
  run<T>(bolt: string, records: number, work: () => T | Promise<T>): T | Promise<T>
}

type Outcome = { readonly tuples: Emitted } | { readonly failure: BoltFailure }

export const runBolts = async (
  plan: SpoutPlan,
  wanted: ReadonlySet<string>,
  events: Tuples,
  tuplesOf: TuplesOf,
  runs?: BoltRuns,
): Promise<BatchResult> => {
  const outcomes = new Map<string, Outcome>([[plan.spout.name, { tuples: [events] }]])
  const sinks = plan.sinks.filter((sink) => wanted.has(sink.name))
  const needed = new Set(sinks.flatMap((sink) => sink.chain))
  for (const bolt of plan.bolts) {
    if (!needed.has(bolt.name)) continue
    const outcome = runBolt(bolt, inputOf(bolt.feeds, outcomes), tuplesOf, runs)
    // Awaited only when the bolt is asynchronous: an await per bolt and batch would cost more than most bolts.
    outcomes.set(bolt.name, outcome instanceof Promise ? await outcome : outcome)
  }
  const bySink = new Map<string, Emitted>()
  const failures = new Map<string, BoltFailure>()
  for (const sink of sinks) {
    const input = checked(sink, withTimes(sink, inputOf(sink.feeds, outcomes)))
    if ('failure' in input) failures.set(input.failure.bolt, input.failure)
    else bySink.set(sink.name, input.tuples)
  }
  return { bySink, failures: [...failures.values()] }
}

const inputOf = (inputs: readonly string[], outcomes: ReadonlyMap<string, Outcome>): Outcome => {
  const tuples: Tuples[] = []
  for (const input of inputs) {
    const outcome = outcomes.get(input)
    if (outcome === undefined) continue
    if ('failure' in outcome) return outcome
    tuples.push(...outcome.tuples)
  }
  return { tuples }
}

/**
 * Tuples without the event time that the operator above a sink needs are a failure of that operator's bolt: found here,
 * before anything is folded, it leaves out the records at fault, and concerns no sink that needs no time.
 */
const withTimes = ({ operator, operatorBolt }: PlannedSink, input: Outcome): Outcome => {
  if (operator?.readsTimes !== true || operatorBolt === undefined || 'failure' in input) return input
  try {
    // Events have a time.
    for (const tuples of input.tuples) if (tuples.events() === undefined) tuples.timesMs()
    return input
  } catch (error) {
    return { failure: { bolt: operatorBolt, error } }
  }
}

/** Tuples that a sink cannot take are found here too, before it has taken any. */
const checked = ({ name, sink }: PlannedSink, input: Outcome): Outcome => {
  if (sink.check === undefined || 'failure' in input) return input
  try {
    for (const tuples of input.tuples) sink.check(tuples)
    return input
  } catch (error) {
    return { failure: { bolt: sinkLabel(name), error } }
  }
}

const runBolt = (
  bolt: PlannedBolt,
  input: Outcome,
  tuplesOf: TuplesOf,
  runs: BoltRuns | undefined,
): Outcome | Promise<Outcome> => {
  if ('failure' in input) return input
  const { tuples } = input
  const failed = (error: unknown): Outcome => ({ failure: { bolt: bolt.name, error } })
  const emitted = (objects: readonly unknown[]): Outcome => {
    try {
      return { tuples: objects.length === 0 ? [] : [tuplesOf(objects, bolt.name)] }
    } catch (error) {
      return failed(error)
    }
  }
  try {
    const work = (): readonly unknown[] | Promise<readonly unknown[]> => collect(bolt.operator, tuples)
    const objects = runs === undefined ? work() : runs.run(bolt.name, lengthOf(tuples), work)
    return objects instanceof Promise ? objects.then(emitted, failed) : emitted(objects)
  } catch (error) {
    return failed(error)
  }
}

const lengthOf = (input: Emitted): number => input.reduce((sum, { length }) => sum + length, 0)

const collect = (
  operator: OperatorFunction<unknown, unknown>,
  input: Emitted,
): readonly unknown[] | Promise<readonly unknown[]> => {
  const collected: unknown[] = []
  let state: 'open' | 'complete' | 'failed' = 'open'
  let problem: unknown
  let settle: (() => void) | undefined
  const end = (next: 'complete' | 'failed', error?: unknown): void => {
    state = next
    problem = error
    settle?.()
  }
  // Asked by a function: the compiler does not see that the callbacks change the state.
  const isOver = (): boolean => state !== 'open'
  operator(sourceOf(input)).subscribe({
    next: (tuple) => collected.push(tuple),
    error: (error: unknown) => end('failed', error),
    complete: () => end('complete'),
  })
  const outcome = (): readonly unknown[] => {
    if (state === 'failed') throw problem
    return collected
  }
  if (isOver()) return outcome()
  return new Promise<void>((resolve) => {
    settle = resolve
  }).then(outcome)
}

/** For whoever runs a bolt otherwise than here. */
export const observableOf = (begin: (subscriber: Subscriber<unknown>) => void): Observable<unknown> =>
  new Observable((subscriber) => begin(subscriber))

const sourceOf = (input: Emitted): Observable<unknown> =>
  observableOf((subscriber) => {
    for (const tuples of input) {
      for (let index = 0; index < tuples.length && !subscriber.closed; index++) subscriber.next(tuples.tuple(index))
    }
    subscriber.complete()
  })
