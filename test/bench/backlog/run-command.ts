/** `topology run` as a person starts it, in processes of its own, and the memory that they take together. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What is installed, not its sources: those cost each process memory and time before it begins. */
export const bin = fileURLToPath(new URL('../../../dist/topology/cli/bin.js', import.meta.url))
export const topologyFile = fileURLToPath(new URL('backlog-topology.ts', import.meta.url))
const kibibyte = 1_024

export interface RunCommandOptions {
  readonly topology: string
  readonly sinks: string
  readonly log: string
  readonly rows: string
  readonly workers: number
  readonly spinUs?: number
  /** Of the rollup. Default: a minute. */
  readonly window?: '1 minute' | '1 day'
  readonly knobs?: Readonly<Record<string, number>>
}

/** A number of `/proc/PID/status` in bytes; 0 where the process has gone. */
const statusBytes = (pid: number, field: string): number => {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) * kibibyte
  } catch {
    return 0
  }
}

const parentOf = (pid: string): number => {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return 0
  }
}

export class RunCommand {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #timer: NodeJS.Timeout
  readonly #folder = mkdtempSync(join(tmpdir(), 'spillway-bench-'))
  /** Largest peak of one of its processes. */
  peakBytes = 0
  /** Largest sum of what its processes had at one time. */
  peakTogetherBytes = 0

  constructor(options: RunCommandOptions) {
    const { topology, sinks, log, rows, workers, spinUs = 0, window = '1 minute' } = options
    const env = {
      ...process.env,
      BENCH_TOPOLOGY: topology,
      BENCH_SINKS: sinks,
      BENCH_SPIN_US: String(spinUs),
      BENCH_WINDOW: window,
    }
    const args = [bin, 'run', topologyFile, '--log', log, '--rows', rows]
    const knobs = Object.entries(options.knobs ?? {}).map(([knob, value]) => `  ${knob}: ${value}\n`)
    if (knobs.length > 0) writeFileSync(join(this.#folder, 'spillway.yaml'), `knobs:\n${knobs.join('')}`)
    this.#child = spawn(process.execPath, [...args, '--workers', String(workers)], {
      cwd: this.#folder,
      stdio: ['ignore', 'inherit', process.env['BENCH_VERBOSE'] === undefined ? 'ignore' : 'inherit'],
      env,
    })
    this.#ended = once(this.#child, 'exit')
    // Peaks of processes are kept by the system; whoever looks often takes from the cores that are measured.
    this.#timer = setInterval(() => this.#look(), 1_000)
  }

  async stop(): Promise<void> {
    this.#look()
    clearInterval(this.#timer)
    this.#child.kill('SIGTERM')
    await this.#ended
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #look(): void {
    const own = this.#child.pid!
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    const family = [own, ...pids.filter((pid) => parentOf(pid) === own).map(Number)]
    this.peakBytes = Math.max(this.peakBytes, ...family.map((pid) => statusBytes(pid, 'VmHWM')))
    const together = family.reduce((sum, pid) => sum + statusBytes(pid, 'VmRSS'), 0)
    this.peakTogetherBytes = Math.max(this.peakTogetherBytes, together)
  }
}
