/** A history as a function of its options, so that what a shrinker must find is known: no engine, no stores. */

import type { HistoryOptions, HistoryOutcome, Scenario } from '../../../topology/testing/simulation/history.ts'
import type { FaultKind } from '../../../topology/testing/simulation/stage/fault-kinds.ts'
import { Streams } from '../../../topology/testing/simulation/stage/streams.ts'
import { Violation } from '../../../topology/testing/simulation/violation.ts'

/** What it takes to fail. */
export interface Cause {
  readonly faults: readonly FaultKind[]
  readonly records: readonly number[]
  readonly steps: readonly number[]
  readonly sinks: readonly string[]
  readonly chaosSteps: number
  readonly processes: number
}

export const cause: Cause = {
  faults: ['lateWrite', 'crash'],
  records: [3, 11],
  steps: [12, 30],
  sinks: ['totals'],
  chaosSteps: 37,
  processes: 2,
}

const chaosSteps = 400
const sinks = ['totals', 'store', 'shapes']
const actionSteps = Array.from({ length: 80 }, (_, index) => index * 3)

const scenario = {
  topology: { kind: 'topology', name: 'orders', spouts: [], bolts: [], sinks: sinks.map((name) => ({ name })) },
  partitions: 4,
  records: 20,
  processesMax: 3,
}

/** Plays it and notes how often it was asked. */
export class FailingHistory {
  plays = 0
  readonly #cause: Cause
  readonly options: HistoryOptions

  constructor(of: Cause = cause) {
    this.#cause = of
    const draw = (): Scenario => scenario as unknown as Scenario // what a shrinker looks at, and no more
    this.options = { seed: 17, draw } as unknown as HistoryOptions // no check is asked here
  }

  readonly play = async (options: HistoryOptions): Promise<HistoryOutcome> => {
    this.plays += 1
    const steps = options.chaosSteps ?? chaosSteps
    const { processesMax } = options.draw(options.seed, new Streams(options.seed))
    const { faults, records, steps: actions, sinks: views, processes, chaosSteps: least } = this.#cause
    const isFailing =
      !faults.some((kind) => options.muted?.has(kind)) &&
      !records.some((record) => options.withoutRecords?.has(record)) &&
      !actions.some((step) => options.withoutSteps?.has(step) === true || step >= steps) &&
      !views.some((sink) => options.withoutSinks?.has(sink)) &&
      steps >= least &&
      processesMax >= processes
    const note = options.trace?.note
    note?.('record', 'log', () => 'event of ann')
    note?.('lateWrite', 'rows', () => 'a write of totals comes late')
    return {
      violation: isFailing ? new Violation('I-3', 'totals at ann: found 2, the log says 1') : undefined,
      steps: steps + 100,
      chaosSteps: steps,
      records: scenario.records,
      faults: { lateWrite: 3, crash: 1, throttle: 2 },
      actionSteps: actionSteps.filter((step) => step < steps),
      notes: ['the sink own looks at nothing'],
      bolts: new Map([['picky', { received: 10, emitted: isFailing ? 0 : 4 }]]),
    }
  }
}
