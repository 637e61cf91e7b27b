/** Classes of work share one processor: what is live waits for one portion of something else at most (B21, C22). */
import { createVirtualClock, type VirtualClock } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { Turns } from '../../../topology/engine/shell/turns.ts'
import { knobValue } from '../../../topology/model/knobs.ts'
import type { WorkClass } from '../../../topology/model/lane-permit.ts'
import { drive } from '../../../topology/testing/drive.ts'

/** One processor: whoever is ready runs to the end of his portion, in order of arrival, as an event loop does it. */
class Processor {
  readonly clock: VirtualClock = createVirtualClock(0)
  readonly used = new Map<WorkClass, number>()
  #free: Promise<void> = Promise.resolve()

  use(ms: number): Promise<void> {
    this.#free = this.#free.then(() => (ms === 0 ? undefined : this.clock.sleep(ms)))
    return this.#free
  }
}

type Shares = Pick<Turns, 'take' | 'done'>

const nobodyWaits: Shares = { take: () => undefined, done: () => undefined }

class Busy {
  readonly processor = new Processor()
  readonly turns: Shares
  readonly #end = new AbortController()

  constructor(makeTurns?: (processor: Processor) => Shares, knobs: Readonly<Record<string, number>> = {}) {
    const { processor } = this
    const parts = {
      clock: processor.clock,
      knob: (name: string) => knobValue(name, knobs),
      giveWay: () => processor.use(0),
    }
    this.turns = makeTurns?.(processor) ?? new Turns(parts)
  }

  async portion(workClass: WorkClass, ms: number): Promise<void> {
    const { processor, turns } = this
    const waiting = turns.take(workClass, this.#end.signal)
    if (waiting !== undefined) await waiting
    await processor.use(ms)
    processor.used.set(workClass, (processor.used.get(workClass) ?? 0) + ms)
    turns.done(workClass, ms)
    await processor.use(0)
  }

  /** Somebody who always has more. */
  async saturate(workClass: WorkClass, ms: number): Promise<void> {
    while (!this.#end.signal.aborted) await this.portion(workClass, ms)
  }

  /** Records that come one by one; what has come meanwhile is one portion. Gives how late each was done. */
  async live(everyMs: number, ms: number, count: number): Promise<readonly number[]> {
    const { clock } = this.processor
    const late: number[] = []
    const beganMs = clock.nowMs()
    const dueMs = (index: number): number => beganMs + (index + 1) * everyMs
    while (late.length < count) {
      const first = late.length
      if (dueMs(first) > clock.nowMs()) await clock.sleep(dueMs(first) - clock.nowMs())
      const next = Math.min(count, Math.floor((clock.nowMs() - beganMs) / everyMs))
      await this.portion('live', ms * (next - first))
      for (let index = first; index < next; index++) late.push(clock.nowMs() - dueMs(index))
    }
    return late.sort((left, right) => left - right)
  }

  async during<Result>(work: Promise<Result>): Promise<Result> {
    const result = await drive(this.processor.clock, work, 200_000)
    this.#end.abort()
    return result
  }
}

const p99 = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length * 0.99)]!

const liveBeside = (others: readonly (readonly [WorkClass, number])[], turns?: () => Shares): Promise<number> => {
  const busy = new Busy(turns)
  for (const [workClass, ms] of others) void busy.saturate(workClass, ms)
  return busy.during(busy.live(10, 2, 500)).then(p99)
}

const many = (workClass: WorkClass, ms: number): (readonly [WorkClass, number])[] =>
  Array.from({ length: 4 }, () => [workClass, ms])

describe('a processor that is saturated', () => {
  const all = [...many('delete', 10), ...many('replay', 20), ...many('backlog', 20), ...many('tenant', 10)]

  test('B21: leaves live records the delay of a portion or two of something else, whatever runs beside them', async () => {
    expect(await liveBeside(all)).toBeLessThan(60)
    expect(await liveBeside(all, () => nobodyWaits)).toBeGreaterThan(150)
  })

  test('C22: goes on with writes while deletes and replays take all that they can get', async () => {
    expect(await liveBeside([...many('delete', 10), ...many('replay', 20)])).toBeLessThan(50)
  })

  test('B16: deletes without end leave the delay of live records as it is', async () => {
    const calm = await liveBeside([])
    expect(await liveBeside(many('delete', 5))).toBeLessThan(calm + 15)
    expect(await liveBeside(many('delete', 5), () => nobodyWaits)).toBeGreaterThan(calm + 15)
  })

  test('is shared as the knobs say while all classes have work', async () => {
    const knobs = { 'live.reserveRatio': 0.6, 'replay.shareRatio': 0.1, 'delete.shareRatio': 0.05 }
    const busy = new Busy(undefined, knobs)
    for (const one of ['live', 'replay', 'delete', 'backlog'] as const) void busy.saturate(one, 5)
    await busy.during(busy.processor.clock.sleep(60_000))
    const sum = [...busy.processor.used.values()].reduce((left, right) => left + right, 0)
    const share = (one: WorkClass): number => busy.processor.used.get(one)! / sum
    // What nobody of tenants takes goes to all.
    expect(share('live')).toBeCloseTo(0.6 / 0.875, 1)
    expect(share('backlog')).toBeCloseTo(0.125 / 0.875, 1)
    expect(share('replay')).toBeCloseTo(0.1 / 0.875, 1)
    expect(share('delete')).toBeCloseTo(0.05 / 0.875, 1)
  })

  test('gives the share of a class without work to the others', async () => {
    const busy = new Busy()
    void busy.saturate('backlog', 10)
    await busy.during(busy.processor.clock.sleep(10_000))
    expect(busy.processor.used.get('backlog')).toBeGreaterThan(9_900)
  })

  test('is given to a class that had no work for long no sooner than its share', async () => {
    const busy = new Busy()
    void busy.saturate('backlog', 10)
    const later = busy.processor.clock.sleep(10_000).then(() => {
      void busy.saturate('replay', 10)
      return busy.processor.clock.sleep(1_000)
    })
    await busy.during(later)
    expect(busy.processor.used.get('replay')).toBeLessThan(600)
  })
})

describe('a portion that waits for a reply', () => {
  test('holds nobody up', async () => {
    const busy = new Busy()
    const { signal } = new AbortController()
    await busy.turns.take('backlog', signal)
    const late = await busy.during(busy.live(10, 2, 10))
    expect(late.at(-1)).toBeLessThan(20)
  })

  test('lets everybody in when the run ends', async () => {
    const busy = new Busy(undefined)
    const end = new AbortController()
    busy.turns.take('backlog', end.signal)
    const waiting = busy.turns.take('replay', end.signal)
    end.abort()
    await waiting
    expect(busy.turns.take('delete', end.signal)).toBeUndefined()
  })
})

describe('work of one class alone', () => {
  test('never waits', () => {
    const busy = new Busy()
    const { signal } = new AbortController()
    expect(busy.turns.take('live', signal)).toBeUndefined()
    expect(busy.turns.take('live', signal)).toBeUndefined()
    busy.turns.done('live', 1)
    busy.turns.done('live', 1)
    expect(busy.turns.take('live', signal)).toBeUndefined()
  })
})
