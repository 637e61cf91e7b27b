/**
 * The groups through which this process shares the partitions of its logs with others, one per log, and what they are
 * told of progress (PROTOCOL section 10). A log without groups gives all its partitions at once.
 *
 * The offset that is committed to a group is for lag tools alone: nothing is recovered from it.
 */
import type { EventLog, GroupMembership } from '../../model/ports/event-log.ts'
import { type Offset, offset, type Partition, partition as toPartition } from '../../model/position.ts'
import { messageOf } from '../../model/spillway-error.ts'
import { groupOffset } from '../ledger/group-offset.ts'
import type { EngineParts } from './engine-parts.ts'
import type { LanesHouse } from './lanes-house.ts'
import type { PartitionPlace } from './owned-partitions.ts'
import type { PartitionDesk } from './partition-desk.ts'

// A run that begins waits so long for its first share: what is impossible is known by then.
const firstShareMs = 10_000
// Others are told by the group's own timeout if the log does not answer.
const leaveMs = 2_000

export interface MembershipHooks {
  /** Resolves when the partitions are had; never rejects. */
  assigned(log: EventLog, partitions: readonly Partition[]): Promise<void>
  failed(error: unknown): void
}

interface Group {
  readonly name: string
  readonly log: EventLog
  membership: GroupMembership | undefined
  readonly told: Map<Partition, Offset>
  share: readonly Partition[]
  isTroubled: boolean
  /** +1 when it is left: what an earlier membership still tells is not heard. */
  epoch: number
}

export class Memberships {
  readonly #parts: EngineParts
  readonly #hooks: MembershipHooks
  readonly #groups: readonly Group[]
  #isOver = false

  constructor(parts: EngineParts, places: readonly PartitionPlace[], hooks: MembershipHooks) {
    this.#parts = parts
    this.#hooks = hooks
    const names = groupNames(parts.topology.name, places)
    const none = { membership: undefined, share: [], isTroubled: false, epoch: 0 }
    this.#groups = [...names].map(([name, log]) => ({ ...none, name, log, told: new Map() }))
  }

  /** Whether other processes may have some of the partitions. */
  get isShared(): boolean {
    return this.#groups.some(({ log }) => log.join !== undefined)
  }

  /**
   * Resolves when the first shares are had, or when they do not come for a while. Rejects where joining is impossible.
   * Others go on with what they have until it can be served here at once. Nothing is joined when `lost` has aborted by
   * then, or when this process was drained or has left meanwhile.
   */
  async join(house: Pick<LanesHouse, 'usable'>, lost: AbortSignal): Promise<void> {
    const groups = this.#groups.map((group) => ({ group, epoch: group.epoch }))
    if (this.isShared) await house.usable(firstShareMs)
    if (this.#isOver || lost.aborted) return
    await Promise.all(groups.map(({ group, epoch }) => (group.epoch === epoch ? this.#join(group) : undefined)))
  }

  async #join(group: Group): Promise<void> {
    const { log } = group
    const all = Array.from({ length: log.partitions }, (_, index) => toPartition(index))
    if (log.join === undefined) return this.#hooks.assigned(log, all)
    const first = new AbortController()
    const { epoch } = group
    const wait = this.#parts.waits?.begin()
    const culprit = { resource: 'log', name: log.topic } as const
    group.membership = await log.join(group.name, {
      assigned: (partitions) => {
        if (this.#isOver || epoch !== group.epoch) return
        this.#report(group, partitions)
        void this.#hooks.assigned(log, partitions).then(() => first.abort())
      },
      failed: (error) => {
        wait?.end()
        first.abort()
        if (!this.#isOver && epoch === group.epoch) this.#hooks.failed(error)
      },
      troubled: (error) => {
        if (error === undefined) wait?.end()
        else wait?.note(error, culprit)
        this.#tellTrouble(group, error)
      },
    })
    await this.#parts.clock.sleep(firstShareMs, first.signal)
  }

  /** Tells the groups how far the partitions are that this process has. What fails is told the next time. */
  async commit(desks: readonly PartitionDesk[]): Promise<void> {
    await Promise.all(this.#groups.map((group) => this.#commit(group, desks)))
  }

  /** Others take over, and nothing is read here until `join`. `give`: lets go of all partitions of a log. */
  async drain(give: (log: EventLog) => Promise<void>): Promise<void> {
    await Promise.all(
      this.#groups.map(async (group) => {
        const { membership } = group
        group.membership = undefined
        group.share = []
        group.epoch += 1
        // What is declared is finished first: who takes over has less to repeat.
        await give(group.log)
        await membership?.leave().catch(() => undefined)
      }),
    )
  }

  /** Others take over at once. */
  async leave(): Promise<void> {
    this.#isOver = true
    const over = new AbortController()
    const left = Promise.allSettled(this.#groups.map(({ membership }) => membership?.leave()))
    await Promise.race([left, this.#parts.clock.sleep(leaveMs, over.signal)])
    over.abort()
  }

  async #commit({ log, membership, told, share }: Group, desks: readonly PartitionDesk[]): Promise<void> {
    if (membership === undefined) return
    const offsets = new Map<Partition, Offset>()
    // Two spouts may read one log.
    const byPartition = Map.groupBy(
      desks.filter((one) => one.log.id === log.id),
      ({ partition }) => partition,
    )
    for (const one of share) {
      const docs = byPartition.get(one) ?? []
      const lowest = Math.min(...docs.map(({ doc }) => groupOffset(doc) ?? Number.POSITIVE_INFINITY))
      if (Number.isFinite(lowest) && lowest > (told.get(one) ?? -1)) offsets.set(one, offset(lowest))
    }
    if (offsets.size === 0) return
    await membership.commit(offsets).then(
      () => {
        for (const [one, lowest] of offsets) told.set(one, lowest)
      },
      () => undefined,
    )
  }

  /** One line when it begins. */
  #tellTrouble(group: Group, error: unknown): void {
    const isNew = error !== undefined && !group.isTroubled
    group.isTroubled = error !== undefined
    if (!isNew) return
    const { topic: name } = group.log
    const text = `log ${name}: ${messageOf(error)}`
    this.#parts.report({ kind: 'retrying', level: 'warn', text, fields: { resource: 'log', name } })
  }

  #report(group: Group, partitions: readonly Partition[]): void {
    const sorted = [...partitions].sort((left, right) => left - right)
    if (sorted.join() === group.share.join() && sorted.length > 0) return
    group.share = sorted
    const { topic, partitions: all } = group.log
    const which = sorted.length === 0 ? 'no partition' : `${sorted.length} of ${all} partitions (${rangesText(sorted)})`
    const fields = { topic, partitions: sorted.length, of: all }
    this.#parts.report({ kind: 'assigned', level: 'info', text: `${topic}: this process has ${which}`, fields })
  }
}

/**
 * `spillway.<topology>`; a member subscribes to one topic, so a further one has a group named for its first spout. Who serves
 * some sinks only shares with those that serve the same: nobody would serve the others of its share.
 */
const groupNames = (topology: string, places: readonly PartitionPlace[]): ReadonlyMap<string, EventLog> => {
  const names = new Map<string, EventLog>()
  for (const { plan, log } of places) {
    if ([...names.values()].some(({ id }) => id === log.id)) continue
    const group = `spillway.${topology}${plan.only === undefined ? '' : `.only.${[...plan.only].sort().join('+')}`}`
    names.set(names.size === 0 ? group : `${group}.${plan.spout.name}`, log)
  }
  return names
}

/** `0-2, 5`. */
const rangesText = (sorted: readonly number[]): string => {
  const ranges: [number, number][] = []
  for (const one of sorted) {
    const last = ranges.at(-1)
    if (last !== undefined && one === last[1] + 1) last[1] = one
    else ranges.push([one, one])
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ')
}
