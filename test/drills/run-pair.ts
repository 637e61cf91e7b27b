/** The `topology run` processes that share a topology, and what they have said of their checkpoints: who, where, when. */
import { join } from 'node:path'
import { CliProcess } from './cli-process.ts'
import { orphansOf, signalWorker, workersOf } from './worker-processes.ts'

export interface Checkpoint {
  readonly run: CliProcess
  /** `events/3` */
  readonly lane: string
  readonly partition: number
  readonly at: number
  readonly atMs: number
}

export const pacedTopology: string = join(import.meta.dirname, 'paced-topology.ts')

export class RunPair {
  readonly checkpoints: Checkpoint[] = []
  readonly problems: string[] = []
  readonly #folder: string
  readonly #env: Readonly<Record<string, string>>
  readonly #workers: number
  readonly #runs = new Set<CliProcess>()
  readonly #all: CliProcess[] = []
  /** Processes whose end is wanted. */
  readonly #ending = new Set<CliProcess>()
  readonly #waiting = new Set<() => void>()

  /** `workers`: processes of each run. */
  constructor(folder: string, env: Readonly<Record<string, string>>, workers: number) {
    this.#folder = folder
    this.#env = env
    this.#workers = workers
  }

  get runs(): readonly CliProcess[] {
    return [...this.#runs]
  }

  /** What each process has said, in the order of their starts. */
  get logs(): readonly string[] {
    return this.#all.map(({ stderr }) => stderr)
  }

  start(): CliProcess {
    const words = ['run', pacedTopology, '--workers', String(this.#workers), '--log-level', 'debug']
    const run = new CliProcess(this.#folder, words, this.#env)
    this.#runs.add(run)
    this.#all.push(run)
    run.follow((line) => this.#read(run, line))
    void run.ended.then(({ code, signal, stderr }) => {
      this.#runs.delete(run)
      if (!this.#ending.has(run))
        this.problems.push(`a run ended by itself (${code ?? signal}): ${stderr.slice(-2_000)}`)
      this.#tell()
    })
    return run
  }

  /** kill -9 of the supervisor; its workers end by themselves. */
  async kill(run: CliProcess): Promise<void> {
    this.#ending.add(run)
    const workers = await workersOf(run.pid)
    run.signal('SIGKILL')
    await this.#alone(workers, 'was killed')
    await run.ended
  }

  /** SIGTERM; a clean end is expected. */
  async stop(run: CliProcess): Promise<void> {
    this.#ending.add(run)
    const workers = await workersOf(run.pid)
    run.signal('SIGTERM')
    const { code, signal, stderr } = await run.ended
    await this.#alone(workers, 'has ended')
    if (code !== 0)
      this.problems.push(`a run that was told to stop ended with ${code ?? signal}: ${stderr.slice(-2_000)}`)
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.runs.map((run) => this.stop(run)))
  }

  async killAll(): Promise<void> {
    await Promise.all(this.runs.map((run) => this.kill(run)))
  }

  /** Resolves with true when it holds, asked after each checkpoint; with false after a bound or when no run is left. */
  async until(holds: () => boolean, boundMs: number): Promise<boolean> {
    const endMs = Date.now() + boundMs
    while (!holds()) {
      const leftMs = endMs - Date.now()
      if (leftMs <= 0 || this.#runs.size === 0) return holds()
      await new Promise<void>((wake) => {
        const timer = setTimeout(wake, leftMs)
        this.#waiting.add(() => {
          clearTimeout(timer)
          wake()
        })
      })
    }
    return true
  }

  /** Partitions whose last checkpoint is of this process. */
  partitionsOf(run: CliProcess): ReadonlySet<number> {
    const last = new Map<number, CliProcess>()
    for (const checkpoint of this.checkpoints) last.set(checkpoint.partition, checkpoint.run)
    return new Set([...last].filter(([, owner]) => owner === run).map(([partition]) => partition))
  }

  /** Workers that outlive their supervisor are a problem, and are ended. */
  async #alone(workers: readonly number[], since: string): Promise<void> {
    const orphans = await orphansOf(workers)
    if (orphans.length === 0) return
    this.problems.push(`${orphans.length} of ${workers.length} workers go on after their supervisor ${since}`)
    for (const pid of orphans) signalWorker(pid, 'SIGKILL')
  }

  #read(run: CliProcess, line: string): void {
    const [, lane, partition, at] = /checkpoint (\S+\/(\d+)) at (\d+)/.exec(line) ?? []
    if (lane === undefined) return
    this.checkpoints.push({ run, lane, partition: Number(partition), at: Number(at), atMs: Date.now() })
    this.#tell()
  }

  #tell(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}
