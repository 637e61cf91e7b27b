/**
 * What a member asks of the coordinator of its group, one call at a time but for `commit` and `leave`.
 *
 * Every call may fail in any way and at any time; `group-trouble.ts` says what the failure means. After `reset` the
 * next call looks for the coordinator again, over connections of its own: nothing of a broken one is used again.
 */
import type { Offset, Partition } from '../../model/position.ts'

/** Who we are to the group: the id that the coordinator gave us, and the generation that it was valid in. */
export interface Member {
  readonly id: string
  readonly generation: number
}

export interface Joined extends Member {
  /** What every member said of itself; told to the leader only, which shares the partitions out. */
  readonly members: readonly { readonly id: string; readonly subscription: Uint8Array }[]
  readonly isLeader: boolean
}

export interface GroupCoordinator {
  /** Waits until every other member has joined too, at most as long as a rebalance may take. */
  join(memberId: string, subscription: Uint8Array): Promise<Joined>
  /** The leader brings the assignments of all, the others none; each is told its own. */
  sync(member: Member, assignments: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array>
  heartbeat(member: Member): Promise<void>
  commit(member: Member, offsets: ReadonlyMap<Partition, Offset>): Promise<void>
  leave(memberId: string): Promise<void>
  /** How many partitions the topics have now; topics that the broker does not know are left out. */
  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>>
  reset(): void
  close(): void
}
