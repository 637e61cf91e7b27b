/** The budget of a process that has many partitions (I-6). */
import { describe, expect, test } from 'vitest'
import { LaneCredit, type LaneHolder } from '../../../topology/engine/shell/lane-credit.ts'

const mib = 1_048_576

class GivenPartition implements LaneHolder {
  readonly closed: number[] = []
  readonly letGo: number[] = []
  readonly lanes: LaneHolder['lanes']
  asked = 0
  #held: number[]

  constructor(...held: readonly number[]) {
    this.#held = [...held]
    const laneOf = (id: number): ReturnType<LaneHolder['lanes']['get']> & object => ({
      heldBytes: () => {
        this.asked += 1
        return this.#held[id]! * mib
      },
      openBytes: () => this.#held[id]! * mib,
      work: { phase: 'reading' },
      meter: { phaseSinceMs: 0 },
      check: () => void this.closed.push(id),
      letGo: () => {
        this.letGo.push(id)
        this.#held[id] = 0
      },
      fail: () => undefined,
    })
    this.lanes = new Map(held.map((_, id) => [id, laneOf(id)]))
  }

  /** The same lanes, of a class. */
  of(laneClass: 'live' | 'backlog'): this {
    for (const lane of this.lanes.values()) Object.assign(lane, { gate: { laneClass } })
    return this
  }

  /** Its lanes have been writing since then. */
  writingSince(phaseSinceMs: number): this {
    for (const lane of this.lanes.values()) Object.assign(lane, { work: { phase: 'writing' }, meter: { phaseSinceMs } })
    return this
  }

  hold(...held: readonly number[]): void {
    this.#held = [...held]
  }
}

const nowMs = 60_000
const clock = { nowMs: () => nowMs, sleep: async () => undefined }

const creditOf = (...partitions: readonly GivenPartition[]): LaneCredit => {
  const credit = new LaneCredit({ knob: () => 100 * mib, clock })
  for (const one of partitions) credit.note(one)
  return credit
}

describe('what the lanes of a process hold', () => {
  test('is the sum over its partitions, as each was told of last', () => {
    const [left, right] = [new GivenPartition(30, 20), new GivenPartition(20)]
    const credit = creditOf(left, right)
    expect([credit.hasRoom(30 * mib), credit.hasRoom(31 * mib)]).toEqual([true, false])
    left.hold(0, 0)
    credit.note(left)
    expect([credit.hasRoom(80 * mib), credit.hasRoom(81 * mib)]).toEqual([true, false])
  })

  test('asks no partition that has not changed', () => {
    const partitions = Array.from({ length: 200 }, () => new GivenPartition(0, 0.1))
    const credit = creditOf(...partitions)
    for (const one of partitions) one.asked = 0
    for (let fetch = 0; fetch < 50; fetch++) {
      credit.note(partitions[7]!)
      credit.hasRoom(mib)
    }
    expect(partitions.reduce((sum, { asked }) => sum + asked, 0)).toBe(partitions[7]!.asked)
  })

  test('closes the largest open epochs of all partitions when little room is left', () => {
    const [left, right] = [new GivenPartition(10, 40), new GivenPartition(30)]
    creditOf(left, right).hasRoom(mib)
    expect([left.closed, right.closed]).toEqual([[1], []])
  })

  test('is given back where the store hangs: what lanes have read behind an epoch that is not written is read again', () => {
    const [hung, slow, open] = [new GivenPartition(30, 25), new GivenPartition(10), new GivenPartition(20)]
    const credit = creditOf(hung.writingSince(nowMs - 30_000), slow.writingSince(nowMs - 2_000), open)
    expect(credit.hasRoom(40 * mib)).toBe(true)
    expect([hung.letGo, slow.letGo, open.letGo]).toEqual([[0], [], []])
    expect([hung.closed, slow.closed, open.closed]).toEqual([[], [], []])
  })

  test('is asked for anew where there seems to be no room: a disk takes in silence', () => {
    const [left, right] = [new GivenPartition(50), new GivenPartition(45)]
    const credit = creditOf(left, right)
    left.hold(1)
    expect(credit.hasRoom(30 * mib)).toBe(true)
    expect([left.closed, right.closed]).toEqual([[], []])
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 0.1])(
    'ends when nothing is held, also of a sink that says %d',
    (mib) => {
      const odd = new GivenPartition(mib, 0.2, 0.7)
      const credit = creditOf(odd, new GivenPartition(0.3))
      odd.hold(0, 0, 0)
      credit.note(odd)
      expect(credit.hasRoom(99 * 1_048_576)).toBe(true)
    },
  )
})

test('a share of the budget is kept for live lanes: a backlog closes its own epochs before it reads on', () => {
  const knob = (name: string): number => (name === 'live.reserveRatio' ? 0.5 : 100 * mib)
  const credit = new LaneCredit({ knob, clock })
  const [backlog, live] = [new GivenPartition(30, 15).of('backlog'), new GivenPartition(10).of('live')]
  for (const one of [backlog, live]) credit.note(one)
  expect(credit.hasRoom(10 * mib, 'backlog')).toBe(false)
  expect([backlog.closed, live.closed]).toEqual([[0], []])
  expect(credit.hasRoom(10 * mib, 'live')).toBe(true)
})

test('what is being fetched counts, and is part of what a backlog may hold', () => {
  const knob = (name: string): number => (name === 'live.reserveRatio' ? 0.5 : 100 * mib)
  const reading = { heldBytes: 30 * mib, otherBytes: 20 * mib }
  const credit = new LaneCredit({ knob, clock }, reading)
  credit.note(new GivenPartition(10).of('backlog'))
  expect([credit.hasRoom(60 * mib), credit.hasRoom(61 * mib)]).toEqual([true, false])
  expect([credit.hasRoom(20 * mib, 'backlog'), credit.hasRoom(21 * mib, 'backlog')]).toEqual([true, false])
})
