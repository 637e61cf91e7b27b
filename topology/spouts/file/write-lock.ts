/**
 * One writer at a time among all processes, by the locks that SQLite takes on a file: the operating system gives them
 * back when their holder dies, also by `kill -9`, and Node has no call of its own for that.
 *
 * Two locks make it fair. Whoever wants `write` takes `turn` first and keeps it until `write` is theirs; a writer that
 * comes again at once therefore stands behind the one that waits. Nothing is ever stored in the two files. Waiting
 * never blocks the thread: a busy lock is tried again after a short pause of the system's own timer, because what is
 * waited for is another process.
 */
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { errors, storageError } from '../../model/errors.ts'

const pauseMs = 1
// A healthy writer holds the lock for one write and one sync. Ten seconds of pauses mean a stopped process or a dead disk.
const pausesMaxDefault = 10_000

class FileLock {
  readonly #database: DatabaseSync
  readonly #path: string
  #statements: { readonly take: StatementSync; readonly give: StatementSync } | undefined

  constructor(path: string) {
    this.#path = path
    this.#database = new DatabaseSync(path, { timeout: 0 })
  }

  /** Takes the lock if it is free. */
  tryTake(): boolean {
    try {
      this.#statements ??= this.#prepare()
      this.#statements.take.run()
      return true
    } catch (cause) {
      const isBusy = cause instanceof Error && 'errcode' in cause && cause.errcode === 5
      if (isBusy) return false
      throw storageError(this.#path, cause)
    }
  }

  async take(folder: string, pausesMax: number): Promise<void> {
    for (let pauses = 0; !this.tryTake(); pauses += 1) {
      if (pauses === pausesMax) {
        const reason = 'another process keeps the write lock of the log; is it stopped?'
        throw errors.storeUnavailable({ store: folder, reason })
      }
      await pause(pauseMs)
    }
  }

  give(): void {
    this.#statements?.give.run()
  }

  close(): void {
    this.#database.close()
  }

  #prepare(): { readonly take: StatementSync; readonly give: StatementSync } {
    // Without a journal file the lock leaves nothing behind that a later holder would have to read. Setting this looks
    // into the file, so it too finds the lock busy while another process has it.
    this.#database.exec('PRAGMA journal_mode = MEMORY')
    return { take: this.#database.prepare('BEGIN EXCLUSIVE'), give: this.#database.prepare('ROLLBACK') }
  }
}

export class WriteLock {
  readonly #folder: string
  readonly #pausesMax: number
  readonly #turn: FileLock
  readonly #write: FileLock
  #last: Promise<unknown> = Promise.resolve()

  /** `pausesMax`: how many pauses of 1 ms to wait for another process. */
  constructor(folder: string, pausesMax: number = pausesMaxDefault) {
    this.#folder = folder
    this.#pausesMax = pausesMax
    try {
      this.#turn = new FileLock(join(folder, 'turn.lock'))
      this.#write = new FileLock(join(folder, 'write.lock'))
    } catch (cause) {
      throw storageError(folder, cause)
    }
  }

  /** Runs `work` while no other process and no other work of this one writes. `storeUnavailable` (retry) when it waits too long. */
  hold<Result>(work: () => Promise<Result>): Promise<Result> {
    const held = this.#last.then(() => this.#holding(work))
    this.#last = held.catch(() => undefined)
    return held
  }

  /** Waits for the work in hand and closes the files. */
  async close(): Promise<void> {
    await this.#last
    this.#turn.close()
    this.#write.close()
  }

  async #holding<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#turn.take(this.#folder, this.#pausesMax)
    try {
      await this.#write.take(this.#folder, this.#pausesMax)
    } finally {
      this.#turn.give()
    }
    try {
      return await work()
    } finally {
      this.#write.give()
    }
  }
}
