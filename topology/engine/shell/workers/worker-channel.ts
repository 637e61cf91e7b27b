/**
 * The way between a supervisor and one worker process. Messages arrive in order, each as a copy; what is under way when
 * an end dies is lost.
 */
import type { FromWorker, ToWorker } from '../../workers/messages.ts'

/** The supervisor's end. */
export interface WorkerChannel {
  readonly pid: number
  /** What cannot be delivered any more is lost without a word: `ended` tells. */
  send(message: ToWorker): void
  onMessage(listener: (message: FromWorker) => void): void
  /** Ends the process at once, whatever it does. */
  kill(): void
  /** Resolves when the process is gone, with the reason in words; never rejects. */
  readonly ended: Promise<string>
}

/** The worker's end. */
export interface SupervisorChannel {
  /** Resolves when the message is out of reach of whatever happens to this process. Rejects when nobody is there. */
  send(message: FromWorker): Promise<void>
  onMessage(listener: (message: ToWorker) => void): void
}
