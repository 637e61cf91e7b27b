/**
 * The records of one history: drawn one by one, each from a stream of its own, and appended unless they are left out; and
 * what everybody may know of them.
 */
import type { Topology } from '../../../model/topology.ts'
import { Draw } from '../draw/draw.ts'
import { type AppendedRecord, type DrawContext, type DrawnRecord, textOfDrawn } from '../draw/draw-context.ts'
import type { HistoryOptions, Scenario } from '../history.ts'
import type { Servers } from '../servers/servers.ts'
import type { Note } from '../trace.ts'
import type { Streams } from './streams.ts'
import type { WorldClock } from './world-clock.ts'

// A backlog that stood there before: of seconds to hours.
const oldChance = 0.85
const ages = [12_000, 60_000, 600_000, 60_000_000]
const sparseChance = 0.5
const gaps = [3, 12, 40]

export interface RecordsPlace {
  readonly topology: Topology
  readonly scenario: Scenario
  readonly options: HistoryOptions
  readonly streams: Streams
  readonly servers: Servers
  readonly clock: WorldClock
  readonly startMs: number
  readonly note: Note | undefined
}

export class WorldRecords {
  /** Of events that were appended. */
  readonly tenants: string[] = []
  /** Of delete requests that were appended. */
  readonly deleteIds: string[] = []
  readonly #place: RecordsPlace
  readonly #drawn: (readonly AppendedRecord[])[] = []
  readonly #tenantAt = new Map<string, string>()
  /** How long the first records have been in the log when the history begins. */
  readonly ageMs: number
  /** So many stand in the log before the first process begins. */
  readonly #standing: number
  /** Offsets at most behind each record that belong to none: lanes lie far behind for little. */
  readonly #gapMost: number

  constructor(place: RecordsPlace) {
    this.#place = place
    const draw = new Draw(place.streams.of('backlog'))
    this.ageMs = draw.happens(oldChance) ? draw.of(ages) : 0
    this.#standing = this.ageMs === 0 ? 0 : draw.between(1, place.scenario.records)
    this.#gapMost = draw.happens(sparseChance) ? draw.of(gaps) : 0
  }

  /** Those that have not been drawn yet. */
  get left(): number {
    return this.#place.scenario.records - this.#drawn.length
  }

  get drawn(): number {
    return this.#drawn.length
  }

  /** Whose event it is; `undefined` where there is none. */
  tenantAt(spout: string, partition: number, offset: number): string | undefined {
    return this.#tenantAt.get(`${spout} ${partition} ${offset}`)
  }

  /** Appends what stood there before anybody came. `late`: so many of the last ones are left. */
  appendStanding(late: number): void {
    while (this.drawn < this.#standing && this.left > late) this.append()
  }

  /** Draws the next one and appends it. */
  append(): void {
    const { streams, topology, scenario, options } = this.#place
    const index = this.#drawn.length
    const random = streams.of(`record ${index}`)
    const spout = topology.spouts[Math.floor(random.next() * topology.spouts.length)]!
    const found = scenario.draw(spout, random, this.#context(spout.name))
    const isLeftOut = options.withoutRecords?.has(index) === true
    const records: readonly DrawnRecord[] = 'value' in found ? [found] : found
    this.#drawn.push(records.map((record) => this.#take(spout.name, record, index, isLeftOut)))
  }

  #context(spout: string): DrawContext {
    const { clock, startMs, scenario, servers } = this.#place
    return {
      nowMs: clock.nowMs(),
      startMs,
      partitions: scenario.partitions,
      nextOffset: (partition) => servers.endOf(spout, partition),
      appended: this.#drawn,
    }
  }

  #take(spout: string, record: DrawnRecord, index: number, isLeftOut: boolean): AppendedRecord {
    const { servers, note } = this.#place
    const appendTimeMs = this.#timeOf(index)
    if (isLeftOut) return { record, spout, offset: undefined, appendTimeMs }
    const { drawn, partition } = record
    const offset = servers.append(spout, record, appendTimeMs)
    if (drawn.kind === 'event') {
      this.#tenantAt.set(`${spout} ${partition} ${offset}`, drawn.project)
      if (!this.tenants.includes(drawn.project)) this.tenants.push(drawn.project)
    } else if (drawn.kind === 'delete') {
      const id = String(drawn.request['id'])
      if (!this.deleteIds.includes(id)) this.deleteIds.push(id)
    }
    note?.('record', `log ${spout}`, () => `takes at ${offset}: ${textOfDrawn(record)}`)
    this.#leaveGap(spout, partition, index)
    servers.ring(spout, partition)
    return { record, spout, offset, appendTimeMs }
  }

  /** Those that stood there came evenly over the time before. */
  #timeOf(index: number): number {
    const { clock, startMs } = this.#place
    if (index >= this.#standing) return clock.nowMs()
    return startMs - this.ageMs + Math.floor((this.ageMs * index) / this.#standing)
  }

  #leaveGap(spout: string, place: number, index: number): void {
    if (this.#gapMost === 0) return
    const count = new Draw(this.#place.streams.of(`gap ${index}`)).below(this.#gapMost + 1)
    if (count > 0) this.#place.servers.gap(spout, place, count)
  }
}
