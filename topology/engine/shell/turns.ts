/**
 * Shares of one event loop between classes of work: weighted fair queueing over portions, by the time that each took.
 *
 * A class that has work gets at least its share; one without work leaves its share to the others, and nothing is saved
 * up meanwhile. Portions of live lanes run beside one another as ever; every other portion runs alone, so that fresh
 * records wait for one portion of something else at most. Who waits for a reply in mid-portion holds nobody up. Decides
 * when work is done and never what it gives (I-1).
 */
import type { WorkClass } from '../../model/lane-permit.ts'
import type { EngineParts } from './engine-parts.ts'
import { ReadLimits } from './read-limits.ts'

// What a portion counts at least: clocks do not see the short ones.
const leastMs = 0.1
// What it counts at most: a clock may jump, and a process may have been stopped.
const mostMs = 1_000
const leastShare = 0.001

interface Waiter {
  readonly resolve: () => void
}

export class Turns {
  /** What they may fetch together. */
  readonly reads: ReadLimits
  readonly #knob: EngineParts['knob']
  readonly #giveWay: EngineParts['giveWay']
  /** Time that each class has used, by its share. */
  readonly #used = new Map<WorkClass, number>()
  readonly #waiting = new Map<WorkClass, Waiter[]>()
  /** Portions that have the loop now, all of one class. */
  #running = 0
  #class: WorkClass = 'live'
  /** What the class that was let in last had used by then. */
  #level = 0
  /** Counts what was let in: by it a portion that still has the loop is told from the next one. */
  #entries = 0
  #isChoosing = false
  #isWatching = false

  constructor(parts: Pick<EngineParts, 'knob' | 'giveWay' | 'clock'>) {
    this.#knob = parts.knob
    this.#giveWay = parts.giveWay
    this.reads = new ReadLimits(parts)
  }

  /** `undefined`: at once. Else resolves when it is the turn of this class, or when the signal aborts. */
  take(workClass: WorkClass, signal: AbortSignal): Promise<void> | undefined {
    if (signal.aborted) return this.#enter(workClass)
    const isAlike = workClass === this.#class && (this.#running === 0 || workClass === 'live')
    if (isAlike && this.#waiting.size === 0) return this.#enter(workClass)
    return new Promise((resolve) => {
      const waiter: Waiter = {
        resolve: () => {
          signal.removeEventListener('abort', end)
          resolve()
        },
      }
      const end = (): void => {
        this.#remove(workClass, waiter)
        this.#enter(workClass)
        waiter.resolve()
      }
      signal.addEventListener('abort', end, { once: true })
      const waiting = this.#waiting.get(workClass)
      if (waiting === undefined) this.#waiting.set(workClass, [waiter])
      else waiting.push(waiter)
      if (this.#running === 0) this.#choose()
      else this.#watch()
    })
  }

  /** The portion is over; it took so long. */
  done(workClass: WorkClass, cpuMs: number): void {
    const ms = Math.min(mostMs, Math.max(leastMs, cpuMs))
    this.#used.set(workClass, this.#usedBy(workClass) + ms / Math.max(leastShare, this.#shareOf(workClass)))
    if (workClass === this.#class && this.#running > 0) this.#running -= 1
    if (this.#running === 0 && this.#waiting.size > 0) this.#choose()
  }

  #usedBy(workClass: WorkClass): number {
    return this.#used.get(workClass) ?? 0
  }

  #enter(workClass: WorkClass): undefined {
    if (this.#running === 0) {
      // Who had no work has saved nothing up: it stands where the class stood that was let in last.
      this.#used.set(workClass, Math.max(this.#usedBy(workClass), this.#level))
      this.#level = this.#usedBy(workClass)
      this.#class = workClass
    }
    if (workClass === this.#class) this.#running += 1
    this.#entries += 1
  }

  /** When everything that is ready now has come: who has just ended a portion gives way too, and is back with the next. */
  #choose(): void {
    if (this.#isChoosing) return
    this.#isChoosing = true
    void this.#giveWay()
      .then(() => this.#giveWay())
      .then(() => {
        this.#isChoosing = false
        if (this.#running === 0) this.#admitNext()
      })
  }

  #admitNext(): void {
    let next: WorkClass | undefined
    for (const workClass of this.#waiting.keys())
      if (next === undefined || this.#usedBy(workClass) < this.#usedBy(next)) next = workClass
    if (next === undefined) return
    const all = next === 'live' ? this.#waiting.get(next)! : [this.#waiting.get(next)![0]!]
    for (const waiter of [...all]) {
      this.#remove(next, waiter)
      this.#enter(next)
      waiter.resolve()
    }
    if (this.#waiting.size > 0) this.#watch()
  }

  #remove(workClass: WorkClass, waiter: Waiter): void {
    const rest = (this.#waiting.get(workClass) ?? []).filter((one) => one !== waiter)
    if (rest.length === 0) this.#waiting.delete(workClass)
    else this.#waiting.set(workClass, rest)
  }

  /** Somebody waits: a portion that itself waits for a reply lets the others in. */
  #watch(): void {
    if (this.#isWatching) return
    this.#isWatching = true
    const before = this.#entries
    void this.#giveWay()
      .then(() => this.#giveWay())
      .then(() => {
        this.#isWatching = false
        if (this.#waiting.size === 0) return
        if (this.#running === 0) return this.#choose()
        if (this.#entries !== before) return this.#watch()
        this.#running = 0
        this.#admitNext()
      })
  }

  #shareOf(workClass: WorkClass): number {
    const live = this.#knob('live.reserveRatio')
    const replay = this.#knob('replay.shareRatio')
    const deletes = this.#knob('delete.shareRatio')
    if (workClass === 'live') return live
    if (workClass === 'replay') return replay
    if (workClass === 'delete') return deletes
    return (1 - live - replay - deletes) / 2
  }
}
