/** Whoever waits for a beat may stop waiting, and then nothing of the wait is left. */
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createVirtualClock } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { Pulse } from '../../../topology/engine/shell/pulse.ts'
import { waitForBeat } from '../../../topology/engine/shell/wait-for-beat.ts'
import { drive } from '../../../topology/testing/drive.ts'

/** Frees what nobody holds. */
const collectGarbage = async (): Promise<void> => {
  setFlagsFromString('--expose-gc')
  await turn()
  runInNewContext('gc')()
  await turn()
}

/** The pulse, and the waits that it was asked for. */
class WatchedPulse extends Pulse {
  readonly waits: WeakRef<Promise<void>>[] = []

  override next(signal?: AbortSignal): Promise<void> {
    const wait = super.next(signal)
    this.waits.push(new WeakRef(wait))
    return wait
  }

  async left(): Promise<number> {
    await collectGarbage()
    return this.waits.filter((one) => one.deref() !== undefined).length
  }
}

const giveUp = async (pulse: Pulse): Promise<void> => {
  const end = new AbortController()
  const wait = pulse.next(end.signal)
  end.abort()
  await wait
}

describe('a wait for a beat', () => {
  test('ends with the beat, for everybody', async () => {
    const heard: string[] = []
    const pulse = new Pulse(() => heard.push('further'))
    const waits = ['one', 'two'].map((name) => pulse.next().then(() => heard.push(name)))
    pulse.beat()
    await Promise.all(waits)
    expect(heard).toEqual(['further', 'one', 'two'])
  })

  test('ends when its signal aborts, and leaves nothing behind', async () => {
    const pulse = new WatchedPulse()
    for (let index = 0; index < 50; index++) await giveUp(pulse)
    expect(await pulse.left()).toBe(0)
  })

  test('that time has ended leaves nothing behind, and the next beat wakes the others', async () => {
    const pulse = new WatchedPulse()
    const clock = createVirtualClock(0)
    const { signal } = new AbortController()
    for (let index = 0; index < 50; index++) await drive(clock, waitForBeat(clock, pulse, 10, signal))
    expect(await pulse.left()).toBe(0)
    const waiting = waitForBeat(clock, pulse, 60_000, signal)
    pulse.beat()
    await waiting
    expect(clock.nowMs()).toBe(500)
  })
})
