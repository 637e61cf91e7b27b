/**
 * Lets asynchronous work run in virtual time: whenever nothing moves any more, the clock jumps to the next sleeper.
 *
 * No real time passes but what real files need (spill files of objects are real).
 */
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import type { VirtualClock } from './virtual-clock.ts'

// Turns of the event loop after which in-memory work has surely come to rest; each costs about a microsecond.
const quietTurns = 8

/** Resolves with the promise; throws when it never settles although time has moved on for long. */
export const drive = async <T>(clock: VirtualClock, work: Promise<T>, most = 20_000): Promise<T> => {
  let isSettled = false
  const settled = work.finally(() => {
    isSettled = true
  })
  settled.catch(() => undefined)
  for (let jumps = 0; !isSettled; jumps++) {
    for (let index = 0; index < quietTurns && !isSettled; index++) await turn()
    if (isSettled) break
    if (jumps > most) throw new Error('the work does not end although nothing holds it up')
    if (!clock.advanceToNext()) await pause(1)
  }
  return settled
}
