/** The worker processes of a `topology run`, as the system lists them: which there are, and whether they end with it. */
import { execFile } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

interface Listed {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

const listed = async (): Promise<readonly Listed[]> => {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,command='], { maxBuffer: 16 * 1_048_576 })
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }]
  })
}

// Its program until it has read its order, its title from then on.
const isWorker = ({ command }: Listed): boolean => /topology worker|lane-worker/.test(command)

/** Workers that a run has now. */
export const workersOf = async (run: number): Promise<readonly number[]> =>
  (await listed()).filter((one) => one.parent === run && isWorker(one)).map(({ pid }) => pid)

/** False: it has ended by now. */
export const signalWorker = (pid: number, signal: NodeJS.Signals): boolean => {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

// A thread of theirs looks every half second; a busy machine needs longer.
const partingMs = 10_000
const lookEveryMs = 50

/** Resolves when none of them is left, or after a bound; gives those that are. */
export const orphansOf = async (workers: readonly number[]): Promise<readonly number[]> => {
  const endMs = Date.now() + partingMs
  for (;;) {
    const left = (await listed()).filter((one) => workers.includes(one.pid) && isWorker(one)).map(({ pid }) => pid)
    if (left.length === 0 || Date.now() > endMs) return left
    await pause(lookEveryMs)
  }
}
