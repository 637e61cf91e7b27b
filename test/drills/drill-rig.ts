/**
 * One drill on real servers: a backlog waits, events come, two `run` processes with workers share the topology, lanes of
 * backlog, tenants and a replay stand beside the live ones, something happens to a process or to a server, the events
 * end. Then all must have been caught up (I-9), every sink is tiled by one lane (I-5), and everything, the replay too,
 * must equal a plain recomputation of the log as bare clients read it (I-1, I-2, I-8).
 *
 * When something happens is drawn from the seed. The pauses are no waiting for a state: whatever has happened by then,
 * the outcome must be right.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from 'spillway'
import { seededRandom } from 'spillway/testing'
import type { Server, ServerKind } from '../servers/server-kinds.ts'
import { serverOf } from '../servers/server-of.ts'
import { checkServed } from './check-served.ts'
import { topology } from './cli-process.ts'
import { FaultProxy } from './fault-proxy.ts'
import { LaneCrowd, replayNamespace } from './lane-crowd.ts'
import { LedgerWatch } from './ledger-watch.ts'
import { LineFeed } from './line-feed.ts'
import { readTopicEnds } from './read-served-log.ts'
import { pacedTopology, RunPair } from './run-pair.ts'
import { ServedPlace } from './served-place.ts'

export interface DrillRigOptions {
  readonly name: string
  readonly seed: number
  /** An empty folder. */
  readonly folder: string
  /** Where servers are, as `serverOf` reads it. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Servers of the drill's own, which it may kill and freeze. */
  readonly server: (kind: ServerKind) => Server
  readonly linesPerSecond?: number
  /** After a kill the first new result comes sooner. Default: 10 s. */
  readonly takeoverMs?: number
  /** Processes that run lanes, of each run. Default: 1. */
  readonly workers?: number
}

export interface DrillRigOutcome {
  readonly problems: readonly string[]
  readonly records: number
  /** What was done, and how long it took to recover. */
  readonly story: readonly string[]
}

const partitions = 4
/** How long anything may take that has no bound of its own: machines are busy, and a failure must end. */
export const patienceMs = 120_000

// Epochs as short as in the kill drill: what happens meets many declarations, writes and commits. A machine that has other
// work is no reason to protect it: a drill has an end.
const settings = `knobs:
  batch.records: 100
  fetch.waitMs: 20
  ledger.tickMs: 50
  epoch.ageMs: 200
  epoch.schemaMs: 1000
  epoch.records: 800
  objects.ageMs: 1000
  objects.epochBytes: 1048576
  profile.mode: realtime
  broker.latencyMs: 10000
  worker.heartbeatMs: 4000
  poison.attempts: 10
  catchUp.afterMs: 10000
  catchUp.leaveMs: 2000
  catchUp.perPartitionRanges: 2
  backlog.recordsPerSecond: 50
  backlog.probeMs: 1000
  start.rampMs: 1000
  tenant.windowMs: 1000
`

/** What happens. */
export type Disturbance = (rig: DrillRig) => Promise<void>

export class DrillRig {
  readonly random: Random
  readonly runs: RunPair
  readonly proxy: FaultProxy
  readonly server: (kind: ServerKind) => Server
  readonly seed: number
  readonly takeoverMs: number
  readonly story: string[] = []
  readonly #folder: string
  readonly #place: ServedPlace
  readonly #env: Readonly<Record<string, string>>
  readonly #linesPerSecond: number
  readonly #watch: LedgerWatch
  readonly #crowd: LaneCrowd
  readonly #problems: string[] = []
  readonly #phases: string[] = []
  #phaseMs = Date.now()

  private constructor(options: DrillRigOptions, place: ServedPlace, proxy: FaultProxy) {
    this.seed = options.seed
    this.takeoverMs = options.takeoverMs ?? 10_000
    this.random = seededRandom(options.seed)
    this.server = options.server
    this.proxy = proxy
    this.#folder = options.folder
    this.#place = place
    this.#env = place.env()
    this.#linesPerSecond = options.linesPerSecond ?? 400
    this.runs = new RunPair(options.folder, place.env(proxy.url), options.workers ?? 1)
    this.#watch = new LedgerWatch(place.rows, place.name)
    const { folder, seed } = options
    this.#crowd = new LaneCrowd({ place, partitions, folder, env: this.#env, seed, watch: this.#watch, patienceMs })
  }

  static async prepare(options: DrillRigOptions): Promise<DrillRig> {
    const [kafka, cassandra, s3] = [
      serverOf('kafka', options.env),
      serverOf('cassandra', options.env),
      serverOf('s3', options.env),
    ]
    if (kafka === undefined || cassandra === undefined || s3 === undefined) throw new Error('a server is missing')
    mkdirSync(options.folder, { recursive: true })
    writeFileSync(join(options.folder, 'spillway.yaml'), settings)
    const name = `drill${process.pid}x${options.name.replaceAll('-', '')}${options.seed}`
    const place = await new ServedPlace({ kafka, cassandra, s3, name, partitions }).make()
    const proxy = await new FaultProxy({ target: s3.endpoint }).listen()
    return new DrillRig(options, place, proxy)
  }

  async play(disturb: Disturbance): Promise<DrillRigOutcome> {
    await this.#crowd.backlog()
    this.#mark('backlog')
    const feed = new LineFeed({
      folder: this.#folder,
      env: this.#env,
      seed: this.seed,
      linesPerSecond: this.#linesPerSecond,
    })
    this.runs.start()
    this.runs.start()
    await this.#both()
    this.#mark('start')
    await this.#crowd.gather()
    this.#mark('lanes')
    await this.#disturbed(disturb)
    this.#mark('disturb')
    await this.#more()
    this.#problems.push(...(await feed.end()))
    this.#mark('feed')
    await this.#crowd.release()
    this.#mark('release')
    await this.#catchUp()
    this.#mark('catch up')
    await this.runs.stopAll()
    await this.#drain()
    this.#mark('drain')
    return this.#judge([...feed.lines, ...this.#crowd.lines])
  }

  async clear(): Promise<void> {
    await this.runs.killAll()
    await this.#crowd.close()
    await this.#watch.end()
    await this.proxy.close()
    await this.#place.remove()
  }

  below(bound: number): number {
    return Math.floor(this.random.next() * bound)
  }

  note(problem: string): void {
    this.#problems.push(problem)
  }

  #mark(phase: string): void {
    const nowMs = Date.now()
    this.#phases.push(`${phase} ${((nowMs - this.#phaseMs) / 1_000).toFixed(1)}`)
    this.#phaseMs = nowMs
  }

  /** Lanes of each kind stand beside the live ones while it happens: else the drill proves nothing. */
  async #disturbed(disturb: Disturbance): Promise<void> {
    this.#watch.forget()
    await disturb(this)
    this.story.push(`lanes meanwhile: ${this.#watch.text}`)
    for (const kind of this.#crowd.missing()) this.note(`no lane was there meanwhile: ${kind}`)
  }

  async #judge(fed: readonly string[]): Promise<DrillRigOutcome> {
    const replay = { namespace: replayNamespace, ...this.#crowd.replayed }
    const found = await checkServed({ place: this.#place, folder: this.#folder, env: this.#env, fed, replay })
    this.#mark('check')
    this.story.push(`seconds: ${this.#phases.join(', ')}`)
    const problems = [this.#problems, this.runs.problems, this.#crowd.problems, this.#watch.problems, found].flat()
    if (problems.length > 0) this.#keepLogs()
    return { problems, records: fed.length, story: this.story }
  }

  /** Both processes have a share and work on it. */
  async #both(): Promise<void> {
    const work = (): boolean =>
      this.runs.runs.length === 2 && this.runs.runs.every((run) => this.runs.partitionsOf(run).size > 0)
    if (!(await this.runs.until(work, patienceMs)))
      throw new Error(`two runs do not share the topology: ${this.#said()}${this.runs.problems.join('; ')}`)
  }

  /** New results for a while after what has happened. */
  async #more(): Promise<void> {
    const after = this.runs.checkpoints.length + 10 + this.below(20)
    if (!(await this.runs.until(() => this.runs.checkpoints.length > after, patienceMs)))
      this.note(`nothing is committed any more: ${this.#said()}`)
  }

  /** One lane of each sink reaches the end of its partition, and no other is left, while the same processes run on. */
  async #catchUp(): Promise<void> {
    const ends = await readTopicEnds(this.#place.kafka, this.#place.name)
    if (!(await this.#watch.until(() => this.#watch.behind(ends).length === 0, patienceMs)))
      this.note(`not caught up after ${patienceMs / 1_000} s: ${this.#watch.behind(ends).join('; ')}; ${this.#said()}`)
    await this.#crowd.verify()
  }

  /** What one last run finds to do is little, and it ends. */
  async #drain(): Promise<void> {
    const words = ['run', pacedTopology, '--until-caught-up', '--json']
    const { code, stderr } = await topology(this.#folder, words, this.#env)
    if (code !== 0) this.note(`the last run ended with ${code}: ${stderr.slice(-2_000)}`)
  }

  /** Beside the settings, for whoever looks for the reason. */
  #keepLogs(): void {
    for (const [index, log] of this.runs.logs.entries()) writeFileSync(join(this.#folder, `run-${index}.log`), log)
  }

  #said(): string {
    return this.runs.runs.map((run) => run.stderr.replace(/.*debug: checkpoint.*\n/g, '').slice(-1_500)).join('\n---\n')
  }
}
