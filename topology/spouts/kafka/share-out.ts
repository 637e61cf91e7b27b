/**
 * What the leader of a group does for all members: it shares the partitions of the topics that they read.
 *
 * Which member leads is the broker's choice and may change with every generation; nothing is kept from one to the next
 * but what the members themselves tell.
 */
import type { GroupCoordinator, Joined } from './group-coordinator.ts'
import { assignSticky, type GroupMember } from './sticky-assigner.ts'
import { decodeSubscription, encodeAssignment } from './subscription.ts'

/**
 * The assignment of every member, by its id. Throws when the broker does not know `topic`, our own: one that has just
 * started may not know it yet, and sharing out nothing would stop every lane.
 */
export const shareOut = async (
  { members }: Joined,
  topic: string,
  coordinator: Pick<GroupCoordinator, 'partitionCounts'>,
): Promise<ReadonlyMap<string, Uint8Array>> => {
  const all = members.map(memberOf)
  const topics = [...new Set(all.flatMap((member) => member.topics))]
  const counts = await coordinator.partitionCounts(topics)
  if (!counts.has(topic)) throw new Error(`the broker does not know topic ${topic}`)
  const known = new Map(topics.map((one) => [one, counts.get(one) ?? claimedCount(one, all)]))
  return new Map([...assignSticky(all, known)].map(([id, assigned]) => [id, encodeAssignment(assigned)]))
}

/** Of a topic that is not known (it was removed, and others still read it) the members keep what they have. */
const claimedCount = (topic: string, members: readonly GroupMember[]): number =>
  members.reduce((count, { owned }) => Math.max(count, ...(owned.get(topic) ?? []).map((one) => one + 1)), 0)

/** A member whose words cannot be read is of a version that we do not know: it is given nothing, the others everything. */
const memberOf = ({ id, subscription }: Joined['members'][number]): GroupMember => {
  try {
    return { id, ...decodeSubscription(subscription) }
  } catch {
    return { id, topics: [], owned: new Map(), generation: -1 }
  }
}
