/** Two ends of a way between a supervisor and a worker in one process: copies, in order, a turn of the loop later. */
import { setImmediate as turn } from 'node:timers/promises'
import type { SupervisorChannel, WorkerChannel } from '../../topology/engine/shell/workers/worker-channel.ts'
import type { FromWorker, ToWorker } from '../../topology/engine/workers/messages.ts'

export interface MemoryChannel {
  readonly supervisor: WorkerChannel
  readonly worker: SupervisorChannel
  /** The process is gone: nothing arrives any more. */
  end(reason: string): void
  /** What the worker says arrives nowhere, as if it were stuck. */
  isMute: boolean
}

export const memoryChannel = (pid: number, killed: () => void): MemoryChannel => {
  let toWorker: ((message: ToWorker) => void) | undefined
  let toSupervisor: ((message: FromWorker) => void) | undefined
  const early: ToWorker[] = []
  let isOver = false
  let settle: (reason: string) => void = () => undefined
  const ended = new Promise<string>((resolve) => {
    settle = resolve
  })
  const channel = { isMute: false }
  const end = (reason: string): void => {
    isOver = true
    // What was sent before is heard before.
    void turn().then(() => settle(reason))
  }
  return Object.assign(channel, {
    end,
    supervisor: {
      pid,
      send: (message: ToWorker) => {
        const copy = structuredClone(message)
        void turn().then(() => {
          if (isOver) return
          if (toWorker === undefined) early.push(copy)
          else toWorker(copy)
        })
      },
      onMessage: (listener: (message: FromWorker) => void) => {
        toSupervisor = listener
      },
      kill: () => {
        if (isOver) return
        killed()
      },
      ended,
    },
    worker: {
      send: async (message: FromWorker) => {
        if (isOver) throw new Error('nobody is there')
        if (channel.isMute) return
        const copy = structuredClone(message)
        // What the kernel has reaches the supervisor, whatever becomes of the worker.
        void turn().then(() => toSupervisor?.(copy))
      },
      onMessage: (listener: (message: ToWorker) => void) => {
        toWorker = listener
        for (const message of early.splice(0)) listener(message)
      },
    },
  })
}
