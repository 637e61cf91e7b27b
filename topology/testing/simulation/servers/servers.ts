/**
 * What the processes of one history share: logs, rows on three replicas, the ledger and the objects. What befalls them the
 * dice say; what is late arrives when the schedule says so.
 */
import { deadLetterTable } from '../../../../sinks/rows/dead-letters.ts'
import { catalogueOfPartitions } from '../../../../sinks/rows/partition-catalogue.ts'
import type { LedgerDocument } from '../../../model/ledger-document.ts'
import type { EventLog } from '../../../model/ports/event-log.ts'
import type { Random } from '../../../model/ports/random.ts'
import { offset, partition } from '../../../model/position.ts'
import type { NewRecord } from '../../../model/record.ts'
import type { Resources } from '../../../model/run-handle.ts'
import type { Topology } from '../../../model/topology.ts'
import type { Dice } from '../stage/dice.ts'
import { bellOf } from '../stage/gated-resources.ts'
import type { Streams } from '../stage/streams.ts'
import type { WorldClock } from '../stage/world-clock.ts'
import { createSimulatedLedger, type LedgerChanged, type SimulatedLedger } from './simulated-ledger.ts'
import { createSimulatedLog, type SimulatedLog } from './simulated-log.ts'
import { createSimulatedObjects, type SimulatedObjects } from './simulated-objects.ts'
import { createSimulatedRows, type SimulatedRows } from './simulated-rows.ts'

export interface ServerOptions {
  readonly topology: Topology
  readonly partitions: number
  readonly streams: Streams
  readonly dice: Dice
  readonly clock: WorldClock
  /** A visit to a replica, or a piece of a slow call. */
  readonly pause: () => Promise<void>
  /** Told of each change of a document, before anybody reads it. */
  readonly changed: LedgerChanged
}

// Logs that have been there for long begin elsewhere: just below where a block of rows ends, or 32 bits do.
const oldChance = 0.15
const edges = [65_536, 262_144, 2 ** 32]
const belowEdge = 6

const firstOffsetOf = (random: Random): number => {
  if (random.next() >= oldChance) return 0
  return edges[Math.floor(random.next() * edges.length)]! - Math.floor(random.next() * belowEdge)
}

export class Servers {
  /** Where all logs begin. */
  readonly firstOffset: number
  /** By spout. */
  readonly logs: Readonly<Record<string, SimulatedLog>>
  readonly rows: SimulatedRows
  readonly ledger: SimulatedLedger
  readonly objects: SimulatedObjects
  readonly resources: Resources
  readonly #topology: string
  readonly #clock: WorldClock

  constructor({ topology, partitions, streams, dice, clock, pause, changed }: ServerOptions) {
    this.#topology = topology.name
    this.#clock = clock
    const logOf = (spout: string): SimulatedLog =>
      createSimulatedLog({ clock, dice, partitions, topic: spout, id: `log of ${spout}` })
    this.logs = Object.fromEntries(topology.spouts.map(({ name }) => [name, logOf(name)]))
    this.firstOffset = firstOffsetOf(streams.of('first offset'))
    const attempts = 1 + Math.floor(streams.of('servers').next() * 3)
    this.rows = createSimulatedRows({ dice, pause, attempts })
    this.ledger = createSimulatedLedger({ dice, changed })
    this.objects = createSimulatedObjects({ dice, pause })
    this.resources = { logs: this.logs, rows: this.rows, ledger: this.ledger, objects: this.objects }
  }

  async open(): Promise<void> {
    for (const table of [deadLetterTable, catalogueOfPartitions]) await this.rows.ensureTable(table)
    if (this.firstOffset === 0) return
    for (const log of Object.values(this.logs))
      for (let place = 0; place < log.partitions; place++) {
        log.gap(partition(place), this.firstOffset)
        log.expire(partition(place), offset(this.firstOffset))
      }
  }

  /** Logs by spout as they would be if they dropped nothing. */
  get histories(): Readonly<Record<string, EventLog>> {
    return Object.fromEntries(Object.entries(this.logs).map(([spout, log]) => [spout, log.whole]))
  }

  /** Appends; tells where. */
  append(spout: string, record: NewRecord, timeMs: number): number {
    const [taken] = this.logs[spout]!.put(timeMs, [record])
    return taken!.offset
  }

  /** So many offsets belong to no record. */
  gap(spout: string, place: number, count: number): void {
    this.logs[spout]!.gap(partition(place), count)
  }

  /** Who waits at the end of the partition hears that something has come. */
  ring(spout: string, place: number): void {
    this.#clock.ring(bellOf(this.logs[spout]!, place))
  }

  endOf(spout: string, place: number): number {
    return this.logs[spout]!.boundsNow(partition(place)).end
  }

  /** The document as it is, past all faults. */
  document(spout: string, place: number): LedgerDocument | undefined {
    return this.ledger.document({ topology: this.#topology, spout, partition: place })
  }

  /** Whether something is late. */
  get isOwing(): boolean {
    return this.rows.pendingCount + this.ledger.pendingCount + this.objects.pendingCount > 0
  }

  /** Some of what is late arrives. */
  async deliver(dice: Dice): Promise<void> {
    if (this.rows.pendingCount > 0) this.rows.deliver(1 + dice.below(3))
    if (this.ledger.pendingCount > 0 && dice.below(2) === 0) await this.ledger.deliver()
    if (this.objects.pendingCount > 0 && dice.below(2) === 0) await this.objects.deliver()
  }

  async deliverAll(): Promise<void> {
    this.rows.deliver()
    await this.ledger.deliver()
    await this.objects.deliver()
  }
}
