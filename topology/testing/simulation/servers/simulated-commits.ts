/**
 * The offsets that the members of a simulated group commit: production's own bookkeeping of each member, above a
 * coordinator that refuses who has not heard of the present share, and whose answer is lost now and then although it has
 * taken the offsets. What was refused or unanswered is sent again later; nothing waits and nothing fails for it.
 */
import type { Offset, Partition } from '../../../model/position.ts'
import { createGroupOffsets } from '../../../spouts/kafka/group-offsets.ts'
import type { Dice } from '../stage/dice.ts'

export interface MemberOffsets {
  commit(offsets: ReadonlyMap<Partition, Offset>): Promise<void>
  /** The member has heard of a share: offsets of other partitions are forgotten. */
  told(share: readonly Partition[]): void
  /** Sends again what could not be told. Does nothing where all was told. */
  beat(): void
}

export class SimulatedCommits {
  /** What the group has taken; per partition it never goes back. */
  readonly committed: Map<Partition, Offset> = new Map()
  readonly #dice: Dice

  constructor(dice: Dice) {
    this.#dice = dice
  }

  /** `isCurrent`: whether the coordinator takes it for a member, under the share that it has heard of. */
  memberAs(name: string, isCurrent: () => boolean): MemberOffsets {
    let isOwing = false
    const offsets = createGroupOffsets({
      commit: async (_member, sent) => {
        isOwing = true
        if (!isCurrent()) throw new Error('no member under this generation')
        for (const [one, offset] of sent) if (offset > (this.committed.get(one) ?? -1)) this.committed.set(one, offset)
        if (this.#dice.happens('commitReplyLost', () => `to ${name}`)) throw new Error('the reply was lost')
        isOwing = false
      },
    })
    const member = { id: name, generation: 0 }
    return {
      commit: (given) => {
        offsets.add(given)
        return offsets.send(member)
      },
      told: (share) => offsets.keepOnly(new Set(share)),
      beat: () => {
        if (!isOwing) return
        isOwing = false
        void offsets.send(member)
      },
    }
  }
}
