import { expect, test } from 'vitest'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { createVirtualClock, type VirtualClock } from '../../topology/testing/virtual-clock.ts'

interface Woken {
  readonly names: number[]
  readonly sleep: (name: number, ms: number, signal?: AbortSignal) => void
}

const sleepersOf = (clock: VirtualClock): Woken => {
  const names: number[] = []
  return {
    names,
    sleep: (name, ms, signal) => void clock.sleep(ms, signal).then(() => names.push(name)),
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('sleepers wake in the order of their times, and whoever slept first at the same time', async () => {
  const clock = createVirtualClock()
  const { names, sleep } = sleepersOf(clock)
  for (const [name, ms] of [30, 10, 20, 10, 30, 10].entries()) sleep(name, ms)
  clock.advance(25)
  await settled()
  expect(names).toEqual([1, 3, 5, 2])
  expect(clock.advanceToNext()).toBe(true)
  await settled()
  expect(names).toEqual([1, 3, 5, 2, 0, 4])
  expect(clock.advanceToNext()).toBe(false)
})

test('a sleeper that is aborted wakes at once, and moves no time', async () => {
  const clock = createVirtualClock(0)
  const { names, sleep } = sleepersOf(clock)
  const end = new AbortController()
  sleep(0, 10, end.signal)
  sleep(1, 20)
  end.abort()
  await settled()
  expect(names).toEqual([0])
  clock.advanceToNext()
  expect(clock.nowMs()).toBe(20)
})

test('thousands of sleepers, many of them aborted, wake as if they had been sorted', async () => {
  const clock = createVirtualClock(0)
  const random = seededRandom(3)
  const { names, sleep } = sleepersOf(clock)
  const expected: { name: number; ms: number }[] = []
  const aborted: number[] = []
  for (let name = 0; name < 5_000; name++) {
    const ms = 1 + Math.floor(random.next() * 300)
    const end = new AbortController()
    sleep(name, ms, end.signal)
    if (random.next() < 0.7) {
      end.abort()
      aborted.push(name)
    } else expected.push({ name, ms })
  }
  while (clock.advanceToNext()) await Promise.resolve()
  await settled()
  const sorted = expected.sort((left, right) => left.ms - right.ms || left.name - right.name)
  expect(names).toEqual([...aborted, ...sorted.map(({ name }) => name)])
})
