/** A log that answers slowly, with an hour-old backlog in it and fresh records behind, for the tests of catch-up. */

import { TestResult } from 'spillway/testing'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import type { EventLog, FetchOptions } from '../../topology/model/ports/event-log.ts'
import type { RecordBatch } from '../../topology/model/record.ts'
import type { Happening } from '../../topology/model/run-handle.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { GivenPorts } from './given-ports.ts'
import { order } from './orders.ts'

const hourMs = 3_600_000

/** Every call of the log, as it begins and ends. */
export interface SeenFetch {
  readonly beganMs: number
  endedMs: number | undefined
  readonly from: number
  readonly options: FetchOptions
}

export class GivenBacklog extends GivenPorts {
  readonly fetches: SeenFetch[] = []
  appends = 0
  /** How long a fetch takes, by how many are under way. */
  fetchMs: (open: number) => number = () => 200
  boundsMs = 0
  readonly happenings: Happening[] = []
  #count = 0

  constructor() {
    super()
    const slow = slowLog(this.log, this)
    this.resources = { ...this.resources, logs: { events: slow, default: slow } }
  }

  get open(): readonly SeenFetch[] {
    return this.fetches.filter(({ endedMs }) => endedMs === undefined)
  }

  /** Old records, of about 250 bytes. */
  backlog(count: number): void {
    this.put(count, -hourMs)
  }

  /** Records of now. */
  fresh(count: number): void {
    this.put(count, 0)
  }

  /** Time passes; a fresh record comes every 100 ms. */
  async stream(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      this.fresh(1)
      await this.pass(100)
    }
  }

  async watch(run: EngineRun): Promise<void> {
    for await (const one of run) this.happenings.push(one)
  }

  /** What was written, beside the log as it is. */
  truth(topology: Topology): TestResult {
    return new TestResult(topology, { ...this.resources, logs: { events: this.log, default: this.log } }, 0)
  }

  /** One behind the last record. */
  get end(): number {
    return this.#count
  }

  private put(count: number, ageMs: number): void {
    const pad = 'x'.repeat(150)
    for (let index = 0; index < count; index++) {
      const { record } = order(this.#count++, { pad })
      this.log.appendAt(this.clock.nowMs() + ageMs, [record])
    }
  }
}

const slowLog = (log: EventLog, given: GivenBacklog): EventLog => ({
  id: log.id,
  topic: log.topic,
  partitions: log.partitions,
  bounds: async (partition) => {
    if (given.boundsMs > 0) await given.clock.sleep(given.boundsMs)
    return log.bounds(partition)
  },
  fetch: async (partition, from, options): Promise<RecordBatch> => {
    const one: SeenFetch = { beganMs: given.clock.nowMs(), endedMs: undefined, from, options }
    given.fetches.push(one)
    // Who waits at the end of the log costs it nothing.
    const isWaiting = from >= given.end
    try {
      if (!isWaiting) await given.clock.sleep(given.fetchMs(given.open.length), options.signal)
      return await log.fetch(partition, from, options)
    } finally {
      one.endedMs = given.clock.nowMs()
    }
  },
  offsetAt: (partition, timeMs) => log.offsetAt(partition, timeMs),
  append: (records) => {
    given.appends += records.length
    return log.append(records)
  },
  release: (partition, before) => log.release(partition, before),
  close: () => log.close(),
})

export const placesOf = (run: EngineRun, sink: string): readonly number[] =>
  run
    .status()
    .lanes.filter((lane) => lane.sink === sink)
    .map((lane) => lane.at)
