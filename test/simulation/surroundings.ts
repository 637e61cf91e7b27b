/**
 * What goes on around the owners in a wide history: retention drops what every lane has passed, people begin replays
 * into namespaces and pause sinks and deletes, and readers look at shards in between. Its draws are its own, so that the same seed without it stays
 * the same history.
 */
import { beginReplay } from '../../topology/begin-replay.ts'
import type { LedgerDocument } from '../../topology/model/ledger-document.ts'
import type { Random } from '../../topology/model/ports/random.ts'
import { offset, partition } from '../../topology/model/position.ts'
import type { Resources } from '../../topology/model/run-handle.ts'
import { SpillwayError } from '../../topology/model/spillway-error.ts'
import type { MemoryLog } from '../../topology/spouts/memory/memory-log.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import type { VirtualClock } from '../../topology/testing/virtual-clock.ts'
import { checkShards } from './check-views.ts'
import { ordersPlan, ordersTopology } from './orders-topology.ts'
import type { Owner } from './owner.ts'

export interface Surrounded {
  readonly log: MemoryLog
  readonly clock: VirtualClock
  readonly startMs: number
  /** As the process that begins a replay has them, behind gates. */
  readonly resources: Resources
  readonly stores: Resources
  readonly owners: () => readonly Owner[]
  /** Tenant of each record; empty for a delete. */
  readonly tenantAt: () => readonly string[]
  /** The ledger document as it is, past all faults. */
  readonly document: () => Promise<LedgerDocument | undefined>
  readonly reading: (work: () => Promise<void>) => Promise<void>
  readonly note: (text: () => string) => void
}

const namespacesMax = 2

export class Surroundings {
  readonly #world: Surrounded
  readonly #random: Random
  readonly #chances: readonly [expire: number, replay: number, pause: number]
  readonly #resting = new Set<string>()
  readonly #told = new WeakSet<Owner>()
  #begun = 0
  #isBeginning = false

  constructor(seed: number, world: Surrounded) {
    this.#world = world
    this.#random = seededRandom(seed * 6_151 + 3)
    // A replay holds the log back, and finds little in a short one: each has histories of its own.
    const isReplayed = this.#random.next() < 0.5
    const [expire, replay, pause] = [this.#random.next() * 0.1, this.#random.next() * 0.04, this.#random.next() * 0.1]
    this.#chances = isReplayed ? [expire / 10, replay, pause] : [expire, 0, pause]
  }

  async pass(): Promise<void> {
    for (const owner of this.#world.owners()) {
      if (owner.run === undefined || this.#told.has(owner)) continue
      this.#told.add(owner)
      this.#tell(owner, this.#resting)
    }
    const draw = this.#random.next()
    const [expire, replay, pause] = this.#chances
    if (draw < expire) await this.#expire()
    else if (draw < expire + replay) await this.#beginReplay()
    else if (draw < expire + replay + pause / 2) this.#pauseSink()
    else if (draw < expire + replay + pause) this.#pauseDelete()
    else if (draw < expire + replay + pause + 0.02) await this.#look()
  }

  #below(bound: number): number {
    return Math.floor(this.#random.next() * bound)
  }

  /** A replay that is under way is in the ledger, or was refused. */
  get isBeginning(): boolean {
    return this.#isBeginning
  }

  /** Retention takes long: no lane, of no owner however late, stands below what it drops. */
  async #expire(): Promise<void> {
    const { owners, log, document, note } = this.#world
    if (owners().some((owner) => owner.run === undefined)) return
    // Who has lost the partition reads nothing.
    const read = owners().flatMap((owner) => owner.run!.engine.partitions.map(({ doc }) => doc))
    const docs = [await document(), ...read]
    if (this.#isBeginning || docs.some((doc) => doc === undefined)) return
    const passed = Math.min(...docs.flatMap((doc) => Object.values(doc!.lanes).map((lane) => lane.at)))
    if (!Number.isFinite(passed)) return
    const before = this.#below(3) === 0 ? this.#below(passed + 1) : passed
    log.expire(partition(0), offset(before))
    note(() => `the log drops what lies below ${before}`)
  }

  /** A sink of one owner rests, with what deletes have to take out of it, or goes on. */
  #pauseSink(): void {
    const owners = this.#world.owners()
    const owner = owners[this.#below(owners.length)]
    const { name } = ordersPlan.sinks[this.#below(ordersPlan.sinks.length)]!
    if (owner?.run === undefined || owner.hasToEnd) return
    const isResting = this.#below(2) === 0
    if (isResting) owner.run.pause(name)
    else owner.run.resume(name)
    this.#world.note(() => `${name} of ${owner.name} ${isResting ? 'rests' : 'goes on'}`)
  }

  /** The work on a delete rests with every owner, or goes on. */
  #pauseDelete(): void {
    const { tenantAt, note } = this.#world
    const deletes = tenantAt().flatMap((tenant, at) => (tenant === '' ? [at] : []))
    if (deletes.length === 0) return
    const id = `delete ${deletes[this.#below(deletes.length)]!}`
    const isResting = this.#below(3) > 0
    if (isResting) this.#resting.add(id)
    else this.#resting.delete(id)
    note(() => `${id} ${isResting ? 'rests' : 'goes on'}`)
    for (const owner of this.#world.owners()) this.#tell(owner, [id])
  }

  #tell({ run, hasToEnd }: Owner, ids: Iterable<string>): void {
    for (const id of hasToEnd ? [] : ids) {
      if (this.#resting.has(id)) run?.pauseDelete(id)
      else run?.resumeDelete(id)
    }
  }

  async #beginReplay(): Promise<void> {
    const { resources, clock, startMs, document, note } = this.#world
    if (this.#begun >= namespacesMax || this.#isBeginning || (await document()) === undefined) return
    const namespace = `n${this.#begun}`
    const span = clock.nowMs() - startMs
    const fromMs = startMs + this.#below(2) * this.#below(span)
    const request = { namespace, fromMs, toMs: fromMs + 1 + this.#below(startMs + span - fromMs) }
    this.#isBeginning = true
    const ports = { ...resources, clock, random: this.#random }
    void beginReplay(ordersTopology, ports, request, new AbortController().signal)
      .then(
        () => {
          this.#begun += 1
          note(() => `a replay begins: ${JSON.stringify(request)}`)
        },
        (error: unknown) => {
          // Before every sink has run there is nothing to recompute.
          if (!(error instanceof SpillwayError)) throw error
        },
      )
      .finally(() => {
        this.#isBeginning = false
      })
  }

  async #look(): Promise<void> {
    const { reading, stores, document } = this.#world
    const doc = await document()
    if (doc !== undefined) await reading(() => checkShards(stores, Object.keys(doc.sinks)))
  }
}
