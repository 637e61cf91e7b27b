/**
 * A clock that stands still until a test moves it. Sleepers wake in the order of their times, whoever slept first.
 *
 * Thousands may sleep at once: to sleep, to wake and to be aborted cost about the logarithm of their number.
 */
import type { Clock } from '../model/ports/clock.ts'

interface Sleeper {
  readonly atMs: number
  /** How many have slept before. */
  readonly order: number
  readonly wake: () => void
  isAborted: boolean
}

export interface VirtualClock extends Clock {
  /** Moves time on and wakes everybody whose time has come. */
  advance(ms: number): void
  /** Moves time to the next sleeper; false when nobody sleeps. */
  advanceToNext(): boolean
}

const isBefore = (left: Sleeper, right: Sleeper): boolean =>
  left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order)

/** Sleepers as a heap: the next one to wake stands first. Those that were aborted stay until their turn, or until they are the most. */
class Sleepers {
  #heap: Sleeper[] = []
  #aborted = 0

  /** The next one to wake. */
  first(): Sleeper | undefined {
    while (this.#heap[0]?.isAborted === true) this.takeFirst()
    return this.#heap[0]
  }

  add(sleeper: Sleeper): void {
    this.#heap.push(sleeper)
    this.#rise(this.#heap.length - 1)
  }

  abort(sleeper: Sleeper): void {
    sleeper.isAborted = true
    this.#aborted += 1
    if (this.#aborted * 2 <= this.#heap.length) return
    const left = this.#heap.filter((one) => !one.isAborted)
    this.#aborted = 0
    // What is sorted is a heap.
    this.#heap = left.sort((one, other) => one.atMs - other.atMs || one.order - other.order)
  }

  takeFirst(): void {
    const heap = this.#heap
    if (heap[0]?.isAborted === true) this.#aborted -= 1
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    heap[0] = last
    this.#sink()
  }

  #rise(from: number): void {
    const heap = this.#heap
    const sleeper = heap[from]!
    let at = from
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!isBefore(sleeper, heap[above]!)) break
      heap[at] = heap[above]!
      at = above
    }
    heap[at] = sleeper
  }

  #sink(): void {
    const heap = this.#heap
    const sleeper = heap[0]!
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1
      if (!isBefore(heap[below]!, sleeper)) break
      heap[at] = heap[below]!
      at = below
    }
    heap[at] = sleeper
  }
}

export const createVirtualClock = (startMs = Date.UTC(2026, 0, 1)): VirtualClock => {
  let nowMs = startMs
  let slept = 0
  const sleepers = new Sleepers()
  const wakeDue = (): void => {
    for (let next = sleepers.first(); next !== undefined && next.atMs <= nowMs; next = sleepers.first()) {
      sleepers.takeFirst()
      next.wake()
    }
  }
  return {
    // A jittered pause may be a part of a millisecond; a real clock tells whole ones.
    nowMs: () => Math.floor(nowMs),
    sleep: (ms, signal) => {
      if (ms <= 0 || signal?.aborted === true) return Promise.resolve()
      return new Promise((resolve) => {
        const end = (): void => {
          sleepers.abort(sleeper)
          resolve()
        }
        const wake = (): void => {
          signal?.removeEventListener('abort', end)
          resolve()
        }
        const sleeper: Sleeper = { atMs: nowMs + ms, order: slept++, wake, isAborted: false }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', end, { once: true })
      })
    },
    advance: (ms) => {
      nowMs += ms
      wakeDue()
    },
    advanceToNext: () => {
      const next = sleepers.first()
      if (next === undefined) return false
      nowMs = Math.max(nowMs, next.atMs)
      wakeDue()
      return true
    },
  }
}
