/**
 * The way between a supervisor and one worker of a history: copies, in order, each heard when the schedule lets the one go
 * on who hears it. What an end has sent before it dies arrives; who stands still hears nothing until it wakes.
 */
import type { SupervisorChannel, WorkerChannel } from '../../../engine/shell/workers/worker-channel.ts'
import type { FromWorker, ToWorker } from '../../../engine/workers/messages.ts'
import type { Party } from './party.ts'

/** One direction of the way. */
class Way<Message> {
  readonly #hearer: Party
  readonly #failed: (error: unknown) => void
  readonly #queue: (() => void)[] = []
  #listener: ((message: Message) => void) | undefined
  #isMoving = false

  constructor(hearer: Party, failed: (error: unknown) => void) {
    this.#hearer = hearer
    this.#failed = failed
  }

  put(message: Message): void {
    const copy = structuredClone(message)
    this.after(() => this.#listener?.(copy))
  }

  /** Behind everything that was put before. */
  after(heard: () => void): void {
    this.#queue.push(heard)
    void this.#move()
  }

  listen(listener: (message: Message) => void): void {
    this.#listener = listener
    void this.#move()
  }

  async #move(): Promise<void> {
    if (this.#isMoving || this.#listener === undefined) return
    this.#isMoving = true
    while (this.#queue.length > 0) {
      await this.#hearer.pass()
      // Who has gone is let go of by nobody: a gate that opens after that is one that was open already.
      if (this.#hearer.isGone) return
      try {
        this.#queue.shift()!()
      } catch (error) {
        this.#failed(error)
      }
    }
    this.#isMoving = false
  }
}

export interface ChannelEnds {
  readonly pid: number
  readonly supervisor: Party
  readonly worker: Party
  /** The supervisor ends the worker. */
  readonly kill: () => void
  /** What a listener throws, which in a process of its own would be the end of that. */
  readonly failed: (error: unknown) => void
}

export class GatedChannel {
  readonly supervisor: WorkerChannel
  readonly worker: SupervisorChannel
  readonly #toSupervisor: Way<FromWorker>
  #settle: (reason: string) => void = () => undefined

  constructor({ pid, supervisor, worker, kill, failed }: ChannelEnds) {
    const toWorker = new Way<ToWorker>(worker, failed)
    const toSupervisor = new Way<FromWorker>(supervisor, failed)
    this.#toSupervisor = toSupervisor
    const ended = new Promise<string>((resolve) => {
      this.#settle = resolve
    })
    this.supervisor = {
      pid,
      send: (message) => toWorker.put(message),
      onMessage: (listener) => toSupervisor.listen(listener),
      kill,
      ended,
    }
    this.worker = {
      send: async (message) => {
        if (supervisor.isGone) throw new Error('the supervisor is gone')
        toSupervisor.put(message)
      },
      onMessage: (listener) => toWorker.listen(listener),
    }
  }

  /** The worker's process is gone: its supervisor hears of that behind everything else. */
  end(reason: string): void {
    this.#toSupervisor.after(() => this.#settle(reason))
  }
}
