/**
 * A clock that stands still until a test moves it. Sleepers wake in the order of their times, whoever slept first.
 */
import type { Clock } from '../model/ports/clock.ts'

interface Sleeper {
  readonly atMs: number
  readonly wake: () => void
}

export interface VirtualClock extends Clock {
  /** Moves time on and wakes everybody whose time has come. */
  advance(ms: number): void
  /** Moves time to the next sleeper; false when nobody sleeps. */
  advanceToNext(): boolean
}

export const createVirtualClock = (startMs = Date.UTC(2026, 0, 1)): VirtualClock => {
  let nowMs = startMs
  let sleepers: Sleeper[] = []
  const wakeDue = (): void => {
    const due = sleepers.filter((one) => one.atMs <= nowMs).sort((left, right) => left.atMs - right.atMs)
    sleepers = sleepers.filter((one) => one.atMs > nowMs)
    for (const one of due) one.wake()
  }
  return {
    // A jittered pause may be a part of a millisecond; a real clock tells whole ones.
    nowMs: () => Math.floor(nowMs),
    sleep: (ms, signal) => {
      if (ms <= 0 || signal?.aborted === true) return Promise.resolve()
      return new Promise((resolve) => {
        const sleeper: Sleeper = { atMs: nowMs + ms, wake: resolve }
        sleepers.push(sleeper)
        const end = (): void => {
          sleepers = sleepers.filter((one) => one !== sleeper)
          resolve()
        }
        signal?.addEventListener('abort', end, { once: true })
      })
    },
    advance: (ms) => {
      nowMs += ms
      wakeDue()
    },
    advanceToNext: () => {
      if (sleepers.length === 0) return false
      nowMs = Math.max(nowMs, Math.min(...sleepers.map((one) => one.atMs)))
      wakeDue()
      return true
    },
  }
}
