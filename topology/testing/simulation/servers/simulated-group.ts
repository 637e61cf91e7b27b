/**
 * The group of a spout's log as a history plays it: members join, leave, and are expelled when they have been away for the
 * session timeout; partitions are dealt evenly, or as badly as a group in trouble deals them, twice or to nobody.
 *
 * Who stands still hears nothing and goes on with what it had when it wakes; a member may also hear late. Two owners are
 * safe (PROTOCOL section 3), so nothing here waits for anybody. Offsets are taken from who has heard of the present share
 * only, and never go back.
 */
import type { EventLog, GroupListener } from '../../../model/ports/event-log.ts'
import { type Offset, type Partition, partition as toPartition } from '../../../model/position.ts'
import type { Dice } from '../stage/dice.ts'
import type { SimulatedProcess } from '../stage/simulated-process.ts'
import type { Note } from '../trace.ts'
import { type MemberOffsets, SimulatedCommits } from './simulated-commits.ts'

interface Member {
  readonly process: SimulatedProcess
  readonly listener: GroupListener
  readonly offsets: MemberOffsets
  share: readonly Partition[]
  /** What it was told last. */
  told: readonly Partition[] | undefined
  /** Hears of its share again from this time on. */
  deafUntilMs: number
  isExpelled: boolean
}

export interface GroupOptions {
  readonly partitions: number
  readonly sessionMs: number
  readonly nowMs: () => number
  readonly dice: Dice
  readonly note: Note | undefined
  /** Hears of each offset that a member commits. */
  readonly told: (partition: Partition, offset: Offset) => void
}

// How late a member may hear of a share, and how often one that was expelled asks again.
const deafMs = 1_000

export class SimulatedGroup {
  readonly #options: GroupOptions
  readonly #members: Member[] = []
  readonly #commits: SimulatedCommits

  constructor(options: GroupOptions) {
    this.#options = options
    this.#commits = new SimulatedCommits(options.dice)
  }

  /** What lag tools would see. */
  get committed(): ReadonlyMap<Partition, Offset> {
    return this.#commits.committed
  }

  joinAs(who: SimulatedProcess): NonNullable<EventLog['join']> {
    return async (_group, listener) => {
      const isCurrent = (): boolean =>
        !member.isExpelled && member.told === member.share && this.#members.includes(member)
      const offsets = this.#commits.memberAs(who.name, isCurrent)
      const member: Member = {
        process: who,
        listener,
        offsets,
        share: [],
        told: undefined,
        deafUntilMs: 0,
        isExpelled: false,
      }
      this.#members.push(member)
      this.#deal()
      return {
        commit: async (given) => {
          await who.party.pass()
          for (const [one, offset] of given) this.#options.told(one, offset)
          await offsets.commit(given)
        },
        leave: async () => this.#leave(member),
      }
    }
  }

  /** Deals anew, at random: some partitions perhaps to several members, others to nobody, until the next deal. */
  rebalance(): void {
    const { dice, note, partitions } = this.#options
    const isFair = dice.below(2) === 0
    if (isFair) this.#deal()
    for (const member of isFair ? [] : this.#present()) {
      member.share = allPartitions(partitions).filter(() => dice.below(2) === 0)
      note?.('rebalance', member.process.name, () => `is given ${sharesText(member.share)}`)
    }
    for (const member of this.#present())
      if (dice.happens('zombieMember', () => `${member.process.name} hears of its share late`))
        member.deafUntilMs = this.#options.nowMs() + dice.below(deafMs)
    this.#tell()
  }

  /** Goes on where time has passed: who was away for too long is expelled, who was expelled and is back joins again. */
  pass(): void {
    const nowMs = this.#options.nowMs()
    let isChanged = false
    for (const member of this.#members) {
      const { process: who } = member
      const isAway = !who.mayMove && nowMs - who.awaySinceMs >= this.#options.sessionMs
      if (isAway !== member.isExpelled && (isAway || who.mayMove)) {
        member.isExpelled = isAway
        isChanged = true
        this.#options.note?.('rebalance', who.name, () => `${isAway ? 'is expelled from' : 'is back in'} its group`)
      }
    }
    if (isChanged) this.#deal()
    else this.#tell()
  }

  /** Deals evenly, and everybody hears at once. */
  calm(): void {
    for (const member of this.#members) member.deafUntilMs = 0
    this.#deal()
  }

  #present(): readonly Member[] {
    return this.#members.filter(({ isExpelled }) => !isExpelled)
  }

  #leave(member: Member): void {
    const index = this.#members.indexOf(member)
    if (index < 0) return
    this.#members.splice(index, 1)
    this.#deal()
  }

  /** Each keeps what it has as far as that is no more than its part. */
  #deal(): void {
    const members = this.#present()
    const all = allPartitions(this.#options.partitions)
    const most = members.map((_, index) => Math.ceil((all.length - index) / members.length))
    const taken = new Set<Partition>()
    const kept = members.map(({ share }, index) => {
      const own = share.filter((one) => !taken.has(one)).slice(0, most[index])
      for (const one of own) taken.add(one)
      return own
    })
    const free = all.filter((one) => !taken.has(one))
    for (const [index, member] of members.entries())
      member.share = [...kept[index]!, ...free.splice(0, most[index]! - kept[index]!.length)]
    this.#tell()
  }

  #tell(): void {
    const nowMs = this.#options.nowMs()
    for (const member of this.#present()) {
      const { process: who, listener, share, told, deafUntilMs } = member
      if (!who.mayMove || deafUntilMs > nowMs) continue
      if (told === share) {
        member.offsets.beat()
        continue
      }
      member.told = share
      member.offsets.told(share)
      this.#options.note?.('rebalance', who.name, () => `has ${sharesText(share)}`)
      listener.assigned(share)
    }
  }
}

const allPartitions = (partitions: number): readonly Partition[] =>
  Array.from({ length: partitions }, (_, index) => toPartition(index))

const sharesText = (share: readonly Partition[]): string =>
  share.length === 0 ? 'no partition' : `partition ${[...share].sort((left, right) => left - right).join(', ')}`
