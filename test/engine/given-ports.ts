/** Ports in memory, a clock that stands still, and runs over them, for the tests of the engine. */
import {
  createMemoryLedger,
  createMemoryLog,
  createMemoryObjects,
  createMemoryRows,
  createVirtualClock,
  type MemoryLog,
  TestResult,
  type TestStep,
  type VirtualClock,
} from 'spillway/testing'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import { partition } from '../../topology/model/position.ts'
import type { Resources, RunOptions, RunOutcome } from '../../topology/model/run-handle.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { startRun } from '../../topology/start-run.ts'
import { drive } from '../../topology/testing/drive.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { startMs } from './orders.ts'

export class GivenPorts {
  readonly clock: VirtualClock = createVirtualClock(startMs)
  readonly log: MemoryLog
  resources: Resources

  constructor(logId = 'log') {
    this.log = createMemoryLog({ clock: this.clock, partitions: 1, topic: 'events', id: logId })
    this.resources = {
      logs: { default: this.log },
      rows: createMemoryRows(),
      ledger: createMemoryLedger(),
      objects: createMemoryObjects(),
    }
  }

  append(steps: readonly TestStep[]): void {
    for (const step of steps) {
      if (step.kind === 'put') this.log.appendAt(step.atMs ?? startMs, [step.record])
      if (step.kind !== 'delete') continue
      const value = new TextEncoder().encode(JSON.stringify(step.request))
      const headers = [['spillway-kind', 'delete']] as const
      this.log.appendAt(startMs, [{ key: null, headers, value, partition: partition(0) }])
    }
  }

  /** Starts a run; it does nothing until something is driven. */
  start(topology: Topology, options: RunOptions = {}): Promise<EngineRun> {
    return this.drive(startRun(topology, this.resources, { clock: this.clock, random: seededRandom(1), ...options }))
  }

  /** Runs until everything is durable. */
  async run(topology: Topology, options: RunOptions = {}): Promise<RunOutcome> {
    return this.drive((await this.start(topology, { untilCaughtUp: true, ...options })).ended)
  }

  /** Moves time on until the work is done. */
  drive<Result>(work: Promise<Result>): Promise<Result> {
    return drive(this.clock, work)
  }

  /** Lets time pass. */
  pass(ms: number): Promise<void> {
    return this.drive(this.clock.sleep(ms))
  }

  read(topology: Topology): TestResult {
    return new TestResult(topology, this.resources, 0)
  }
}
