/** A clock that stands still until a test moves it. */
import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../topology/model/ports/clock.ts'

export interface HandClock extends Clock {
  /** Moves time on, waking sleepers one by one as they become due; `settle` lets what they do happen. */
  passTime(ms: number): Promise<void>
}

interface Sleeper {
  readonly atMs: number
  readonly wake: () => void
}

const turns = async (): Promise<void> => {
  for (let count = 0; count < 4; count += 1) await turn()
}

export const createHandClock = (settle: () => Promise<void> = turns): HandClock => {
  let nowMs = 1_700_000_000_000
  const sleepers = new Set<Sleeper>()
  const nextUpTo = (untilMs: number): Sleeper | undefined =>
    [...sleepers].filter(({ atMs }) => atMs <= untilMs).sort((left, right) => left.atMs - right.atMs)[0]
  return {
    nowMs: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const wake = (): void => {
          sleepers.delete(sleeper)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        const sleeper = { atMs: nowMs + ms, wake }
        if (signal?.aborted) return resolve()
        signal?.addEventListener('abort', wake)
        sleepers.add(sleeper)
      }),
    passTime: async (ms) => {
      const untilMs = nowMs + ms
      await settle()
      for (let due = nextUpTo(untilMs); due !== undefined; due = nextUpTo(untilMs)) {
        nowMs = due.atMs
        due.wake()
        await settle()
      }
      nowMs = untilMs
    },
  }
}
