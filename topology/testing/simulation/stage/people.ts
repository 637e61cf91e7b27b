/**
 * What people do while everything goes on: they pause branches and deletes, hold tenants, drain processes, begin replays
 * into namespaces, promote them and drop them. Nothing of it changes what a view has to show.
 */
import { beginReplay, type ReplayPace } from '../../../begin-replay.ts'
import type { DocumentPorts } from '../../../change-document.ts'
import type { TenantRule } from '../../../engine/tenants/tenant-rule.ts'
import type { ReplayRequest } from '../../../model/ledger-document.ts'
import { SpillwayError } from '../../../model/spillway-error.ts'
import { dropNamespace, promoteNamespace } from '../../../promote-namespace.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import { startMs, type World } from './world.ts'

const namespacesMax = 3
const rulesMax = 3
// Events a second that few are too many for.
const rates = [1, 2, 10, 50]
// Of a replay, over all partitions: it has to end, too.
const replayRates = [20, 100, 1_000]

export class People {
  readonly #world: World
  readonly #resting = new Set<string>()
  readonly #drained = new Set<SimulatedProcess>()
  readonly #replays: ReplayRequest[] = []
  #rules: readonly TenantRule[] = []
  #isBusy = false

  constructor(world: World) {
    this.#world = world
  }

  /** What somebody has begun is in the ledger, or was refused. */
  get isBusy(): boolean {
    return this.#isBusy
  }

  /** A process that has just begun is told what rests, and what holds for tenants. */
  tell(who: SimulatedProcess): void {
    if (who.hasToEnd) return
    this.#tellResting(who, this.#resting)
    who.run?.setTenantRules(this.#rules)
  }

  #tellResting(who: SimulatedProcess, ids: Iterable<string>): void {
    if (who.hasToEnd) return
    for (const id of ids) {
      if (this.#resting.has(id)) who.run?.pauseDelete(id)
      else who.run?.resumeDelete(id)
    }
  }

  /** A branch of one process rests, with what deletes have to take out of it, or goes on. */
  pauseSink(): boolean {
    const world = this.#world
    const who = world.one(world.processes)
    const branch = world.one(this.#branches())
    if (who?.run === undefined || branch === undefined) return false
    const isResting = world.below(2) === 0
    if (isResting) who.run.pause(branch)
    else who.run.resume(branch)
    world.count('pauseSink', who.name, () => `${branch} ${isResting ? 'rests' : 'goes on'}`)
    return true
  }

  /** Sinks, and bolts that have some below them. */
  #branches(): readonly string[] {
    const { sinks, bolts } = this.#world.topology
    const feeds = new Set(sinks.flatMap(({ inputs }) => inputs))
    return [...sinks, ...bolts.filter(({ name }) => feeds.has(name))].map(({ name }) => name)
  }

  /** The work on a delete rests with every process, or goes on. */
  pauseDelete(): boolean {
    const world = this.#world
    const id = world.one(world.records.deleteIds)
    if (id === undefined) return false
    const isResting = world.below(3) > 0
    if (isResting) this.#resting.add(id)
    else this.#resting.delete(id)
    world.count('pauseDelete', 'a person', () => `lets delete ${id} ${isResting ? 'rest' : 'go on'}`)
    for (const who of world.processes) this.#tellResting(who, [id])
    return true
  }

  /** A tenant is blocked or limited, everywhere or in a branch, for a while or until that is taken back. */
  ruleTenant(): boolean {
    const world = this.#world
    const tenant = world.one(world.records.tenants)
    if (tenant === undefined) return false
    const isCleared = this.#rules.length >= rulesMax || (this.#rules.length > 0 && world.below(2) === 0)
    if (isCleared) this.#rules = this.#rules.slice(1)
    else {
      const branch = world.below(2) === 0 ? world.one(this.#branches()) : undefined
      const untilMs = world.below(2) === 0 ? world.clock.nowMs() + 500 + world.below(5_000) : null
      const rule = world.below(2) === 0 ? 'block' : 'limit'
      const limit = rule === 'block' ? {} : { eventsPerSecond: world.one(rates)! }
      const where = branch === undefined ? {} : { branch }
      this.#rules = [...this.#rules, { tenant, rule, ...where, ...limit, author: 'a person', reason: '', untilMs }]
    }
    world.count('tenantRule', 'a person', () => `lets these hold: ${JSON.stringify(this.#rules)}`)
    for (const who of world.processes) if (!who.hasToEnd) who.run?.setTenantRules(this.#rules)
    return true
  }

  /** A process gives its partitions away, or takes a share again. */
  drain(): boolean {
    const world = this.#world
    const who = world.one(world.processes)
    if (who?.run === undefined || who.hasToEnd) return false
    const isDrained = !this.#drained.delete(who)
    if (isDrained) this.#drained.add(who)
    if (isDrained) who.run.drain()
    else who.run.undrain()
    world.count('drain', who.name, () => (isDrained ? 'is drained' : 'is no longer drained'))
    return true
  }

  /** A new one, or one that is there once more: it gets another rate, or no end. */
  beginReplay(): boolean {
    const world = this.#world
    if (this.#isBusy) return false
    const before = this.#replays.length >= namespacesMax || world.below(4) === 0 ? world.one(this.#replays) : undefined
    const request = before === undefined ? this.#newReplay() : { ...before, ...(world.below(2) === 0 ? endless : {}) }
    const pace: ReplayPace = world.below(3) === 0 ? { rate: world.one([null, ...replayRates])! } : {}
    return this.#do(`replay ${request.namespace}`, async (ports, signal) => {
      await beginReplay(world.topology, ports, request, signal, pace)
      const index = this.#replays.findIndex(({ namespace }) => namespace === request.namespace)
      if (index < 0) this.#replays.push(request)
      else this.#replays[index] = request
      world.count('replay', 'a person', () => `has begun a replay: ${JSON.stringify({ ...request, ...pace })}`)
    })
  }

  #newReplay(): ReplayRequest {
    const world = this.#world
    const lowMs = startMs - world.records.ageMs
    const span = Math.max(1, world.clock.nowMs() - lowMs)
    const fromMs = world.below(2) === 0 ? 0 : lowMs + world.below(span)
    const toMs = world.below(3) === 0 ? null : Math.max(lowMs, fromMs) + 1 + world.below(span)
    const tenant = world.below(6) === 0 ? world.one(world.records.tenants) : undefined
    return { namespace: `n${this.#replays.length}`, fromMs, toMs, ...(tenant === undefined ? {} : { tenant }) }
  }

  /** Readers see a replay, what they saw before, or the declared sinks; what nobody sees may be dropped. */
  promote(): boolean {
    const world = this.#world
    const replay = world.one(this.#replays)
    if (this.#isBusy || replay === undefined) return false
    const { namespace } = replay
    if (world.below(8) === 0)
      return this.#do(`drop ${namespace}`, async (ports, signal) => {
        await dropNamespace(ports, world.topology.name, namespace, signal)
        world.count('promote', 'a person', () => `has dropped ${namespace}`)
      })
    const to = world.one([{ namespace }, { namespace }, { namespace: 'live' }, 'undo'] as const)!
    const request = { to, leave: [], isPartial: world.below(2) === 0, by: 'a person', reason: '' }
    return this.#do(`promotion of ${namespace}`, async (ports, signal) => {
      const { kind } = await promoteNamespace(ports, world.topology.name, request, signal)
      if (kind === 'done') world.count('promote', 'a person', () => `has promoted ${JSON.stringify(to)}`)
    })
  }

  #do(name: string, work: (ports: DocumentPorts & World['person'], signal: AbortSignal) => Promise<void>): true {
    const world = this.#world
    this.#isBusy = true
    const ports = { ...world.person, clock: world.clock, random: world.streams.of(name) }
    work(ports, new AbortController().signal)
      .catch((error: unknown) => {
        // What cannot be done is refused, and what a store did not answer is left as it is.
        if (!(error instanceof SpillwayError)) world.fail(error)
      })
      .finally(() => {
        this.#isBusy = false
      })
    return true
  }

  /** Everything that a person has stopped goes on. */
  calm(): void {
    const world = this.#world
    const ids = [...this.#resting]
    this.#resting.clear()
    this.#rules = []
    for (const who of world.processes) {
      this.#tellResting(who, ids)
      // Replays rest with what lies below a bolt.
      for (const sink of [...(who.run?.engine.paused ?? [])]) who.run?.engine.setPaused(sink, false)
      who.run?.setTenantRules([])
      if (this.#drained.has(who)) who.run?.undrain()
    }
  }
}

const endless = { toMs: null } as const
