/**
 * The process as the world of a command: streams, signals, terminal. Nothing else of the CLI touches `process`.
 *
 * Ctrl-C once aborts the command's signal, so that it finishes cleanly; twice ends the process at once. Both are safe:
 * whatever was cut off is finished by the next start. A reader of stdout that goes away ends the command quietly.
 */
import { once } from 'node:events'
import { systemClock, systemRandom } from '../engine/shell/system-clock.ts'
import { type CommandIo, OutputClosed } from './command.ts'

export const createProcessIo = (): CommandIo => {
  const { stdout, stderr, stdin, env } = process
  const isPlain = isSet(env['NO_COLOR']) || isSet(env['CI']) || env['TERM'] === 'dumb'
  const closed = watchClosed()
  return {
    print: async (chunk) => {
      if (closed.stdout) throw new OutputClosed()
      if (!stdout.write(chunk) && !closed.stdout) await Promise.race([once(stdout, 'drain'), closed.whenStdout])
      if (closed.stdout) throw new OutputClosed()
    },
    talk: (chunk) => {
      if (!closed.stderr) stderr.write(chunk)
    },
    stdin,
    env,
    folder: process.cwd(),
    clock: systemClock,
    random: systemRandom,
    signal: interruptSignal(),
    isLive: stderr.isTTY === true && !isPlain,
    colour: { stdout: stdout.isTTY === true && !isPlain, stderr: stderr.isTTY === true && !isPlain },
    // A terminal that does not know its width says 0.
    columns: stdout.columns || stderr.columns || 100,
    // Windows are made smaller and larger while a command draws.
    get rows() {
      return stdout.rows || undefined
    },
    fork: async (settings) => (await import('../fork-worker.ts')).forkWorkers(settings),
    setTitle: (title) => {
      process.title = title
    },
  }
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== ''

const watchClosed = (): { stdout: boolean; stderr: boolean; readonly whenStdout: Promise<void> } => {
  let announce = (): void => {}
  const whenStdout = new Promise<void>((resolve) => {
    announce = resolve
  })
  const closed = { stdout: false, stderr: false, whenStdout }
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    closed.stdout = true
    announce()
  })
  process.stderr.on('error', () => {
    closed.stderr = true
  })
  return closed
}

const interruptSignal = (): AbortSignal => {
  const controller = new AbortController()
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  return controller.signal
}
