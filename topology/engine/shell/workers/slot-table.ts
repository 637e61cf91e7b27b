/**
 * Which worker has which slots, and what has to be sent so that each has those that it should: a slot is given only when
 * nobody else has it, and is asked back before it moves.
 */
import { assignSlots } from '../../workers/assign-slots.ts'
import type { RemoteLanes } from './remote-lanes.ts'
import type { WorkerLink } from './worker-link.ts'

// A slot that moves is at rest after so long, or what is open in it is let go: both are safe.
const giveMs = 2_000

interface Unit {
  readonly lanes: RemoteLanes
  readonly slot: number
  /** Whom it is meant for. */
  wanted: number | undefined
  holder: WorkerLink | undefined
  isGiving: boolean
}

export class SlotTable {
  readonly #slots: number
  readonly #units: Unit[] = []

  /** `slots`: of each partition. */
  constructor(slots: number) {
    this.#slots = slots
  }

  add(lanes: RemoteLanes): void {
    for (let slot = 0; slot < this.#slots; slot++)
      this.#units.push({ lanes, slot, wanted: undefined, holder: undefined, isGiving: false })
  }

  remove(lanes: RemoteLanes): void {
    const kept = this.#units.filter((unit) => unit.lanes !== lanes)
    this.#units.splice(0, this.#units.length, ...kept)
  }

  /** How many it has, or is about to have. */
  countOf(worker: number): number {
    return this.#units.filter((unit) => unit.holder?.number === worker || unit.wanted === worker).length
  }

  /** Who has it, or is about to. */
  workerOf(lanes: RemoteLanes, slot: number): number | undefined {
    const unit = this.#units.find((one) => one.lanes === lanes && one.slot === slot)
    return unit?.wanted ?? unit?.holder?.number
  }

  /** The worker has let go of them. */
  gave(link: WorkerLink, desk: number, slots: readonly number[]): void {
    for (const unit of this.#units) {
      if (unit.holder !== link || unit.lanes.desk !== desk || !slots.includes(unit.slot)) continue
      unit.holder = undefined
      unit.isGiving = false
    }
  }

  lost(link: WorkerLink): void {
    for (const unit of this.#units) {
      if (unit.holder !== link) continue
      unit.holder = undefined
      unit.isGiving = false
    }
  }

  /** Decides anew for these workers, whether they can be given something yet or not. */
  assign(workers: readonly number[]): void {
    const placed = this.#units.map(({ lanes, slot, wanted }) => ({ desk: lanes.desk, slot, worker: wanted }))
    const wanted = assignSlots(placed, workers)
    for (const [index, unit] of this.#units.entries()) unit.wanted = wanted[index]
  }

  /** Asks back what is elsewhere, and gives what nobody has to those that are ready. */
  settle(linkOf: (worker: number) => WorkerLink | undefined, pausedDeletes: () => readonly string[]): void {
    const asked = this.#units.filter(({ holder, wanted, isGiving }) => {
      return holder !== undefined && holder.number !== wanted && !isGiving
    })
    for (const units of byDesk(asked, ({ holder }) => holder!.number).values()) {
      const [{ holder, lanes }] = units as [Unit, ...Unit[]] // a group has members
      for (const unit of units) unit.isGiving = true
      holder!.send({ kind: 'giveSlots', desk: lanes.desk, slots: units.map(({ slot }) => slot), mostMs: giveMs })
    }
    const free = this.#units.filter(({ holder, wanted }) => {
      return holder === undefined && wanted !== undefined && linkOf(wanted)?.isReady === true
    })
    for (const units of byDesk(free, ({ wanted }) => wanted!).values()) give(units, linkOf, pausedDeletes)
  }
}

const byDesk = (units: readonly Unit[], worker: (unit: Unit) => number): ReadonlyMap<string, readonly Unit[]> =>
  Map.groupBy(units, (unit) => `${unit.lanes.desk} ${worker(unit)}`)

const give = (
  units: readonly Unit[],
  linkOf: (worker: number) => WorkerLink | undefined,
  pausedDeletes: () => readonly string[],
): void => {
  const [{ lanes, wanted }] = units as readonly [Unit, ...Unit[]] // a group has members
  const link = linkOf(wanted!)!
  const slots = units.map(({ slot }) => slot)
  for (const unit of units) unit.holder = link
  if (link.desks.has(lanes.desk)) link.send({ kind: 'takeSlots', desk: lanes.desk, slots })
  else {
    link.open(lanes.desk, lanes.order(slots, pausedDeletes()))
    lanes.stopAt(link)
  }
  lanes.forget()
}
