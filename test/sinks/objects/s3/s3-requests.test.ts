import { expect, test } from 'vitest'
import { RequestLimit } from '../../../../sinks/objects/s3/request-limit.ts'
import { S3Failure } from '../../../../sinks/objects/s3/s3-failure.ts'
import { S3Requests } from '../../../../sinks/objects/s3/s3-requests.ts'
import { createVirtualClock } from '../../../../topology/testing/virtual-clock.ts'

const slow = new S3Failure('slow', 'SlowDown', '')
const passing = new S3Failure('passing', 'ECONNRESET', '')
const isSlow = (error: unknown): boolean => error === slow

/** Starts `count` works that end when they are told to. */
const held = (limit: RequestLimit, count: number): { began: () => number; end: (error?: Error) => Promise<void> } => {
  const ends: PromiseWithResolvers<void>[] = []
  const runs = Array.from({ length: count }, () =>
    limit.run(() => {
      const end = Promise.withResolvers<void>()
      ends.push(end)
      return end.promise
    }, isSlow),
  )
  const all = Promise.allSettled(runs)
  return {
    began: () => ends.length,
    end: async (error) => {
      for (let i = 0; i < ends.length; i++) {
        if (error === undefined) ends[i]!.resolve()
        else ends[i]!.reject(error)
        if (i === ends.length - 1) await new Promise(setImmediate)
      }
      await all
    },
  }
}

test('no more requests are under way than the limit', async () => {
  const limit = new RequestLimit(4)
  const works = held(limit, 10)
  expect(works.began()).toBe(4)
  await works.end()
  expect(works.began()).toBe(10)
})

test('one overload halves the limit once, whoever tells it', async () => {
  const limit = new RequestLimit(16)
  await held(limit, 16).end(slow)
  expect(limit.limit).toBe(8)
  await held(limit, 1).end(slow)
  expect(limit.limit).toBe(4)
})

test('the limit never falls below one, and comes back request by request', async () => {
  const limit = new RequestLimit(4)
  for (let i = 0; i < 5; i++) await held(limit, 1).end(slow)
  expect(limit.limit).toBe(1)
  for (let i = 0; i < 1 + 2 + 3; i++) await held(limit, 1).end()
  expect(limit.limit).toBe(4)
})

test('another failure than an overload leaves the limit', async () => {
  const limit = new RequestLimit(4)
  await held(limit, 4).end(passing)
  expect(limit.limit).toBe(4)
})

interface Sent {
  readonly outcome: unknown
  readonly tries: number
  readonly tookMs: number
}

/** Sends a call on a clock that moves whenever all wait; the pauses are the longest ones. */
const send = async (call: (tries: number, extend: (bytes: number) => void) => Promise<string>): Promise<Sent> => {
  const clock = createVirtualClock()
  const patience = { deadlineMs: 1_000, totalMs: 1_000, tries: 5 }
  const requests = new S3Requests({ clock, random: { next: () => 1 }, inFlight: 4, patience: () => patience })
  const beganMs = clock.nowMs()
  let tries = 0
  let isOver = false
  const outcome = requests
    .send(({ extend }) => call(++tries, extend))
    .catch((error: unknown) => error)
    .finally(() => {
      isOver = true
    })
  while (!isOver) {
    await new Promise(setImmediate)
    if (!isOver) clock.advanceToNext()
  }
  return { outcome: await outcome, tries, tookMs: clock.nowMs() - beganMs }
}

const never = new Promise<string>(() => {})

test('what passes is repeated until it succeeds', async () => {
  const sent = await send(async (tries) => (tries < 4 ? Promise.reject(passing) : 'done'))
  expect(sent).toMatchObject({ outcome: 'done', tries: 4 })
})

test("after five tries the failure is the caller's", async () => {
  expect(await send(() => Promise.reject(passing))).toMatchObject({ outcome: passing, tries: 5 })
})

test('what will not pass is tried once', async () => {
  const denied = new S3Failure('denied', 'AccessDenied', '')
  expect(await send(() => Promise.reject(denied))).toMatchObject({ outcome: denied, tries: 1 })
})

test('a try without an answer ends at its deadline, and no other follows', async () => {
  expect(await send(() => never)).toMatchObject({ outcome: { kind: 'passing' }, tries: 1, tookMs: 1_000 })
})

test('a large answer has more time', async () => {
  const sent = await send((_, extend) => {
    extend(3 * 8_388_608)
    return never
  })
  expect(sent.tookMs).toBe(4_000)
})
