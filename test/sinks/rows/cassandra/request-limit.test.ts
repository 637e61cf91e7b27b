/** P19: the limiter finds what a simulated host can do, stays there, and finds back after every change. */
import { expect, test } from 'vitest'
import { RequestLimit } from '../../../../sinks/rows/cassandra/request-limit.ts'
import { seededRandom } from '../../../../topology/testing/seeded-random.ts'

/** A host that serves `capacity` requests at once, each in `serviceMs`; the others wait in line. */
interface SimulatedHost {
  capacity: number
  serviceMs: number
  /** Factor of one answer. */
  noise: () => number
  /** Requests that wait longer are not answered. */
  patienceMs: number
}

interface Drive {
  readonly limit: RequestLimit
  /** Answers a virtual second, and the mean limit, over the last part. */
  readonly perSecond: number
  readonly meanLimit: number
}

/** Keeps the host as full as the limit allows, for `answers` answers; `wanted` bounds what there is to send. */
const drive = (limit: RequestLimit, host: SimulatedHost, answers: number, wanted = Number.POSITIVE_INFINITY): Drive => {
  const line: number[] = []
  const serving: { readonly startMs: number; readonly endMs: number }[] = []
  let nowMs = 0
  let halfMs = 0
  let limits = 0
  for (let done = 0; done < answers; done += 1) {
    while (limit.isFree && limit.inFlight < wanted) {
      limit.take()
      line.push(nowMs)
    }
    while (serving.length < host.capacity && line.length > 0) {
      serving.push({ startMs: line.shift()!, endMs: nowMs + host.serviceMs * host.noise() })
      serving.sort((left, right) => left.endMs - right.endMs)
    }
    const { startMs, endMs } = serving.shift()!
    nowMs = endMs
    const latencyMs = nowMs - startMs
    limit.give(latencyMs, latencyMs > host.patienceMs)
    if (done === answers >> 1) halfMs = nowMs
    if (done > answers >> 1) limits += limit.limit
  }
  const half = answers / 2
  for (let left = limit.inFlight; left > 0; left -= 1) limit.give(undefined)
  return { limit, perSecond: (half / (nowMs - halfMs)) * 1_000, meanLimit: limits / half }
}

const hostOf = (capacity: number, serviceMs: number, host: Partial<SimulatedHost> = {}): SimulatedHost => ({
  capacity,
  serviceMs,
  noise: () => 1,
  patienceMs: 5_000,
  ...host,
})
const newLimit = (max = 256): RequestLimit => new RequestLimit({ max: () => max })
const best = ({ capacity, serviceMs }: SimulatedHost): number => (capacity / serviceMs) * 1_000

test.each([4, 16, 60])('a steady host of %i at once is used fully, and few requests wait', (capacity) => {
  const host = hostOf(capacity, 4)
  const { perSecond, meanLimit } = drive(newLimit(), host, 20_000)
  expect(perSecond).toBeGreaterThan(best(host) * 0.9)
  expect(meanLimit).toBeGreaterThanOrEqual(Math.min(capacity, 4))
  expect(meanLimit).toBeLessThan(capacity * 4 + 4)
})

test('the capacity is found within a few hundred answers', () => {
  const host = hostOf(60, 4)
  const { perSecond } = drive(newLimit(), host, 800)
  expect(perSecond).toBeGreaterThan(best(host) * 0.8)
})

test('a noisy host is used as fully', () => {
  const random = seededRandom(7)
  const noise = (): number => 0.4 + 1.2 * random.next() + (random.next() < 0.02 ? 8 : 0)
  const host = hostOf(24, 4, { noise })
  const { perSecond } = drive(newLimit(), host, 30_000)
  expect(perSecond).toBeGreaterThan(best(host) * 0.7)
})

test('a host that shrinks gets less, one that grows again gets more', () => {
  const limit = newLimit()
  drive(limit, hostOf(64, 4), 20_000)
  const small = drive(limit, hostOf(6, 4), 10_000)
  expect(small.meanLimit).toBeLessThan(40)
  expect(small.perSecond).toBeGreaterThan(best(hostOf(6, 4)) * 0.9)
  const large = drive(limit, hostOf(64, 4), 20_000)
  expect(large.perSecond).toBeGreaterThan(best(hostOf(64, 4)) * 0.9)
})

test('a host that becomes ten times slower is used as fully as it can be', () => {
  const limit = newLimit()
  drive(limit, hostOf(16, 2), 10_000)
  const slow = drive(limit, hostOf(16, 20), 20_000)
  expect(slow.perSecond).toBeGreaterThan(best(hostOf(16, 20)) * 0.8)
})

test('time-outs halve the limit once for all that time out together, and it recovers', () => {
  const limit = newLimit()
  drive(limit, hostOf(64, 4), 20_000)
  const before = limit.limit
  for (let index = 0; index < 10; index += 1) limit.take()
  for (let index = 0; index < 10; index += 1) limit.give(5_000, true)
  expect(limit.limit).toBe(Math.floor(before / 2))
  expect(drive(limit, hostOf(64, 4), 20_000).perSecond).toBeGreaterThan(best(hostOf(64, 4)) * 0.9)
})

test('it never starves: a host that does nothing but time out still gets some requests', () => {
  const limit = newLimit()
  drive(limit, hostOf(1, 6_000), 2_000)
  expect(limit.limit).toBeGreaterThanOrEqual(4)
  expect(drive(limit, hostOf(30, 4), 20_000).perSecond).toBeGreaterThan(best(hostOf(30, 4)) * 0.9)
})

test('it does not grow while nobody asks for more, nor beyond the knob', () => {
  const calm = newLimit()
  drive(calm, hostOf(1_000, 4), 20_000, 5)
  expect(calm.limit).toBeLessThanOrEqual(16)
  const bounded = newLimit(32)
  drive(bounded, hostOf(1_000, 4), 20_000)
  expect(bounded.limit).toBe(32)
})

test('requests that never reached the host say nothing about it', () => {
  const limit = newLimit()
  for (let index = 0; index < 1_000; index += 1) {
    limit.take()
    limit.give(undefined)
  }
  expect([limit.limit, limit.inFlight]).toEqual([4, 0])
})
