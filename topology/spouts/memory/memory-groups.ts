/**
 * Groups of a log in memory, for tests: members share the partitions evenly and keep what they have where they can, as a
 * served log does it; or a test deals them out by hand, twice or to nobody, as a group in trouble does.
 */
import type { GroupListener, GroupMembership } from '../../model/ports/event-log.ts'
import { type Offset, type Partition, partition as toPartition } from '../../model/position.ts'

export interface MemoryMember {
  /** What it was told last. */
  readonly share: readonly Partition[]
  /** Tells it a share of the test's choice; the others hear nothing. From then on no shares are dealt out by themselves, until all have left. */
  assign(partitions: readonly number[]): void
  /** Its membership is being tried again, or stands again. */
  trouble(error: unknown): void
  /** Its membership ends for good. */
  fail(error: unknown): void
}

export interface MemoryGroups {
  join(group: string, listener: GroupListener): Promise<GroupMembership>
  /** In the order in which they have joined. */
  members(group: string): readonly MemoryMember[]
  committed(group: string): ReadonlyMap<Partition, Offset>
}

class Member implements MemoryMember {
  readonly #listener: GroupListener
  readonly #group: Group
  share: readonly Partition[] = []

  constructor(listener: GroupListener, group: Group) {
    this.#listener = listener
    this.#group = group
  }

  tell(partitions: readonly Partition[]): void {
    this.share = partitions
    this.#listener.assigned(partitions)
  }

  assign(partitions: readonly number[]): void {
    this.#group.isByHand = true
    this.tell(partitions.map(toPartition))
  }

  trouble(error: unknown): void {
    this.#listener.troubled?.(error)
  }

  fail(error: unknown): void {
    this.#group.leave(this)
    this.#listener.failed(error)
  }
}

class Group {
  readonly members: Member[] = []
  readonly committed = new Map<Partition, Offset>()
  isByHand = false
  readonly #partitions: number

  constructor(partitions: number) {
    this.#partitions = partitions
  }

  leave(member: Member): void {
    const index = this.members.indexOf(member)
    if (index < 0) return
    this.members.splice(index, 1)
    if (this.members.length === 0) this.isByHand = false
    this.deal()
  }

  /** Evenly; each keeps what it has as far as that is no more than its part. */
  deal(): void {
    const { members } = this
    if (this.isByHand || members.length === 0) return
    const most = members.map((_, index) => Math.ceil((this.#partitions - index) / members.length))
    const kept = members.map((one, index) => one.share.slice(0, most[index]))
    const taken = new Set(kept.flat())
    const free = Array.from({ length: this.#partitions }, (_, one) => toPartition(one)).filter((one) => !taken.has(one))
    for (const [index, one] of members.entries())
      one.tell([...kept[index]!, ...free.splice(0, most[index]! - kept[index]!.length)])
  }
}

export const createMemoryGroups = (partitions: number): MemoryGroups => {
  const groups = new Map<string, Group>()
  const groupOf = (name: string): Group => {
    const group = groups.get(name) ?? new Group(partitions)
    groups.set(name, group)
    return group
  }
  return {
    join: async (name, listener) => {
      const group = groupOf(name)
      const member = new Member(listener, group)
      group.members.push(member)
      if (group.isByHand) member.tell([])
      else group.deal()
      return {
        commit: async (offsets) => {
          for (const [one, offset] of offsets)
            if (offset > (group.committed.get(one) ?? -1)) group.committed.set(one, offset)
        },
        leave: async () => group.leave(member),
      }
    },
    members: (name) => groupOf(name).members,
    committed: (name) => groupOf(name).committed,
  }
}
