/**
 * The stage of one history: servers, processes, time and gates, and what may be done to them. It knows no schedule:
 * `history.ts` says what is done at which step.
 */
import type { Random } from '../../../model/ports/random.ts'
import type { Happening, Resources } from '../../../model/run-handle.ts'
import { errorClassOf, messageOf } from '../../../model/spillway-error.ts'
import type { SpoutPlan } from '../../../model/spout-plan.ts'
import type { Topology } from '../../../model/topology.ts'
import type { HistoryChecks, HistoryOptions, Scenario } from '../history.ts'
import { faultText } from '../report/fault-words.ts'
import { Servers } from '../servers/servers.ts'
import type { Note } from '../trace.ts'
import { Violation } from '../violation.ts'
import { Watch } from '../watch/watch.ts'
import { watchTopology } from '../watch/watch-topology.ts'
import { defaultChecks } from './default-checks.ts'
import { SwarmDice } from './dice.ts'
import type { FaultKind } from './fault-kinds.ts'
import { gatedResources } from './gated-resources.ts'
import { Gates } from './gates.ts'
import { type Groups, openGroups } from './open-groups.ts'
import { countDecisions, knobsWithout } from './own-decisions.ts'
import { Party } from './party.ts'
import { People } from './people.ts'
import { plansOf } from './plans-of.ts'
import { ProcessClock } from './process-clock.ts'
import { type ProcessPlace, SimulatedProcess } from './simulated-process.ts'
import type { Streams } from './streams.ts'
import { Surroundings } from './surroundings.ts'
import { drawSwarm } from './swarm.ts'
import { withoutSinks } from './without-sinks.ts'
import { Workers, workersOf } from './workers.ts'
import { WorldClock } from './world-clock.ts'
import { WorldRecords } from './world-records.ts'

export const startMs: number = Date.UTC(2026, 0, 1)

const skewMs = 120_000
const slowLogChance = 0.9
// An overloaded store refuses a few calls more.
const readingsMax = 32

export class World {
  readonly options: HistoryOptions
  readonly streams: Streams
  readonly scenario: Scenario
  readonly topology: Topology
  /** What looks at the user's parts while they run. */
  readonly watch: Watch | undefined
  readonly clock: WorldClock = new WorldClock(startMs)
  readonly gates: Gates = new Gates()
  readonly dice: SwarmDice
  readonly swarm: ReturnType<typeof drawSwarm>
  readonly servers: Servers
  readonly records: WorldRecords
  /** The ports as a person has them, behind gates. */
  readonly person: Resources
  readonly surroundings: Surroundings
  readonly people: People
  readonly workers: Workers
  readonly note: Note | undefined
  readonly checks: HistoryChecks
  processes: SimulatedProcess[] = []
  /** The first thing that went wrong. */
  failure: unknown
  step = 0
  chaosSteps = 0
  /** Before anything was taken away from the history. */
  drawnChaosSteps = 0
  isCalm = false
  /** How many of the last records come only when faults have stopped and all others are done. */
  late = 0
  readonly #leftOut = new Set<string>()
  readonly #plans: readonly SpoutPlan[]
  readonly #groups: Groups
  readonly #place: ProcessPlace
  readonly #network = new Party('network')
  #isReading = false
  #born = 0

  constructor(options: HistoryOptions, streams: Streams, scenario: Scenario) {
    this.options = options
    this.streams = streams
    this.scenario = scenario
    this.topology = withoutSinks(scenario.topology, options.withoutSinks)
    if (scenario.isWatched === true) this.watch = new Watch({ random: streams.of('watch'), clock: this.clock })
    const played = this.watch === undefined ? this.topology : watchTopology(this.topology, this.watch)
    const { trace } = options
    trace?.begin(() => this.clock.nowMs())
    this.note = trace?.note
    this.swarm = drawSwarm(streams.of('swarm'), options.muted)
    const { topology, clock, swarm, gates } = this
    this.dice = new SwarmDice({
      streams,
      swarm,
      ...(this.note === undefined
        ? {}
        : { befell: (kind, detail) => this.note?.(kind, 'fault', () => faultText(kind, detail())) }),
    })
    this.#plans = plansOf(played)
    gates.admit(this.#network)
    this.servers = new Servers({
      topology,
      partitions: scenario.partitions,
      streams,
      dice: this.dice,
      clock,
      // A reader who looks on waits at no gate.
      pause: () => (this.#isReading ? Promise.resolve() : this.#network.pass()),
      changed: (key, before, after) => this.guard(() => this.checks.changed(key, before, after)),
    })
    const { servers, note } = this
    this.records = new WorldRecords({ topology, scenario, options, streams, servers, clock, startMs, note })
    this.#groups = scenario.isShared ? openGroups(this) : {}
    const { resources } = this.servers
    const joinAs = scenario.isShared
      ? (who: SimulatedProcess, spout: string) => this.#groups[spout]!.joinAs(who)
      : undefined
    const shared = { topology: played, plans: this.#plans, resources, clock, dice: this.dice, knobs: scenario.knobs }
    const failed = (error: unknown): void => this.fail(new Violation('I-9', `a worker ended: ${messageOf(error)}`))
    const logMs = this.#drawSlowLog()
    const slowMs = (): number => (this.isCalm ? 0 : logMs)
    const more = { streams, note: this.note, joinAs, failed, slowMs }
    const doors = {
      admit: (party: Party) => gates.admit(party),
      forget: (party: Party) => {
        gates.forget(party)
        clock.forget(party)
      },
    }
    this.#place = { ...shared, ...more, ...doors }
    this.person = gatedResources(resources, { party: this.#network, clock: new ProcessClock(clock, this.#network, 0) })
    this.surroundings = new Surroundings(this)
    this.people = new People(this)
    this.workers = new Workers(this)
    this.checks = (options.checks ?? defaultChecks)(this)
  }

  below(bound: number): number {
    return this.dice.below(bound)
  }

  one<Item>(items: readonly Item[]): Item | undefined {
    return items[this.below(items.length)]
  }

  planOf(spout: string): SpoutPlan {
    return this.#plans.find((plan) => plan.spout.name === spout)!
  }

  endOf(spout: string, place: number): number {
    return this.servers.endOf(spout, place)
  }

  /** A fault, or what a person did, that has happened. */
  count(kind: FaultKind, who: string, what: () => string): void {
    this.dice.count(kind)
    this.note?.(kind, who, what)
  }

  /** A person has asked to leave a record out of a sink. */
  noteLeftOut(sink: string, spout: string, place: number, at: number): void {
    this.#leftOut.add(`${place} ${at} ${sink} ${spout}`)
  }

  isByPeople(sink: string, spout: string, place: number, at: number): boolean {
    return this.#leftOut.has(`${place} ${at} ${sink} ${spout}`)
  }

  fail(error: unknown): void {
    this.failure ??= error
  }

  /** Keeps what a check throws from whoever has called it. */
  guard(check: () => void): void {
    try {
      check()
    } catch (error) {
      this.fail(error)
    }
  }

  begin(hasToEnd: boolean): SimulatedProcess {
    const name = `process ${this.#born++}`
    const random: Random = this.streams.of(name)
    const isApart = this.dice.happens('clockSkew')
    const apartMs = isApart ? this.below(2 * skewMs) - skewMs : 0
    const speed = random.next() < 0.6 ? 1 : 0.02 + random.next() ** 2
    const knobs = { ...(hasToEnd ? {} : this.surroundings.ownKnobs(name)), ...knobsWithout(this.options.muted) }
    const happened = (happening: Happening): void => countDecisions(this, name, happening)
    const workers = workersOf(this, name)
    const who = new SimulatedProcess(this.#place, { name, speed, apartMs, hasToEnd, workers, knobs, happened })
    this.processes.push(who)
    this.gates.admit(who.party)
    const crew = workers === 0 ? '' : ` with ${workers} workers`
    this.note?.('decision', name, () => `begins${crew}${apartMs === 0 ? '' : `, its clock ${apartMs} ms off`}`)
    who.start(this.#place, random)
    return who
  }

  /** Dies: none of its calls goes on, nothing of it is answered. Workers may go on for a while, unless it `endsAll`. */
  kill(who: SimulatedProcess, endsAll = true): void {
    who.party.isGone = true
    this.#goesAway(who)
    this.gates.forget(who.party)
    this.clock.forget(who.party)
    this.processes = this.processes.filter((one) => one !== who)
    this.workers.orphan(who, endsAll)
  }

  freeze(who: SimulatedProcess, until: number): void {
    this.#goesAway(who)
    who.party.isFrozen = true
    who.frozenUntil = until
    this.workers.freezeWith(who, until)
  }

  /** Wakes those whose time of standing still is over, or all. */
  thaw(all = false): void {
    let isAny = this.workers.thaw(all)
    for (const who of this.processes) {
      if (!who.party.isFrozen || (!all && who.frozenUntil > this.step)) continue
      who.party.isFrozen = false
      isAny = true
      this.note?.('decision', who.name, () => 'wakes')
    }
    if (!isAny) return
    this.clock.wakeDue()
    this.regroup()
  }

  /** So many calls of a process, or of all, pass without waiting. */
  runAhead(calls: number, only?: SimulatedProcess): void {
    // Who is slow does not run.
    if (only !== undefined && only.party.speed < 1) return
    this.#network.ahead = calls
    for (const who of this.processes)
      if (only === undefined || who === only) for (const party of who.parties) party.ahead = calls
  }

  /** Groups look who is away, and tell those who are not. */
  regroup(): void {
    for (const group of Object.values(this.#groups)) group.pass()
  }

  rebalance(): boolean {
    const group = this.one(Object.values(this.#groups))
    if (group === undefined) return false
    this.dice.count('rebalance')
    group.rebalance()
    return true
  }

  /** Nothing happens to anybody any more; what stands still or is late stays so. */
  calm(): void {
    this.isCalm = true
    this.dice.calm()
    this.people.calm()
    this.workers.calm()
    for (const group of Object.values(this.#groups)) group.calm()
  }

  /** For one who looks on: he waits at no gate and nothing befalls him but what goes on already, so he repeats. */
  async reading(work: () => Promise<void>): Promise<void> {
    this.#isReading = true
    this.dice.isQuiet = true
    try {
      for (let left = readingsMax; ; left--) {
        try {
          return await work()
        } catch (error) {
          if (left === 0 || errorClassOf(error, 'stop') !== 'retry') throw error
        }
      }
    } finally {
      this.#isReading = false
      this.dice.isQuiet = false
    }
  }

  /** How long the log takes to bring records, ms: lanes fall behind where that is long. */
  #drawSlowLog(): number {
    const random = this.streams.of('slow log')
    return random.next() < slowLogChance && this.options.muted?.has('slow') !== true ? 500 + random.next() * 3_000 : 0
  }

  #goesAway(who: SimulatedProcess): void {
    if (!who.party.isFrozen) who.awaySinceMs = this.clock.nowMs()
  }
}
