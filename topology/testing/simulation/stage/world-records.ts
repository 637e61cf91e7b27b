/**
 * The records of one history: drawn one by one, each from a stream of its own, and appended unless they are left out; and
 * what everybody may know of them.
 */
import type { Topology } from '../../../model/topology.ts'
import { type AppendedRecord, type DrawContext, type DrawnRecord, textOfDrawn } from '../draw/draw-context.ts'
import type { HistoryOptions, Scenario } from '../history.ts'
import type { Servers } from '../servers/servers.ts'
import type { Note } from '../trace.ts'
import type { Streams } from './streams.ts'
import type { WorldClock } from './world-clock.ts'

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

  constructor(place: RecordsPlace) {
    this.#place = place
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

  /** Draws the next one and appends it. */
  append(): void {
    const { streams, topology, scenario, options } = this.#place
    const index = this.#drawn.length
    const random = streams.of(`record ${index}`)
    const spout = topology.spouts[Math.floor(random.next() * topology.spouts.length)]!
    const found = scenario.draw(spout, random, this.#context(spout.name))
    const isLeftOut = options.withoutRecords?.has(index) === true
    const records: readonly DrawnRecord[] = 'value' in found ? [found] : found
    this.#drawn.push(records.map((record) => this.#take(spout.name, record, isLeftOut)))
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

  #take(spout: string, record: DrawnRecord, isLeftOut: boolean): AppendedRecord {
    const { clock, servers, note } = this.#place
    const appendTimeMs = clock.nowMs()
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
    servers.ring(spout, partition)
    return { record, spout, offset, appendTimeMs }
  }
}
