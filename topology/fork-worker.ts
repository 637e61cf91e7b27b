/**
 * Starts the processes of workers and carries the messages. They take over the flags of this process, read secrets from
 * the environment that they are given, and end when this process does.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { systemClock } from './engine/shell/system-clock.ts'
import type { WorkerChannel } from './engine/shell/workers/worker-channel.ts'
import type { FromWorker, ToWorker } from './engine/workers/messages.ts'
import type { FirstMessage, LaneOrder, LastMessage } from './lane-order.ts'
import type { Environment } from './resource-environment.ts'
import type { ForkWorkers } from './start-run.ts'

export type ForkSettings = Pick<LaneOrder, 'file' | 'urls' | 'knobs'> & {
  /** With the secrets that the resources need. */
  readonly env: Environment
  readonly folder: string
}

/** Processes that load `file` and open the resources by themselves. */
export const forkWorkers =
  ({ env, folder, ...place }: ForkSettings): ForkWorkers =>
  ({ spillFolder, marks }) =>
  (worker) => {
    // Built, the program has another ending.
    const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const program = fileURLToPath(new URL(`./lane-worker.${ending}`, import.meta.url))
    // Bytes and numbers of any size cross as they are.
    const child = fork(program, [], {
      ...{ serialization: 'advanced', cwd: folder, execArgv: [...process.execArgv, ...memoryFlags] },
      env: { ...memoryEnv, ...env },
    })
    const first: FirstMessage = {
      kind: 'order',
      order: { ...place, worker, marks, spillFolder: `${spillFolder}/worker-${worker}` },
    }
    return channelTo(child, first)
  }

// Bytes of records outlive many young collections, so that a large nursery only keeps more of them; and malloc keeps what
// it was given back, for each thread. Together that was a third of a worker that drains a backlog.
const memoryFlags = ['--max-semi-space-size=8']
const memoryEnv = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '32768', MALLOC_TRIM_THRESHOLD_: '131072' }

// What is in the kernel is read within moments.
const restMs = 1_000

const channelTo = (child: ChildProcess, first: FirstMessage): WorkerChannel => {
  let lastWord: string | undefined
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`it could not be started: ${error.message}`))
    child.once('exit', (code, signal) => resolve(endingOf(code, signal)))
  })
  const heardAll = new Promise<void>((resolve) => {
    child.once('disconnect', resolve)
  })
  const send = (message: FirstMessage | ToWorker): void => {
    // One that is gone says so by its end.
    if (child.connected) child.send(message, () => undefined)
  }
  child.on('error', () => undefined)
  child.on('message', (message: LastMessage | { readonly kind: '' }) => {
    if (message.kind === 'dying') lastWord = message.reason
  })
  send(first)
  return {
    pid: child.pid ?? 0,
    send,
    onMessage: (listener) => {
      child.on('message', (message: FromWorker | LastMessage) => {
        if (message.kind !== 'dying') listener(message)
      })
    },
    kill: () => {
      child.kill('SIGKILL')
    },
    // Its end may be known before everything is read that it had said.
    ended: exited.then(async (ending) => {
      await Promise.race([heardAll, systemClock.sleep(restMs)])
      return lastWord ?? ending
    }),
  }
}

// What a process that has no memory left ends with.
const aborted = 'SIGABRT'

const endingOf = (code: number | null, signal: NodeJS.Signals | null): string => {
  if (signal === aborted || code === 134) return 'it ran out of memory, or was aborted'
  return signal === null ? `it ended by itself with exit code ${code}` : `it was ended by ${signal}`
}
