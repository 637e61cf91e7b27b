/** The sticky assigner: fair, still, and a function of what the members say. */
import { describe, expect, test } from 'vitest'
import { assignSticky, type GroupMember } from '../../../topology/spouts/kafka/sticky-assigner.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'

const member = (id: string, owned: readonly number[] = [], generation = 1, topics = ['t']): GroupMember => ({
  id,
  topics,
  owned: new Map([['t', owned]]),
  generation,
})

const share = (members: readonly GroupMember[], count: number): Record<string, readonly number[]> =>
  Object.fromEntries(
    [...assignSticky(members, new Map([['t', count]]))].map(([id, topics]) => [id, topics.get('t') ?? []]),
  )

describe('sticky assigner', () => {
  test('one member has everything, two have half each', () => {
    expect(share([member('a')], 3)).toEqual({ a: [0, 1, 2] })
    expect(Object.values(share([member('a'), member('b')], 6)).map((one) => one.length)).toEqual([3, 3])
  })

  test('a member that comes takes only its share, and nobody else moves', () => {
    expect(share([member('a', [0, 1, 2]), member('b', [3, 4, 5]), member('c')], 6)).toEqual({
      a: [0, 1],
      b: [3, 4],
      c: [2, 5],
    })
  })

  test('what a member leaves behind is shared out, and nobody gives anything up', () => {
    expect(share([member('a', [0, 1]), member('c', [2, 5])], 6)).toEqual({ a: [0, 1, 3], c: [2, 4, 5] })
  })

  test('more members than partitions: those that had one keep it, the others have none', () => {
    expect(share([member('a'), member('b', [1]), member('c', [0])], 2)).toEqual({ a: [], b: [1], c: [0] })
  })

  test('a member that was frozen claims what others have had since: the later generation is right', () => {
    expect(share([member('a', [0, 1], 3), member('b', [1], 7)], 2)).toEqual({ a: [0], b: [1] })
  })

  test('the remainder stays with those that have it', () => {
    expect(share([member('a', [0, 1]), member('b', [2, 3, 4])], 5)).toEqual({ a: [0, 1], b: [2, 3, 4] })
  })

  test('partitions that do not exist are nobody’s', () => {
    expect(share([member('a', [0, 1, 9, -1])], 2)).toEqual({ a: [0, 1] })
  })

  test('several topics: each goes to those that read it, remainders to those that have least', () => {
    const members = [member('a', [], 1, ['t', 'u']), member('b', [], 1, ['t', 'u']), member('c', [], 1, ['u'])]
    const counts = new Map([
      ['t', 1],
      ['u', 4],
      ['unread', 5],
    ])
    const shares = assignSticky(members, counts)
    expect([...shares].map(([id, topics]) => [id, topics.get('t')?.length, topics.get('u')?.length])).toEqual([
      ['a', 1, 1],
      ['b', undefined, 2],
      ['c', undefined, 1],
    ])
  })

  test('nobody reads anything: nothing is assigned', () => {
    expect(share([member('a', [], 1, [])], 3)).toEqual({ a: [] })
    expect(assignSticky([], new Map([['t', 3]])).size).toBe(0)
  })

  test('for any group: every partition once, fair, whatever the order, and as little moved as can be', () => {
    const random = seededRandom(5)
    const below = (most: number): number => Math.floor(random.next() * most)
    for (let round = 0; round < 500; round++) {
      const count = below(20)
      const members = Array.from({ length: 1 + below(7) }, (_, index) => member(`m${index}`, []))
      const owned: number[][] = members.map(() => [])
      for (let partition = 0; partition < count; partition++) owned[below(members.length + 1)]?.push(partition)
      const before = members.map((one, index) => member(one.id, owned[index]))
      const after = share(before, count)
      expectFair(after, count)
      expect(share([...before].reverse(), count)).toEqual(after)
      expect(
        share(
          before.map(({ id }) => member(id, after[id])),
          count,
        ),
      ).toEqual(after)
      expectStill(before, after, count)
    }
  })
})

const expectFair = (shares: Record<string, readonly number[]>, count: number): void => {
  const all = Object.values(shares)
  expect(all.flat().sort((left, right) => left - right)).toEqual(Array.from({ length: count }, (_, index) => index))
  const sizes = all.map(({ length }) => length)
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
}

/** Nobody gives up more than fairness asks: the most that could be kept is kept. */
const expectStill = (before: readonly GroupMember[], after: Record<string, readonly number[]>, count: number): void => {
  const had = before.map(({ owned }) => owned.get('t')!.length).sort((left, right) => right - left)
  const least = Math.floor(count / before.length)
  const mostKept = had.reduce(
    (sum, size, index) => sum + Math.min(size, index < count % had.length ? least + 1 : least),
    0,
  )
  const kept = before.flatMap(({ id, owned }) => owned.get('t')!.filter((one) => after[id]!.includes(one)))
  expect(kept.length).toBe(mostKept)
}
