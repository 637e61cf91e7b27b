/** Several runs of the topology with every sink over one log whose partitions they share, and over the same stores. */
import { createMemoryLog, type MemoryLog } from 'spillway/testing'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import type { LaneState, LedgerDocument } from '../../topology/model/ledger-document.ts'
import type { EventLog, LogBounds } from '../../topology/model/ports/event-log.ts'
import { partition } from '../../topology/model/position.ts'
import type { Resources, RunOptions } from '../../topology/model/run-handle.ts'
import type { MemoryGroups, MemoryMember } from '../../topology/spouts/memory/memory-groups.ts'
import type { TestStep } from '../../topology/testing/test-step.ts'
import { everySink } from './every-sink.ts'
import { GivenPorts } from './given-ports.ts'
import { order, startMs } from './orders.ts'

export const groupName = 'spillway.every'
export const partitions = 4

/** Orders spread over the partitions, one after the other. */
export const spread = (from: number, to: number): TestStep[] =>
  Array.from({ length: to - from }, (_, index) => {
    const put = order(from + index)
    return { ...put, record: { ...put.record, partition: partition((from + index) % partitions) } }
  })

export class GivenGroup extends GivenPorts {
  readonly shared: MemoryLog

  constructor() {
    super()
    this.shared = createMemoryLog({ clock: this.clock, partitions, topic: 'events', id: 'log', isShared: true })
    this.resources = { ...this.resources, logs: { events: this.shared } }
  }

  get groups(): MemoryGroups {
    return this.shared.groups!
  }

  member(index: number): MemoryMember {
    return this.groups.members(groupName)[index]!
  }

  override append(steps: readonly TestStep[]): void {
    for (const step of steps) {
      if (step.kind === 'put') this.shared.appendAt(step.atMs ?? startMs, [step.record])
      if (step.kind !== 'delete') continue
      const value = new TextEncoder().encode(JSON.stringify(step.request))
      for (let one = 0; one < partitions; one++)
        this.shared.appendAt(startMs, [
          { key: null, headers: [['spillway-kind', 'delete']], value, partition: partition(one) },
        ])
    }
  }

  begin(options: RunOptions = {}, resources: Resources = this.resources): Promise<EngineRun> {
    const own = this.resources
    this.resources = resources
    const run = this.start(everySink, options)
    this.resources = own
    return run
  }

  async documents(): Promise<readonly LedgerDocument[]> {
    const { ledger } = this.resources
    const keys = await ledger.keys('every')
    return (await Promise.all(keys.map((key) => ledger.read(key)))).flatMap((doc) => doc ?? [])
  }

  async lanes(): Promise<readonly LaneState[]> {
    return (await this.documents()).flatMap(({ lanes }) => Object.values(lanes))
  }
}

/** The log, with slow answers to the question where it begins and ends. */
export const withBounds = (log: EventLog, around: (bounds: Promise<LogBounds>) => Promise<LogBounds>): EventLog => ({
  id: log.id,
  topic: log.topic,
  partitions: log.partitions,
  bounds: (place) => around(log.bounds(place)),
  fetch: (place, from, options) => log.fetch(place, from, options),
  offsetAt: (place, timeMs) => log.offsetAt(place, timeMs),
  append: (records) => log.append(records),
  release: (place, before) => log.release(place, before),
  join: (group, listener) => log.join!(group, listener),
  close: () => log.close(),
})

export const partitionsOf = (run: EngineRun): readonly number[] => run.engine.partitions.map((one) => one.partition)
