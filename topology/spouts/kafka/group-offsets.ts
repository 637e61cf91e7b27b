/**
 * The offsets that a member still has to tell its group, newest only.
 *
 * They move forward only, are told for partitions that the member has, and what could not be told is told with the
 * next heartbeat. Only tools that show lag read them, so that nothing waits and nothing fails for them.
 */
import type { Offset, Partition } from '../../model/position.ts'
import type { GroupCoordinator, Member } from './group-coordinator.ts'

export interface GroupOffsets {
  add(offsets: ReadonlyMap<Partition, Offset>): void
  /** Forgets partitions that others have: their new member begins where the ledger says. */
  keepOnly(partitions: ReadonlySet<Partition>): void
  /** Tells what is new; at once when a call is in flight already. Never throws. */
  send(member: Member): Promise<void>
}

export const createGroupOffsets = (coordinator: Pick<GroupCoordinator, 'commit'>): GroupOffsets => {
  const waiting = new Map<Partition, Offset>()
  const told = new Map<Partition, Offset>()
  let owned: ReadonlySet<Partition> = new Set()
  let isSending = false
  return {
    add: (offsets) => {
      for (const [partition, offset] of offsets) {
        const known = waiting.get(partition) ?? told.get(partition)
        if (owned.has(partition) && (known === undefined || offset > known)) waiting.set(partition, offset)
      }
    },
    keepOnly: (partitions) => {
      owned = partitions
      for (const offsets of [waiting, told]) {
        for (const partition of [...offsets.keys()]) if (!owned.has(partition)) offsets.delete(partition)
      }
    },
    send: async (member) => {
      if (isSending || waiting.size === 0) return
      const sent = new Map(waiting)
      isSending = true
      try {
        await coordinator.commit(member, sent)
        for (const [partition, offset] of sent) {
          if (!owned.has(partition)) continue
          told.set(partition, offset)
          if (waiting.get(partition) === offset) waiting.delete(partition)
        }
      } catch {
        // Fenced, or the coordinator is away: the heartbeat finds out, and what waits is sent when it beats again.
      } finally {
        isSending = false
      }
    },
  }
}
