/**
 * Makes lanes of every kind stand beside the live ones while a drill disturbs them: an old backlog that is cut into
 * ranges, a loud tenant that is diverted because the others wait for it, one that a person has limited, and a replay.
 *
 * All of them are held back until `release`: what is done before the disturbance begins would prove nothing.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { type CliExit, CliProcess } from './cli-process.ts'
import { type DrillPlace, drillLines } from './drill-lines.ts'
import type { LedgerWatch } from './ledger-watch.ts'
import { BurstProducer } from './line-burst.ts'
import { pacedTopology } from './run-pair.ts'
import type { ServedPlace } from './served-place.ts'

export interface LaneCrowdOptions {
  readonly place: ServedPlace
  readonly partitions: number
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly seed: number
  readonly watch: LedgerWatch
  /** How long anything may take. */
  readonly patienceMs: number
}

export const replayNamespace = 'past'
const limitedTenant = 'south/west'
const loud: DrillPlace = { name: 'dan', project: 'loud', collection: 'noise' }
const old: DrillPlace = { name: 'eve', project: 'north', collection: 'things' }

/** Kinds of lanes that have to be there, with the least number of each. */
const wanted: readonly (readonly [kind: string, lanes: number])[] = [
  ['backlog', 2],
  [`tenant ${loud.project}`, 1],
  [`tenant ${limitedTenant}`, 1],
  ['replay', 1],
]

export const missingLanes = (watch: Pick<LedgerWatch, 'count'>): readonly string[] =>
  wanted.filter(([kind, lanes]) => watch.count(kind) < lanes).map(([kind]) => kind)

const hourMs = 3_600_000
// Eight seconds of a partition whose only lane reads at its pace.
const oldPerPartition = 2_400
const beatMs = 250
/** A store that cannot be reached yet. */
const notReached = 'SPW-0330'
/** A store that did not answer in time. */
const notAnswered = 'SPW-0302'
// More than what comes besides leaves room for at the pace of a lane.
const loudPerBeat = 100

export class LaneCrowd {
  /** Everything that was appended. */
  readonly lines: string[] = []
  readonly problems: string[] = []
  readonly #options: LaneCrowdOptions
  readonly #bursts: BurstProducer
  /** The backlog is an hour old: nobody has to wait until it is. */
  readonly #oldMs = Date.now() - hourMs
  #replay: CliProcess | undefined

  constructor(options: LaneCrowdOptions) {
    this.#options = options
    this.#bursts = new BurstProducer(options.place.kafka, options.place.name)
  }

  /** Append times that the replay takes: the oldest quarter of the backlog. */
  get replayed(): { readonly fromMs: number; readonly toMs: number } {
    const records = oldPerPartition * this.#options.partitions
    return { fromMs: this.#oldMs, toMs: this.#oldMs + records / 4 }
  }

  /** Before the first run. */
  async backlog(): Promise<void> {
    const { partitions, seed } = this.#options
    const lines = Array.from({ length: oldPerPartition * partitions }, drillLines(old, seed + 1))
    this.lines.push(...lines)
    const all = Array.from({ length: partitions }, (_, index) => index)
    await this.#bursts.append({ place: old, lines, appendedMs: this.#oldMs, partitions: all })
  }

  /** Resolves when lanes of each kind are there. */
  async gather(): Promise<void> {
    // Noise is the last: its lane would be done before slow commands have ended.
    await Promise.all([this.#limit(), this.#beginReplay()])
    await this.#makeNoise()
    const { watch, patienceMs } = this.#options
    if (!(await watch.until(() => this.missing().length === 0, patienceMs)))
      throw new Error(`lanes are missing: ${this.missing().join(', ')}; there were ${watch.text}`)
  }

  /** Kinds of lanes of which there were too few since the watch has forgotten what it had seen. */
  missing(): readonly string[] {
    return missingLanes(this.#options.watch)
  }

  /** Everything may go as fast as it can; resolves when the person's commands have ended. */
  async release(): Promise<void> {
    await Promise.all([
      this.#ask(['tenant', 'clear', limitedTenant]),
      this.#ask(['tune', 'set', 'backlog.recordsPerSecond', '0']),
      this.#ask(['tune', 'set', 'backlog.activeLanes', '32']),
      this.#ask(this.#replayWords('none')),
    ])
  }

  /** The same request again finds the replay done. */
  async verify(): Promise<void> {
    await this.#ask(this.#replayWords('none'))
  }

  async close(): Promise<void> {
    await this.#replay?.kill()
    await this.#bursts.close()
  }

  async #limit(): Promise<void> {
    await this.#ask(['tenant', 'limit', limitedTenant, '40/s', '--because', 'a drill'])
  }

  /** The command is killed when it has said what it does: whoever runs the topology goes on with it. */
  async #beginReplay(): Promise<void> {
    const { folder, env } = this.#options
    this.#replay = new CliProcess(folder, this.#replayWords('20'), env)
    if (!(await this.#replay.said(/replay past: /)))
      this.problems.push(`the replay did not begin: ${this.#replay.stderr.slice(-1_000)}`)
    await this.#replay.kill()
  }

  /** In one partition, until it has a lane of its own there, and a little longer: that lane is not to be done at once. */
  async #makeNoise(): Promise<void> {
    const { watch, patienceMs, seed } = this.#options
    const line = drillLines(loud, seed + 2)
    const endMs = Date.now() + patienceMs
    for (let after = 0; after < 8 && Date.now() < endMs; ) {
      const lines = Array.from({ length: loudPerBeat }, line)
      this.lines.push(...lines)
      await this.#bursts.append({ place: loud, lines, appendedMs: Date.now(), partitions: [0] })
      if (watch.count(`tenant ${loud.project}`) > 0) after++
      await pause(beatMs)
    }
  }

  #replayWords(rate: string): readonly string[] {
    const { fromMs, toMs } = this.replayed
    const times = ['--from', new Date(fromMs).toISOString(), '--to', new Date(toMs).toISOString()]
    return ['replay', pacedTopology, ...times, '--into', replayNamespace, '--rate', rate]
  }

  /** As a person does it: once more, when a server that has just come back did not answer. A replay that has begun has patience of its own. */
  async #ask(words: readonly string[]): Promise<void> {
    let asked = await this.#askOnce(words)
    const passing = words[0] === 'replay' ? [notReached] : [notReached, notAnswered]
    const isPassing = (): boolean => asked.code === 1 && passing.some((code) => asked.stderr.includes(code))
    for (let more = 0; more < 2 && isPassing(); more++) asked = await this.#askOnce(words)
    const { code, stderr } = asked
    if (code !== 0) this.problems.push(`${words.slice(0, 2).join(' ')} ended with ${code}: ${stderr.slice(-1_000)}`)
  }

  async #askOnce(words: readonly string[]): Promise<CliExit> {
    const { folder, env, patienceMs } = this.#options
    const command = new CliProcess(folder, words, env)
    command.end()
    const timer = setTimeout(() => command.signal('SIGKILL'), patienceMs)
    const ended = await command.ended
    clearTimeout(timer)
    return ended
  }
}
