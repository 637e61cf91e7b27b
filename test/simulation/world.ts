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
import { catalogueOfPartitions } from '../../sinks/rows/partition-catalogue.ts'
import type { LedgerDocument } from '../../topology/model/ledger-document.ts'
import type { Ledger } from '../../topology/model/ports/ledger.ts'
import type { Random } from '../../topology/model/ports/random.ts'
import type { Resources } from '../../topology/model/run-handle.ts'
import { createMemoryLog, type MemoryLog } from '../../topology/spouts/memory/memory-log.ts'
import { createFaultyLedger, type FaultyLedger } from '../../topology/testing/faults/faulty-ledger.ts'
import { createFaultyObjectStore, type FaultyObjectStore } from '../../topology/testing/faults/faulty-object-store.ts'
import { createReplicatedRows, type ReplicatedRows } from '../../topology/testing/replicated-rows.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { TestResult } from '../../topology/testing/test-result.ts'
import { createVirtualClock, type VirtualClock } from '../../topology/testing/virtual-clock.ts'
import { checkShards, checkViews, Violation } from './check-views.ts'
import { Gates, gatedResources } from './gates.ts'
import { lookup, ordersTopology } from './orders-topology.ts'
import { Owner, type OwnerPlace } from './owner.ts'
import { RecordMaker } from './record-maker.ts'
import { Shares } from './shares.ts'
import { smallKnobs } from './small-knobs.ts'
import { superviseOnce } from './supervise.ts'
import { Surroundings } from './surroundings.ts'

export interface WorldOptions {
  readonly seed: number
  /** Records of the log, about. Default 10. */
  readonly size?: number
  /** Whether deletes are among the records. Default true. */
  readonly deletes?: boolean
  /** Whether the log drops what was read, replays begin, and readers look at shards in between. Default false. */
  readonly isWide?: boolean
  /** Whether owners are given the partition and lose it again while they run. Default false. */
  readonly isShared?: boolean
  readonly trace?: string[]
}

const stepsMax = 6_000
const startMs = Date.UTC(2026, 0, 1)

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
  /** What the log would hold if it dropped nothing. */
  readonly #history: MemoryLog
  readonly #records: RecordMaker
  readonly #surroundings: Surroundings | undefined
  readonly #shares: Shares | undefined
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
    this.#records = new RecordMaker(random, options.deletes !== false)
    this.log = createMemoryLog({ clock, partitions: 1, topic: 'orders', id: 'log' })
    this.#history = createMemoryLog({ clock, partitions: 1, topic: 'orders', id: 'log' })
    // A reader at the end waits at no gate.
    const pause = (): Promise<void> => (this.#isReading ? Promise.resolve() : gates.pass('network'))
    const [late, lost] = [random.next() * 0.4, random.next() * 0.3]
    this.rows = createReplicatedRows({ random, chances: { late, lost }, attempts: 1 + this.chosen(3), pause })
    const ledger = createMemoryLedger()
    this.ledger = createFaultyLedger({
      ledger,
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
    const note = (text: () => string): void => this.note(text)
    this.#shares = options.isShared === true ? new Shares(options.seed, note) : undefined
    this.#place = { ...place, knobs: smallKnobs(random), note, shares: this.#shares }
    this.#surroundings = options.isWide === true ? this.#surround(ledger) : undefined
  }

  get tenantAt(): readonly string[] {
    return this.#records.tenantAt
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
    for (const table of [deadLetterTable, catalogueOfPartitions]) await this.rows.ensureTable(table)
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
      this.#shares?.pass(this.owners, this.step)
      await this.#surroundings?.pass()
    }
    await this.#calm()
  }

  append(): void {
    if (this.#left <= 0) return
    this.#left -= 1
    const nowMs = this.clock.nowMs()
    const record = this.#records.next(nowMs)
    this.log.appendAt(nowMs, [record])
    this.#history.appendAt(nowMs, [record])
    this.note(() => `append @${this.appended - 1}`)
  }

  spawn(untilCaughtUp: boolean): Owner {
    const owner = new Owner(`owner ${this.#owners++}`, this.#place, untilCaughtUp)
    this.owners.push(owner)
    this.note(() => `${owner.name} begins`)
    return owner
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
      await this.#surroundings?.pass()
    }
    this.rows.deliver()
    await this.ledger.deliver()
    await this.objects.deliver()
    for (const owner of [...this.owners]) this.#retireOwner(owner)
    await this.#finish('after the zombies')
    for (let reading = 0; reading < 3; reading++)
      await this.#reading(() => checkShards(this.resources, ['totals', 'shapes']))
  }

  #retireOwner(owner: Owner): void {
    owner.die()
    this.owners = this.owners.filter((one) => one !== owner)
  }

  async #finish(when: string): Promise<void> {
    while (this.#surroundings?.isBeginning === true) {
      this.#moveOn()
      await this.#settle()
    }
    const last = this.spawn(true)
    for (let steps = 0; last.ended === undefined; steps++, this.step++) {
      if (steps > stepsMax) throw new Violation(`I-9 ${when}: not caught up in ${stepsMax} steps`)
      this.#moveOn()
      await this.#settle()
      this.#shares?.pass(this.owners, this.step)
    }
    this.owners = this.owners.filter((one) => one !== last)
    const result = new TestResult(ordersTopology, this.resources, 0)
    const check = (): Promise<void> => checkViews(result, this.resources, this.#history)
    await this.#reading(check).catch((error: unknown) => {
      throw error instanceof Violation ? new Violation(`${when}: ${error.message}`) : error
    })
  }

  async #reading(work: () => Promise<void>): Promise<void> {
    this.#isReading = true
    try {
      await work()
    } finally {
      this.#isReading = false
    }
  }

  #surround(ledger: Ledger): Surroundings {
    const { log, clock } = this
    const resources = gatedResources(this.resources, this.gates, 'network', () => undefined)
    const document = (): Promise<LedgerDocument | undefined> =>
      ledger.read({ topology: ordersTopology.name, spout: 'events', partition: 0 })
    const around = { log, clock, startMs, resources, stores: this.resources, document }
    return new Surroundings(this.options.seed, {
      ...around,
      owners: () => this.owners,
      tenantAt: () => this.tenantAt,
      reading: (work) => this.#reading(work),
      note: (text) => this.note(text),
    })
  }
}
