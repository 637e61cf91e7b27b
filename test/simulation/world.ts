/**
 * One random history: several owners of the same lanes over stores that lose, delay and split what they are told, one
 * seed for everything. First faults (crash, freeze, cut, diversion, dead letter, delete, lost reply), then calm: a new
 * owner must finish in bounded steps (I-9) and every view must equal the recomputation of the log (I-1 to I-5, I-8),
 * also after the frozen owners have woken and the late calls have arrived.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { createMemoryObjects } from '../../sinks/objects/memory/memory-objects.ts'
import { deadLetterTable } from '../../sinks/rows/dead-letters.ts'
import { createMemoryLedger } from '../../sinks/rows/memory/memory-ledger.ts'
import { eventId } from '../../topology/model/event-id.ts'
import type { Random } from '../../topology/model/ports/random.ts'
import { offset, partition } from '../../topology/model/position.ts'
import type { Resources } from '../../topology/model/run-handle.ts'
import { createMemoryLog, type MemoryLog } from '../../topology/spouts/memory/memory-log.ts'
import { createFaultyLedger, type FaultyLedger } from '../../topology/testing/faults/faulty-ledger.ts'
import { createFaultyObjectStore, type FaultyObjectStore } from '../../topology/testing/faults/faulty-object-store.ts'
import { createReplicatedRows, type ReplicatedRows } from '../../topology/testing/replicated-rows.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { TestResult } from '../../topology/testing/test-result.ts'
import { createVirtualClock, type VirtualClock } from '../../topology/testing/virtual-clock.ts'
import { checkViews, Violation } from './check-views.ts'
import { Gates } from './gates.ts'
import { lookup, ordersTopology } from './orders-topology.ts'
import { Owner, type OwnerPlace } from './owner.ts'
import { superviseOnce } from './supervise.ts'

export interface WorldOptions {
  readonly seed: number
  /** Records of the log, about. Default 10. */
  readonly size?: number
  /** Whether deletes are among the records. Default true. */
  readonly deletes?: boolean
  readonly trace?: string[]
}

const stepsMax = 6_000
const tenants = ['ann', 'bob', 'cyd']
const startMs = Date.UTC(2026, 0, 1)

/** Lowest bounds, so that few records make many epochs. */
const smallKnobs = (random: Random): Readonly<Record<string, number>> => ({
  'batch.records': 1 + Math.floor(random.next() * 4),
  'ledger.tickMs': 50,
  'epoch.ageMs': 100,
  'epoch.schemaMs': 1_000,
  'objects.ageMs': 1_000,
  'objects.idleMs': 1_000,
  'fetch.waitMs': 10,
  'retry.firstMs': 1,
  'retry.maxMs': 100,
  'delete.epochMs': 10,
  'delete.coalesceMs': Math.floor(random.next() * 4) * 50,
  'delete.rewriteMs': Math.floor(random.next() * 3) * 100,
})

export class World {
  readonly random: Random
  readonly clock: VirtualClock = createVirtualClock(startMs)
  readonly gates: Gates = new Gates()
  readonly log: MemoryLog
  readonly rows: ReplicatedRows
  readonly ledger: FaultyLedger
  readonly objects: FaultyObjectStore
  readonly resources: Resources
  readonly options: WorldOptions
  owners: Owner[] = []
  step = 0
  /** Tenant of each record; empty for a delete. */
  readonly tenantAt: string[] = []
  readonly #timesMs: number[] = []
  #isReading = false
  #owners = 0
  #left: number
  readonly #place: OwnerPlace

  constructor(options: WorldOptions) {
    this.options = options
    const random = seededRandom(options.seed * 7_919)
    this.random = random
    this.#left = 3 + this.chosen(options.size ?? 10)
    const { clock, gates } = this
    this.log = createMemoryLog({ clock, partitions: 1, topic: 'orders', id: 'log' })
    // A reader at the end waits at no gate.
    const pause = (): Promise<void> => (this.#isReading ? Promise.resolve() : gates.pass('network'))
    const [late, lost] = [random.next() * 0.4, random.next() * 0.3]
    this.rows = createReplicatedRows({ random, chances: { late, lost }, attempts: 1 + this.chosen(3), pause })
    this.ledger = createFaultyLedger({
      ledger: createMemoryLedger(),
      random,
      chances: { lost: 0.01, replyLost: 0.05, late: 0.03 },
      pause,
    })
    this.objects = createFaultyObjectStore({
      store: createMemoryObjects(),
      random,
      chances: { before: 0.02, after: 0.1, late: 0.1 },
      pause,
    })
    this.resources = { logs: { events: this.log }, rows: this.rows, ledger: this.ledger, objects: this.objects }
    const place = { topology: ordersTopology, resources: this.resources, gates, clock, random }
    this.#place = { ...place, knobs: smallKnobs(random), note: (text) => this.note(text) }
  }

  get appended(): number {
    return this.tenantAt.length
  }

  chosen(below: number): number {
    return Math.floor(this.random.next() * below)
  }

  note(text: () => string): void {
    this.options.trace?.push(`${this.step} ${text()}`)
  }

  /** Throws a `Violation`. */
  async run(): Promise<void> {
    await this.rows.ensureTable(deadLetterTable)
    const awayChance = this.random.next() * 0.05
    lookup.isAway = () => this.random.next() < awayChance
    const chaosSteps = 100 + this.chosen(80 * (this.options.size ?? 10))
    const [opChance, dieChance, freezeChance] = [
      this.random.next() * 0.02,
      this.random.next() * 0.02,
      this.random.next() * 0.01,
    ]
    for (; this.step < chaosSteps; this.step++) {
      const draw = this.random.next()
      if (draw < 0.03) this.append()
      else if (draw < 0.03 + opChance) superviseOnce(this)
      else if (draw < 0.06 && this.owners.length < 3) this.spawn(false)
      else if (draw < 0.09) await this.#deliver()
      else if (draw < 0.13) this.#closeSomething()
      else if (draw < 0.13 + dieChance) this.#kill()
      else if (draw < 0.13 + dieChance + freezeChance) this.#freeze(chaosSteps)
      else this.#moveOn()
      await this.#settle()
    }
    await this.#calm()
  }

  append(): void {
    if (this.#left <= 0) return
    this.#left -= 1
    const nowMs = this.clock.nowMs()
    this.log.appendAt(nowMs, [this.#record()])
    this.#timesMs.push(nowMs)
    this.note(() => `append @${this.appended - 1}`)
  }

  spawn(untilCaughtUp: boolean): Owner {
    const owner = new Owner(`owner ${this.#owners++}`, this.#place, untilCaughtUp)
    this.owners.push(owner)
    this.note(() => `${owner.name} begins`)
    return owner
  }

  #record(): Parameters<MemoryLog['appendAt']>[1][number] {
    const place = `0@${this.appended}`
    const isDelete = this.options.deletes !== false && this.appended > 0 && this.random.next() < 0.15
    const project = tenants[this.chosen(3)]!
    const collection = this.chosen(2) === 0 ? 'new' : 'old'
    const body = {
      place,
      kind: 'ab'[this.chosen(2)]!,
      value: 1 + this.chosen(3),
      ...(this.chosen(8) === 0 ? { poison: 1 } : {}),
    }
    const value = new TextEncoder().encode(JSON.stringify(isDelete ? this.#request(project) : body))
    this.tenantAt.push(isDelete ? '' : project)
    const headers = isDelete
      ? ([['spillway-kind', 'delete']] as const)
      : ([
          ['project', project],
          ['collection', collection],
        ] as const)
    return { key: null, headers, value, partition: partition(0) }
  }

  #request(project: string): object {
    const filter = (property_name: string, operator: string, property_value: unknown): object => ({
      id: `delete ${this.appended}`,
      project,
      allowScan: true,
      filters: [{ property_name, operator, property_value }],
    })
    const draw = this.chosen(3)
    if (draw === 0) return filter('kind', 'eq', 'ab'[this.chosen(2)]!)
    if (draw === 1) return filter('value', 'gte', 1 + this.chosen(3))
    const at = this.chosen(this.appended)
    return filter('keen.id', 'eq', eventId(this.#timesMs[at]!, partition(0), offset(at)))
  }

  async #deliver(): Promise<void> {
    this.rows.deliver(1 + this.chosen(3))
    if (this.chosen(2) === 0) await this.ledger.deliver()
    if (this.chosen(2) === 0) await this.objects.deliver()
  }

  #closeSomething(): void {
    for (const owner of this.owners) {
      const runner = owner.run?.engine.partitions[0]
      if (runner === undefined || owner.isDead) continue
      for (const lane of runner.lanes.values()) if (this.chosen(3) === 0) lane.check('pressure')
    }
  }

  #kill(): void {
    const owner = this.owners[this.chosen(this.owners.length)]
    if (owner === undefined) return
    owner.die()
    this.owners = this.owners.filter((one) => one !== owner)
    this.note(() => `${owner.name} dies`)
  }

  #freeze(chaosSteps: number): void {
    const owner = this.owners[this.chosen(this.owners.length)]
    if (owner === undefined) return
    owner.frozenUntil = this.chosen(3) === 0 ? Number.POSITIVE_INFINITY : this.step + this.chosen(chaosSteps)
    this.note(() => `${owner.name} freezes until ${owner.frozenUntil}`)
  }

  /** Archives every delete that is done, however few there are. */
  #archive(): void {
    for (const owner of this.owners)
      if (owner.mayMove(this.step) && this.chosen(2) === 0) owner.run?.engine.partitions[0]?.archive.poke(1)
  }

  #moveOn(): void {
    if (this.chosen(8) === 0) this.#archive()
    const mayMove = (name: string): boolean => {
      const owner = this.owners.find((one) => one.name === name)
      return owner === undefined ? name === 'network' : owner.mayMove(this.step)
    }
    if (this.chosen(12) === 0 || !this.gates.openOne(this.random, mayMove)) this.clock.advanceToNext()
  }

  /** Lets everything run to its next gate. */
  async #settle(): Promise<void> {
    await turn()
    for (const owner of this.owners)
      if (owner.failure !== undefined) throw new Violation(`${owner.name} stopped: ${owner.failure.message}`)
  }

  /** Faults stop; frozen owners and late calls stay in play, until a last owner has finished alone. */
  async #calm(): Promise<void> {
    for (const owner of [...this.owners]) if (this.chosen(2) === 0) this.#retireOwner(owner)
    while (this.#left > 0) this.append()
    lookup.isAway = () => false
    Object.assign(this.rows.chances, { late: 0, lost: 0 })
    Object.assign(this.ledger.chances, { lost: 0, replyLost: 0, late: 0 })
    Object.assign(this.objects.chances, { before: 0, after: 0, late: 0 })
    for (const owner of this.owners)
      if (owner.frozenUntil <= this.step) owner.frozenUntil = this.step + this.chosen(600)
    await this.#finish('at the end')
    for (const owner of this.owners) owner.frozenUntil = 0
    for (let steps = 0; steps < 300 && this.owners.length > 0; steps++, this.step++) {
      this.#moveOn()
      await this.#settle()
    }
    this.rows.deliver()
    await this.ledger.deliver()
    await this.objects.deliver()
    for (const owner of [...this.owners]) this.#retireOwner(owner)
    await this.#finish('after the zombies')
  }

  #retireOwner(owner: Owner): void {
    owner.die()
    this.owners = this.owners.filter((one) => one !== owner)
  }

  async #finish(when: string): Promise<void> {
    const last = this.spawn(true)
    for (let steps = 0; last.ended === undefined; steps++, this.step++) {
      if (steps > stepsMax) throw new Violation(`I-9 ${when}: not caught up in ${stepsMax} steps`)
      this.#moveOn()
      await this.#settle()
    }
    this.owners = this.owners.filter((one) => one !== last)
    this.#isReading = true
    const result = new TestResult(ordersTopology, this.resources, 0)
    await checkViews(result, this.resources, this.log).catch((error: unknown) => {
      throw error instanceof Violation ? new Violation(`${when}: ${error.message}`) : error
    })
    this.#isReading = false
  }
}
