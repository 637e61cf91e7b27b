/**
 * One drill on real servers: events come, two `run` processes share the topology, something happens to one of them or
 * to a server, the events end. Then all must have been caught up without help (I-9), and everything must equal a plain
 * recomputation of the log as bare clients read it (I-1, I-2, I-8).
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
import { LineFeed } from './line-feed.ts'
import { readTopicEnds } from './read-served-log.ts'
import { drillTopology, RunPair } from './run-pair.ts'
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

// Epochs as short as in the kill drill: what happens meets many declarations, writes and commits.
const settings = `knobs:
  batch.records: 100
  fetch.waitMs: 20
  ledger.tickMs: 50
  epoch.ageMs: 200
  epoch.schemaMs: 1000
  epoch.records: 400
  objects.ageMs: 1000
  objects.epochBytes: 1048576
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
    this.runs = new RunPair(options.folder, place.env(proxy.url))
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
    await disturb(this)
    this.#mark('disturb')
    await this.#more()
    this.#problems.push(...(await feed.end()))
    this.#mark('feed')
    await this.#catchUp()
    this.#mark('catch up')
    await this.runs.stopAll()
    this.#problems.push(...this.runs.problems)
    await this.#drain()
    this.#mark('drain')
    const { lines: fed } = feed
    const found = await checkServed({ place: this.#place, folder: this.#folder, env: this.#env, fed })
    this.#mark('check')
    this.story.push(`seconds: ${this.#phases.join(', ')}`)
    const problems = [...this.#problems, ...found]
    if (problems.length > 0) this.#keepLogs()
    return { problems, records: fed.length, story: this.story }
  }

  async clear(): Promise<void> {
    await this.runs.killAll()
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

  /** Every lane reaches the end of its partition while the same processes run on. */
  async #catchUp(): Promise<void> {
    const ends = await readTopicEnds(this.#place.kafka, this.#place.name)
    const behind = (): readonly string[] => {
      const positions = this.runs.positions()
      return ends.flatMap(({ partition, end }) =>
        ['events', 'schemas', 'totals', 'archive']
          .map((sink) => `${sink}/${partition}`)
          .filter((lane) => (positions.get(lane) ?? 0) < end)
          .map((lane) => `${lane} at ${positions.get(lane) ?? 0} of ${end}`),
      )
    }
    if (!(await this.runs.until(() => behind().length === 0, patienceMs)))
      this.note(`not caught up after ${patienceMs / 1_000} s: ${behind().join(', ')}; ${this.#said()}`)
  }

  /** What one last run finds to do is little, and it ends. */
  async #drain(): Promise<void> {
    const words = ['run', drillTopology, '--until-caught-up', '--json']
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
