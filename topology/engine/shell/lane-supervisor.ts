/**
 * Watches how far the lanes of a process's partitions are, about once a second: cuts live lanes that are too far behind,
 * puts tenants apart, lets what is stuck wait alone, and says which lanes may read now. What it decides changes when
 * work is done and never what it gives (I-1): it proposes to the ledger like everybody else.
 *
 * Costs nothing for a partition that is not behind.
 */
import type { LanePermits } from '../../model/lane-permit.ts'
import { withinMs } from '../../model/within-ms.ts'
import type { PartitionFacts } from '../catch-up/lane-facts.ts'
import { planCuts } from '../catch-up/plan-cuts.ts'
import { mayJoin, planUnstuck } from '../catch-up/plan-unstuck.ts'
import { supervisionText } from '../catch-up/supervision-text.ts'
import type { Proposal } from '../ledger/proposal.ts'
import { sinksOfBranch } from '../plan-questions.ts'
import { planTenants } from '../tenants/plan-tenants.ts'
import { rulesBySink, type TenantRule } from '../tenants/tenant-rule.ts'
import { BacklogPermits, type LookedAt } from './backlog-permits.ts'
import type { EngineParts } from './engine-parts.ts'
import { isLateOf, Latencies } from './latencies.ts'
import { PartitionWatch } from './partition-watch.ts'
import type { SupervisedPartition } from './supervised-partition.ts'

export type { SupervisedPartition } from './supervised-partition.ts'

export interface LaneSupervisorOptions {
  readonly partitions: () => readonly SupervisedPartition[]
  /** Of processes that run lanes; 1 where they run in this one. */
  readonly workers: () => number
  /** The run ends by itself: nothing is live. */
  readonly untilCaughtUp: boolean
  /** Aborts when no new work is wanted. */
  readonly signal: AbortSignal
  /** What people have decided about tenants. */
  readonly tenantRules?: () => readonly TenantRule[]
}

// Partitions whose log is asked at one look: the others have their turn at the next.
const asksMost = 32
// Who answers no sooner is looked at again later.
const askMs = 5_000
// Of an epoch: a range of fewer records is not worth its lanes.
const epochParts = 10
// A store that does not answer for so long does not answer.
const stuckMs = 10_000
// A process needs seconds to start and to look: what came meanwhile belongs to what is fresh.
const freshForMs = 5_000

export class LaneSupervisor {
  readonly #parts: EngineParts
  readonly #options: LaneSupervisorOptions
  readonly #permits: BacklogPermits
  readonly #latencies = new Latencies()
  readonly #told = new Set<string>()
  #watches = new Map<SupervisedPartition, PartitionWatch>()
  #set = new Map<SupervisedPartition, LanePermits>()
  /** Where the partitions begin whose turn it is. */
  #turn = 0
  #isAsking = false
  #isWaiting = false
  /** Read by lanes behind, of partitions that others have now. */
  #goneRecords = 0

  constructor(parts: EngineParts, options: LaneSupervisorOptions) {
    this.#parts = parts
    this.#options = options
    this.#permits = new BacklogPermits(parts, parts.clock.nowMs())
  }

  /** Lanes stand still so that the next look may part or join them: the sooner it comes the better. */
  get isWaiting(): boolean {
    return this.#isWaiting
  }

  /** Read by lanes that lie behind, since the process began. */
  get behindRecords(): number {
    return [...this.#watches.values()].reduce((sum, one) => sum + one.behindRecords, this.#goneRecords)
  }

  /** Called about once a second, one call at a time; never throws. */
  async tick(nowMs: number): Promise<void> {
    const { signal } = this.#options
    const sinksOf = (branch: string): readonly string[] => sinksOfBranch(this.#parts.plans, branch)
    const rules = rulesBySink(this.#options.tenantRules?.() ?? [], sinksOf)
    this.#isWaiting = false
    if (signal.aborted) return
    const watches = this.#follow()
    const held = this.#tenantKnobs(watches)
    const areHeld = rules.length > 0 || held.eventsPerSecond > 0 || held.blockedNames.length > 0
    // One process that drains alone has nothing to protect, and nobody to share with; lanes of earlier runs have their rules.
    if (this.#drainsAlone && !areHeld && !watches.some(({ hasPermits }) => hasPermits)) return
    const afterMs = this.#parts.knob('catchUp.afterMs')
    for (const watch of watches) watch.see(nowMs, afterMs)
    const asked = await this.#ask(watches)
    if (signal.aborted) return
    const looked = watches.filter((watch) => areHeld || watch.hasPermits || asked.has(watch))
    const looks: LookedAt[] = []
    for (const watch of looked) {
      const facts = await watch.facts(nowMs)
      const plan = planTenants(facts, rules, held, watch.memory)
      watch.memory = plan.memory
      this.#isWaiting ||= plan.isWaiting
      for (const { tenant, sink } of plan.kept) this.#tellKept(tenant, sink)
      const workerOf = (slot: number): number | undefined => watch.partition.workerOf(slot)
      const retentionMs = await this.#retentionOf(watch)
      looks.push({ key: keyOf(watch), facts, tenants: plan.permits, retentionMs, workerOf })
      if (watch.isProposing) continue
      const propose = (seen: PartitionFacts): readonly Proposal[] =>
        this.#proposals(seen, asked.has(watch), afterMs, plan.proposals)
      const first = propose(facts)
      // Where the head is cut the log is asked once more, which is seldom.
      const isAtHead = first.some((one) => one.kind === 'cut' && facts.doc.lanes[one.lane]?.to === null)
      this.#propose(watch, isAtHead ? propose(await watch.withFresh(facts, freshForMs)) : first)
    }
    this.#permit(looked, looks, nowMs)
  }

  get #drainsAlone(): boolean {
    return this.#options.untilCaughtUp && this.#options.workers() <= 1
  }

  /** Keeps a watch for each partition that is there. */
  #follow(): readonly PartitionWatch[] {
    const windowMs = (): number => this.#parts.knob('tenant.windowMs')
    const partitions = this.#options.partitions()
    const isSame = partitions.length === this.#watches.size && partitions.every((one) => this.#watches.has(one))
    if (!isSame) {
      const before = this.#watches
      for (const [one, watch] of before) if (!partitions.includes(one)) this.#goneRecords += watch.behindRecords
      this.#watches = new Map(partitions.map((one) => [one, before.get(one) ?? new PartitionWatch(one, windowMs)]))
      this.#set = new Map([...this.#set].filter(([one]) => this.#watches.has(one)))
    }
    return [...this.#watches.values()]
  }

  /** Asks the logs of partitions that may be behind. While something is caught up with, one is asked to measure its log. */
  async #ask(watches: readonly PartitionWatch[]): Promise<ReadonlySet<PartitionWatch>> {
    const due = watches.filter(({ isDue }) => isDue)
    const others = due.length > 0 ? [] : watches.filter(({ hasOthers }) => hasOthers).slice(0, 1)
    const all = [...due, ...others]
    if (all.length === 0 || this.#isAsking) return new Set()
    this.#turn = all.length <= asksMost ? 0 : (this.#turn + asksMost) % all.length
    const chosen = [...all.slice(this.#turn), ...all.slice(0, this.#turn)].slice(0, asksMost)
    const asked = new Set<PartitionWatch>()
    const { clock } = this.#parts
    this.#isAsking = true
    const asking = Promise.all(
      chosen.map(async (watch) => {
        try {
          await watch.ask(
            () => clock.nowMs(),
            (ms) => this.#latencies.note(watch.partition.log, ms),
          )
          asked.add(watch)
        } catch {
          // Whoever reads it tells; it is asked again.
        }
      }),
    ).finally(() => {
      this.#isAsking = false
    })
    await withinMs(
      clock,
      askMs,
      () => new Error('late'),
      () => asking,
    ).catch(() => undefined)
    return asked
  }

  #proposals(
    facts: PartitionFacts,
    isAsked: boolean,
    afterMs: number,
    ofTenants: readonly Proposal[],
  ): readonly Proposal[] {
    const unstuck = planUnstuck(facts, { stuckMs, isAlive: (sink) => this.#isAlive(sink) })
    if (unstuck.length > 0) return unstuck
    const cuts = isAsked
      ? planCuts(facts, {
          afterMs,
          ranges: this.#drainsAlone ? 1 : this.#parts.knob('catchUp.perPartitionRanges'),
          leastRecords: Math.ceil(this.#parts.knob('epoch.records') / epochParts),
          hasIdle: this.#permits.hasIdle,
          hasWorkers: this.#options.workers() > 1,
          isDraining: this.#options.untilCaughtUp,
        })
      : []
    // A lane is changed in one way at a time.
    return cuts.length > 0 ? cuts : ofTenants.filter((one) => mayJoin(facts, one))
  }

  /** Nobody waits for the ledger here; until it has answered nothing else is proposed for the partition. */
  #propose(watch: PartitionWatch, proposals: readonly Proposal[]): void {
    if (proposals.length === 0) return
    watch.isProposing = true
    void Promise.allSettled(proposals.map((one) => watch.partition.propose(one))).then((verdicts) => {
      watch.isProposing = false
      const taken = verdicts.filter((one) => one.status === 'fulfilled' && one.value.kind === 'applied').length
      if (taken === 0) return
      this.#tell(watch, proposals)
      this.#give(watch, this.#permits.withNew(watch.partition.doc, this.#set.get(watch.partition) ?? new Map()))
    })
  }

  #permit(watches: readonly PartitionWatch[], looks: readonly LookedAt[], nowMs: number): void {
    const log = watches[0]?.partition.log
    const permits = this.#permits.plan(looks, {
      docs: [...this.#watches.keys()].map(({ doc }) => doc),
      nowMs,
      workers: this.#options.workers(),
      behindRecords: this.behindRecords,
      isStrained: log !== undefined && this.#isStrained(watches),
      isDraining: this.#options.untilCaughtUp,
    })
    for (const watch of watches) {
      const next = permits.get(keyOf(watch))
      if (next !== undefined) this.#give(watch, next)
    }
  }

  #give({ partition }: PartitionWatch, permits: LanePermits): void {
    const before = this.#set.get(partition)
    if (before !== undefined && areSame(before, permits)) return
    this.#set.set(partition, permits)
    partition.setPermits(permits)
  }

  /** Whether log or stores answer late: others wait for them too. */
  #isStrained(watches: readonly PartitionWatch[]): boolean {
    const limitMs = this.#parts.knob('broker.latencyMs')
    const { rows, objects } = this.#parts.resources
    const logs = new Set(watches.map(({ partition }) => partition.log))
    return [...logs].some((log) => this.#latencies.isLate(log, limitMs)) || isLateOf(rows) || isLateOf(objects)
  }

  /** Whether some lane of the sink is not stuck. */
  #isAlive(sink: string): boolean {
    return [...this.#watches.values()].some((watch) => watch.isAlive(sink, stuckMs))
  }

  #tenantKnobs(watches: readonly PartitionWatch[]): Parameters<typeof planTenants>[2] & {
    readonly blockedNames: readonly string[]
  } {
    const { knob, knobs } = this.#parts
    // Counted when somebody asks: mostly nobody is limited.
    let counts: Map<string, number> | undefined
    const countOf = (tenant: string): number => {
      if (counts === undefined) {
        counts = new Map()
        for (const { rates } of watches)
          for (const one of rates.rates()) counts.set(one.tenant, (counts.get(one.tenant) ?? 0) + 1)
      }
      return counts.get(tenant) ?? 1
    }
    return {
      shareRatio: knob('tenant.shareRatio'),
      windowMs: knob('tenant.windowMs'),
      eventsPerSecond: knob('tenant.eventsPerSecond'),
      burstEvents: knob('tenant.burstEvents'),
      blockedNames: knobs?.names('tenant.blockedNames') ?? [],
      afterMs: knob('catchUp.afterMs'),
      partitionsOf: countOf,
    }
  }

  async #retentionOf({ partition }: PartitionWatch): Promise<number> {
    return (await this.#latencies.retentionOf(partition.log, this.#parts.clock.nowMs())) ?? Number.POSITIVE_INFINITY
  }

  #tell(watch: PartitionWatch, proposals: readonly Proposal[]): void {
    const { spout, partition, doc } = watch.partition
    const kinds = [...new Set(proposals.map(({ kind }) => kind))]
    const text = supervisionText(`${spout}/${partition}`, kinds, Object.keys(doc.lanes).length)
    this.#parts.report({ kind: 'lanes', level: 'info', text, fields: { spout, partition, kinds: kinds.join(', ') } })
  }

  #tellKept(tenant: string, sink: string): void {
    if (this.#told.has(`${tenant} ${sink}`) || this.#told.size > 1_000) return
    this.#told.add(`${tenant} ${sink}`)
    const text = `${tenant} cannot be held apart in ${sink}: the branch needs its events in order`
    this.#parts.report({ kind: 'lanes', level: 'warn', text, fields: { tenant, sink } })
  }
}

const keyOf = ({ partition }: PartitionWatch): string =>
  `${partition.spout}/${String(partition.partition).padStart(7, '0')}`

const areSame = (left: LanePermits, right: LanePermits): boolean =>
  left.size === right.size &&
  [...left].every(([id, one]) => {
    const other = right.get(id)
    return (
      other?.mayRead === one.mayRead &&
      other.recordsPerSecond === one.recordsPerSecond &&
      other.laneClass === one.laneClass
    )
  })
