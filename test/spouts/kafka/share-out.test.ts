/** What the leader makes of the members' words. */
import { describe, expect, test } from 'vitest'
import { shareOut } from '../../../topology/spouts/kafka/share-out.ts'
import { decodeAssignment, encodeSubscription } from '../../../topology/spouts/kafka/subscription.ts'

const member = (id: string, topic: string, owned: readonly number[] = []) => ({
  id,
  subscription: encodeSubscription({ topics: [topic], owned: new Map([[topic, owned]]), generation: 1 }),
})

const shares = async (
  members: readonly { readonly id: string; readonly subscription: Uint8Array }[],
  counts: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, unknown>>> => {
  const coordinator = { partitionCounts: async () => new Map(Object.entries(counts)) }
  const shared = await shareOut({ id: 'a', generation: 2, isLeader: true, members }, 't', coordinator)
  return Object.fromEntries([...shared].map(([id, bytes]) => [id, Object.fromEntries(decodeAssignment(bytes))]))
}

describe('share out', () => {
  test('every member is told its own', async () => {
    expect(await shares([member('a', 't', [0]), member('b', 't')], { t: 2 })).toEqual({ a: { t: [0] }, b: { t: [1] } })
  })

  test('nothing is shared out while the broker does not know the topic', async () => {
    await expect(shares([member('a', 't', [0])], {})).rejects.toThrow('the broker does not know topic t')
  })

  test('of a topic that is gone those that read it keep what they have', async () => {
    const members = [member('a', 't'), member('b', 'gone', [1, 4]), member('c', 'gone', [2])]
    expect(await shares(members, { t: 1 })).toMatchObject({
      a: { t: [0] },
      b: { gone: [0, 1, 4] },
      c: { gone: [2, 3] },
    })
  })

  test('a member whose words cannot be read is given nothing', async () => {
    const members = [member('a', 't'), { id: 'z', subscription: Buffer.from([0, 1, 0]) }]
    expect(await shares(members, { t: 2 })).toEqual({ a: { t: [0, 1] }, z: {} })
  })
})
