/**
 * The kill drill: several `ingest` and one `run` work on the same embedded resources and are killed (-9) again and again,
 * the supervisor of the run as well as its worker; after the last restart everything must equal a plain recomputation of
 * the log. A worker never outlives its supervisor.
 *
 * When a process dies is chosen by the seed, in lines that it has said and a few milliseconds behind them. The pause is no
 * waiting for a state: whatever has happened by then, the outcome must be right.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from 'spillway'
import { seededRandom } from 'spillway/testing'
import { checkOutcome, idOfLine } from './check-outcome.ts'
import { CliProcess, topology } from './cli-process.ts'
import { type DrillFile, drillFile } from './drill-lines.ts'
import { LogTally } from './log-tally.ts'
import { ObjectFolder } from './object-folder.ts'
import { orphansOf, signalWorker, workersOf } from './worker-processes.ts'

export interface KillDrill {
  /** An empty folder. */
  readonly folder: string
  readonly seed: number
  /** Kills of `run`, and kills of `ingest`. */
  readonly kills: number
  readonly report?: (text: string) => void
}

export interface DrillOutcome {
  readonly problems: readonly string[]
  /** Processes that were still alive when the signal reached them. */
  readonly runKills: number
  readonly ingestKills: number
  /** Workers, while their supervisor ran on. */
  readonly workerKills: number
  readonly records: number
}

const linesPerFile = 2_500
const writers = [
  { name: 'ann', project: 'north', collection: 'things' },
  { name: 'bob', project: 'north', collection: 'things' },
  { name: 'cleo', project: 'south/west', collection: 'parts' },
]

// Epochs as short as knobs allow, so that kills meet many declarations, writes and commits. No record is at fault when a
// worker is lost.
const settings = `knobs:
  batch.records: 100
  fetch.waitMs: 20
  ledger.tickMs: 50
  epoch.ageMs: 100
  epoch.schemaMs: 1000
  epoch.records: 400
  objects.ageMs: 1000
  objects.epochBytes: 1048576
  poison.attempts: 10
`

export const killDrill = async (drill: KillDrill): Promise<DrillOutcome> => {
  writeFileSync(join(drill.folder, 'spillway.yaml'), settings)
  return new DrillRig(drill).play()
}

class DrillRig {
  readonly #drill: KillDrill
  readonly #random: Random
  readonly #tally: LogTally
  readonly #objects: ObjectFolder
  readonly #problems: string[] = []
  readonly #files: DrillFile[] = []
  #reading: Promise<void> = Promise.resolve()
  #runKills = 0
  #ingestKills = 0
  #workerKills = 0
  #isIngesting = true

  constructor(drill: KillDrill) {
    this.#drill = drill
    this.#tally = new LogTally(logUrl(drill))
    this.#random = seededRandom(drill.seed)
    this.#objects = new ObjectFolder(join(drill.folder, 'data/objects'))
  }

  async play(): Promise<DrillOutcome> {
    const ingests = Promise.all(writers.map((_, index) => this.#write(index))).finally(() => {
      this.#isIngesting = false
    })
    await Promise.all([ingests, this.#runAndKill(ingests)])
    const { code, stderr } = await topology(this.#drill.folder, [...runWords, '--until-caught-up'])
    if (code !== 0) this.#problems.push(`the last run ended with ${code}: ${stderr}`)
    await this.#checkLog()
    const problems = [...this.#problems, ...(await checkOutcome(this.#drill.folder, this.#tally.lines))]
    const [runKills, ingestKills, workerKills] = [this.#runKills, this.#ingestKills, this.#workerKills]
    return { problems, runKills, ingestKills, workerKills, records: this.#tally.lines.length }
  }

  /** One writer: file after file, until all kills of ingests are spent. */
  async #write(index: number): Promise<void> {
    const place = writers[index]!
    for (let round = 0; round === 0 || this.#ingestKills < this.#drill.kills; round++) {
      const seed = this.#drill.seed * 1_000 + round * writers.length + index
      const file = drillFile({ ...place, name: `${place.name}-${round}` }, linesPerFile, seed)
      this.#files.push(file)
      writeFileSync(join(this.#drill.folder, `${file.name}.ndjson`), `${file.lines.join('\n')}\n`)
      await this.#ingest(file)
    }
  }

  /** Ingests a file, killed and begun again where the log says, until a process comes through. */
  async #ingest({ name, project, collection }: DrillFile): Promise<void> {
    for (let skip = 0; ; ) {
      const words = [
        'ingest',
        `${name}.ndjson`,
        '-p',
        project,
        '-c',
        collection,
        '--time',
        'at',
        '--skip',
        String(skip),
      ]
      const child = new CliProcess(this.#drill.folder, [...words, '--log-level', 'debug'])
      if (this.#ingestKills < this.#drill.kills) {
        await this.#behind(child, / lines durable\n/, this.#below(4))
        child.signal('SIGKILL')
      }
      const { signal, code, stderr } = await child.ended
      const told = Number([...stderr.matchAll(/([\d,]+) lines durable\n/g)].at(-1)?.[1]?.replaceAll(',', '') ?? skip)
      if (signal === null && code !== 0) throw new Error(`ingest ${name} ended with ${code}: ${stderr}`)
      if (signal !== null) this.#ingestKills++
      skip = await this.#checkFile(name, told)
      if (signal === null) return
      this.#tell()
    }
  }

  /** The lines of a file in the log are a beginning of it, as long as was told at least. Gives their number. */
  async #checkFile(name: string, told: number): Promise<number> {
    this.#reading = this.#reading.then(() => this.#tally.readOn())
    await this.#reading
    const numbers = this.#tally.numbersOf(name)
    const wrong = numbers.findIndex((number, index) => number !== index)
    if (wrong >= 0) this.#problems.push(`line ${wrong} of ${name} is not the next one in the log: ${numbers[wrong]}`)
    if (numbers.length < told) this.#problems.push(`${told} lines of ${name} were durable, ${numbers.length} are there`)
    return numbers.length
  }

  async #runAndKill(ingests: Promise<unknown>): Promise<void> {
    while (this.#runKills < this.#drill.kills || this.#isIngesting) {
      const child = new CliProcess(this.#drill.folder, [...runWords, '--log-level', 'debug'])
      const before = this.#runKills % 2 === 0 ? 0 : 1 + this.#below(6)
      // Behind the end of the log nothing is said any more.
      const silent = ingests.then(() => child.said(/ runs on /)).then(() => pause(this.#below(900)))
      await Promise.race([this.#killWorkerBehind(child, before, silent), child.ended])
      await Promise.race([this.#behind(child, checkpoint, before + this.#below(24)), silent])
      const workers = await workersOf(child.pid)
      const { signal, code, stderr } = await child.kill()
      const orphans = await orphansOf(workers)
      if (orphans.length > 0) this.#problems.push(`workers go on after their run was killed: ${orphans.join(', ')}`)
      if (signal === null) throw new Error(`run ended by itself with ${code}: ${stderr}`)
      this.#runKills++
      await this.#checkObjects()
      this.#tell()
    }
  }

  /** Kills the worker of a run a little after so many checkpoints, or when none comes; `0`: not at all. The run goes on. */
  async #killWorkerBehind(child: CliProcess, times: number, silent: Promise<void>): Promise<void> {
    const afterMs = this.#below(60)
    if (times === 0) return
    await Promise.race([child.said(checkpoint, times), silent])
    await pause(afterMs)
    const [worker] = await workersOf(child.pid)
    if (worker === undefined || !signalWorker(worker, 'SIGKILL')) return
    this.#workerKills++
    await child.said(/worker 1 is replaced/)
  }

  /** Resolves a little after a process has said something so many times; `0`: some time after its start. */
  async #behind(child: CliProcess, pattern: RegExp, times: number): Promise<void> {
    const afterMs = this.#below(times === 0 ? 700 : 60)
    if (times > 0) await child.said(pattern, times)
    await Promise.race([pause(afterMs), child.ended])
  }

  /** Nothing runs: a tool that reads the folder finds whole objects, and each event in one of them at most. */
  async #checkObjects(): Promise<void> {
    const seen = new Set<string>()
    for (const line of await this.#objects.lines(this.#problems)) {
      const id = idOfLine(line)
      if (seen.has(id)) this.#problems.push(`event ${id} is in two objects while nothing runs`)
      seen.add(id)
    }
  }

  /** The log, opened and read anew, is what was read beside the writers; every line of every file stands in it once. */
  async #checkLog(): Promise<void> {
    const anew = new LogTally(logUrl(this.#drill))
    await anew.readOn()
    const texts = new Map(anew.lines.map((line) => [line.place, line.text]))
    if (anew.lines.length !== this.#tally.lines.length) this.#problems.push('the log has another length when read anew')
    for (const { place, text } of this.#tally.lines)
      if (texts.get(place) !== text) this.#problems.push(`record ${place} has changed`)
    const counts = new Map<string, number>()
    for (const { text } of anew.lines) counts.set(text, (counts.get(text) ?? 0) + 1)
    for (const line of this.#files.flatMap(({ lines }) => lines))
      if (counts.get(line) !== 1) this.#problems.push(`a line is ${counts.get(line) ?? 0} times in the log: ${line}`)
  }

  #below(bound: number): number {
    return Math.floor(this.#random.next() * bound)
  }

  #tell(): void {
    this.#drill.report?.(`killed run ${this.#runKills}, worker ${this.#workerKills}, ingest ${this.#ingestKills} times`)
  }
}

const logUrl = ({ folder }: KillDrill): string => `file:${join(folder, 'data/log')}`
const checkpoint = /debug: checkpoint .*\n/
const runWords = ['run', join(import.meta.dirname, 'drill-topology.ts')]
