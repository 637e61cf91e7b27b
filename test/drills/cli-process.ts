/** The real `topology` program as a process: its lines as they come, its end, and kill -9. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

const repository = resolve(import.meta.dirname, '../..')

export interface CliExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export class CliProcess {
  readonly ended: Promise<CliExit>
  readonly #child: ChildProcess
  readonly #waiting = new Set<() => void>()
  readonly #followers: ((line: string) => void)[] = []
  #rest = ''
  #stdout = ''
  #stderr = ''
  #isOver = false

  constructor(folder: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const bin = resolve(repository, 'topology/cli/bin.ts')
    this.#child = spawn(process.execPath, ['--conditions=spillway-source', bin, ...words], {
      cwd: folder,
      env: { ...process.env, NODE_OPTIONS: '', CI: '1', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
      this.#follow(text)
      this.#tell()
    })
    // A process that was killed does not read on.
    this.#child.stdin?.on('error', () => undefined)
    this.ended = once(this.#child, 'close').then(([code, signal]) => {
      this.#isOver = true
      this.#tell()
      return { code, signal, stdout: this.#stdout, stderr: this.#stderr }
    })
  }

  get isOver(): boolean {
    return this.#isOver
  }

  get stderr(): string {
    return this.#stderr
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Everything for stdin; `end` closes it. */
  write(text: string): void {
    this.#child.stdin?.write(text)
  }

  end(): void {
    this.#child.stdin?.end()
  }

  /** Resolves when stderr matches so many times, or the process has ended. Gives whether it matches. */
  async said(pattern: RegExp, times = 1): Promise<boolean> {
    const all = new RegExp(pattern, 'g')
    for (;;) {
      if ((this.#stderr.match(all) ?? []).length >= times) return true
      if (this.#isOver) return false
      await new Promise<void>((wake) => this.#waiting.add(wake))
    }
  }

  /** Every line of stderr from now on, as it comes. */
  follow(follower: (line: string) => void): void {
    this.#followers.push(follower)
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** kill -9; a process that has ended before keeps its own end. */
  kill(): Promise<CliExit> {
    this.signal('SIGKILL')
    return this.ended
  }

  #follow(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) for (const follower of this.#followers) follower(line)
  }

  #tell(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}

/** Runs a command to its end. */
export const topology = (
  folder: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliExit> => {
  const command = new CliProcess(folder, words, env)
  command.end()
  return command.ended
}
