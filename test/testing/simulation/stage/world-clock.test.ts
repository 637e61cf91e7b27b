/** Time in a history: one true clock, and one of each process that may be wrong. */
import { describe, expect, test } from 'vitest'
import { Party } from '../../../../topology/testing/simulation/stage/party.ts'
import { ProcessClock } from '../../../../topology/testing/simulation/stage/process-clock.ts'
import { WorldClock } from '../../../../topology/testing/simulation/stage/world-clock.ts'

const world = (): {
  clock: WorldClock
  party: Party
  own: ProcessClock
  woken: string[]
  sleep: (name: string, ms: number, signal?: AbortSignal) => void
} => {
  const clock = new WorldClock(1_000)
  const party = new Party('process 0')
  const own = new ProcessClock(clock, party, 60_000)
  const woken: string[] = []
  const sleep = (name: string, ms: number, signal?: AbortSignal): void =>
    void own.sleep(ms, signal).then(() => woken.push(name))
  return { clock, party, own, woken, sleep }
}

const settled = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))

describe('the clock of a process', () => {
  test('is apart from the true time and jumps, while sleeps follow the true time', async () => {
    const { clock, own, woken, sleep } = world()
    expect(own.nowMs()).toBe(61_000)
    sleep('short', 10)
    own.jump(-120_000)
    expect(own.nowMs()).toBe(-59_000)
    expect(clock.advanceToNext()).toBe(true)
    await settled()
    expect([clock.nowMs(), own.nowMs(), woken]).toEqual([1_010, -58_990, ['short']])
  })

  test('wakes nobody who stands still, until he goes on', async () => {
    const { clock, party, woken, sleep } = world()
    sleep('frozen', 10)
    const other = new Party('process 1')
    void clock.sleepAs(other, { ms: 50 }).then(() => woken.push('other'))
    party.isFrozen = true
    clock.advanceToNext()
    await settled()
    expect(woken).toEqual(['other'])
    party.isFrozen = false
    clock.wakeDue()
    await settled()
    expect(woken).toEqual(['other', 'frozen'])
  })

  test('lets a sleep end early: by a signal, or by what comes to a place of the log', async () => {
    const { clock, own, woken, sleep } = world()
    const abort = new AbortController()
    sleep('aborted', 100, abort.signal)
    void own.nap('log 0', 100).then(() => woken.push('napped'))
    abort.abort()
    clock.ring('log 1')
    await settled()
    expect(woken).toEqual(['aborted'])
    clock.ring('log 0')
    await settled()
    expect(woken).toEqual(['aborted', 'napped'])
    expect(clock.advanceToNext()).toBe(false)
  })

  test('forgets the sleeps of who has died', async () => {
    const { clock, party, woken, sleep } = world()
    sleep('dead', 10)
    clock.forget(party)
    expect(clock.advanceToNext()).toBe(false)
    await settled()
    expect(woken).toEqual([])
  })
})
