/**
 * Shares the partitions of each topic among the members that read it: as evenly as can be, moving as little as can be.
 *
 * A pure function of the members and the counts, whatever their order, so that any leader gives the same answer. A
 * member keeps what it had up to its share; where two claim a partition the later generation is right (a member that
 * was frozen claims what others have had since). Every partition of a topic that anybody reads has exactly one member.
 */
import type { Subscription, TopicPartitions } from './subscription.ts'

export interface GroupMember extends Subscription {
  readonly id: string
}

/** Partitions by topic for every member, also for one that gets none. */
export const assignSticky = (
  members: readonly GroupMember[],
  counts: ReadonlyMap<string, number>,
): ReadonlyMap<string, TopicPartitions> => {
  const shares = new Map(sorted(members).map(({ id }) => [id, new Map<string, readonly number[]>()]))
  const loads = new Map<string, number>()
  for (const topic of [...counts.keys()].sort()) {
    const readers = sorted(members.filter(({ topics }) => topics.includes(topic)))
    if (readers.length === 0) continue
    for (const [id, partitions] of shareTopic(topic, counts.get(topic) ?? 0, readers, loads)) {
      loads.set(id, loadOf(loads, id) + partitions.length)
      if (partitions.length > 0) shares.get(id)?.set(topic, partitions)
    }
  }
  return shares
}

const sorted = (members: readonly GroupMember[]): readonly GroupMember[] =>
  [...members].sort((left, right) => (left.id < right.id ? -1 : 1))

const loadOf = (loads: ReadonlyMap<string, number>, id: string): number => loads.get(id) ?? 0

const shareTopic = (
  topic: string,
  count: number,
  readers: readonly GroupMember[],
  loads: ReadonlyMap<string, number>,
): ReadonlyMap<string, readonly number[]> => {
  const claims = claimsOf(topic, count, readers)
  const quotas = quotasOf(count, readers, claims, loads)
  const shares = new Map(readers.map(({ id }) => [id, (claims.get(id) ?? []).slice(0, quotas.get(id))]))
  const taken = new Set([...shares.values()].flat())
  for (let partition = 0; partition < count; partition++) {
    if (!taken.has(partition)) mostRoom(readers, shares, quotas).push(partition)
  }
  for (const share of shares.values()) share.sort((left, right) => left - right)
  return shares
}

/** What each member had and still may keep, lowest first. */
const claimsOf = (topic: string, count: number, readers: readonly GroupMember[]): ReadonlyMap<string, number[]> => {
  const owners = new Map<number, GroupMember>()
  for (const reader of readers) {
    for (const partition of reader.owned.get(topic) ?? []) {
      if (partition < 0 || partition >= count) continue
      const other = owners.get(partition)
      if (other === undefined || other.generation < reader.generation) owners.set(partition, reader)
    }
  }
  const claims = new Map<string, number[]>()
  for (const partition of [...owners.keys()].sort((left, right) => left - right)) {
    const { id } = owners.get(partition)!
    claims.set(id, [...(claims.get(id) ?? []), partition])
  }
  return claims
}

/** The remainder goes to those that have least of other topics, then to those that would otherwise have to give up more. */
const quotasOf = (
  count: number,
  readers: readonly GroupMember[],
  claims: ReadonlyMap<string, readonly number[]>,
  loads: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> => {
  const least = Math.floor(count / readers.length)
  const claimed = (id: string): number => claims.get(id)?.length ?? 0
  const order = [...readers].sort(
    (left, right) => loadOf(loads, left.id) - loadOf(loads, right.id) || claimed(right.id) - claimed(left.id),
  )
  return new Map(order.map(({ id }, place) => [id, place < count % readers.length ? least + 1 : least]))
}

const mostRoom = (
  readers: readonly GroupMember[],
  shares: ReadonlyMap<string, number[]>,
  quotas: ReadonlyMap<string, number>,
): number[] => {
  let best = shares.get(readers[0]!.id)!
  let most = 0
  for (const { id } of readers) {
    const share = shares.get(id)!
    const room = quotas.get(id)! - share.length
    if (room > most) {
      best = share
      most = room
    }
  }
  return best
}
