/** One night: the servers, what is sent to them, the process that runs, and the truth about what is durable. */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { RunSnapshot } from '../../../topology/model/run-snapshot.ts'
import type { CrashPoint } from '../../../topology/testing/crashable-resources.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'
import { type AprilProcess, startProcess } from './april-process.ts'
import { archiveSink, rowsSink } from './april-topology.ts'
import { Arrivals } from './arrivals.ts'
import type { Night } from './draw-night.ts'
import { type LimitedPorts, limitedPorts } from './limited-ports.ts'
import { TrueProgress } from './true-progress.ts'
import { WorldClock } from './world-clock.ts'

export interface WorldOptions {
  readonly folder: string
  /** Beside those of the topology: for planted faults alone. */
  readonly knobs?: Readonly<Record<string, number | string>>
  /** How often the process dies. Default: never. */
  readonly crashes?: number
}

// Within so many effects of its life a process dies that is to die.
const effectsBetween = 4_000
// Until somebody has taken over.
const awayMs = 20_000
// Who follows the log has read its end by then.
const readMs = 30_000

/** So much is sent at a time. */
export const stepMs = 3_000

export class AprilWorld {
  readonly night: Night
  readonly clock: WorldClock
  readonly ports: LimitedPorts
  readonly arrivals: Arrivals
  readonly rows = new TrueProgress(rowsSink)
  readonly archive = new TrueProgress(archiveSink)
  /** Told of each row that can be read, and how long that took. */
  onRow: (tenant: string, delayMs: number) => void = () => undefined
  onSnapshot: (snapshot: RunSnapshot) => void = () => undefined
  onStart: (process: AprilProcess) => void = () => undefined
  process!: AprilProcess
  readonly #options: WorldOptions
  #started = 0
  #isAway = false
  /** So far. */
  crashes = 0

  constructor(night: Night, options: WorldOptions) {
    this.night = night
    this.#options = options
    this.clock = new WorldClock(night.startMs)
    this.arrivals = new Arrivals(night)
    this.ports = limitedPorts(this.clock, night, (partition, doc) => {
      this.rows.seen(partition, doc)
      this.archive.seen(partition, doc)
      const nowMs = this.clock.nowMs()
      this.rows.takeDone(({ tenant, appendMs }) => this.onRow(tenant, nowMs - appendMs))
    })
  }

  async start(): Promise<void> {
    this.process = await this.clock.until(this.#begin(this.#nextPoint()))
  }

  /** Everybody sends, and time goes on. */
  async step(): Promise<void> {
    const nowMs = this.clock.nowMs()
    const before = this.arrivals.all.map(({ length }) => length)
    const records = this.arrivals.within(nowMs, stepMs)
    this.arrivals.all.forEach((own, place) => {
      for (const arrival of own.slice(before[place])) {
        this.rows.sent(arrival)
        this.archive.sent(arrival)
      }
    })
    if (records.length > 0) this.ports.memoryLog.appendAt(nowMs, records)
    await this.clock.advanceTo(nowMs + stepMs)
    // A start looks at a real folder, which takes real time.
    if (this.#isAway) await pause(1)
  }

  /** Nobody sends any more: what is there is made durable, and the process ends. */
  async settle(mostMs: number): Promise<void> {
    const untilMs = this.clock.nowMs() + mostMs
    await this.clock.advanceTo(this.clock.nowMs() + readMs)
    const isBehind = (): boolean =>
      (this.process.run.snapshot()?.branches ?? []).some(({ lagEvents }) => lagEvents > 0) || this.#isAway
    while (isBehind() && this.clock.nowMs() < untilMs) {
      await this.clock.advanceTo(this.clock.nowMs() + readMs)
      if (this.#isAway) await pause(1)
    }
    await this.clock.until(this.process.run.stop())
  }

  /** The process dies at this point, and another one takes over after a while. */
  async #replace(process: AprilProcess): Promise<void> {
    await process.resources.crashed
    this.crashes += 1
    this.#isAway = true
    await this.clock.sleep(awayMs)
    this.process = await this.#begin(this.#nextPoint())
    this.#isAway = false
  }

  #nextPoint(): CrashPoint | undefined {
    const { crashes = 0 } = this.#options
    if (this.#started >= crashes) return undefined
    const random = seededRandom(this.night.seed * 77 + this.#started)
    const effect = 1 + Math.floor(random.next() * effectsBetween)
    return { effect, side: random.next() < 0.5 ? 'before' : 'after' }
  }

  #begin(point: CrashPoint | undefined): Promise<AprilProcess> {
    this.#started += 1
    const { ports, clock } = this
    const starting = startProcess({
      ...{ ports, clock },
      random: seededRandom(this.night.seed * 1_000 + this.#started),
      spillFolder: join(this.#options.folder, String(this.#started)),
      knobs: this.#options.knobs ?? {},
      seen: (snapshot) => this.onSnapshot(snapshot),
      ...(point === undefined ? {} : { point }),
    })
    return starting.then((process) => {
      this.onStart(process)
      void this.#replace(process)
      return process
    })
  }
}
