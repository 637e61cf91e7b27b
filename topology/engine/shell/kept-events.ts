/**
 * Places of the events that one delete matches, as the first pass over the log has found them, kept for the sinks that
 * are swept later: what leaves an event row or an object is told by its place alone, so the log is not read again.
 *
 * Complete for `[from, to)`, whatever a sink had taken of it. Some 40 bytes an event and no objects; what does not fit is
 * forgotten as a whole, and the sweep reads the log instead (I-6).
 */
import type { EventBatch } from '../../model/decoder.ts'
import { type Offset, offset, type Partition } from '../../model/position.ts'
import type { EventColumns, Tuples } from '../../model/tuples.ts'

const rowsInitial = 1_024
const bytesPerEvent = 44

// Of all deletes of a partition: about 190,000 events.
const bytesMax = 8 * 1_048_576

/** By entry of the delete list. */
export class KeptByEntry {
  readonly #partition: Partition
  readonly #kept = new Map<number, KeptEvents>()
  /** What was too much; it is not begun again. */
  readonly #forgotten = new Set<number>()

  constructor(partition: Partition) {
    this.#partition = partition
  }

  get(n: number): KeptEvents | undefined {
    return this.#kept.get(n)
  }

  /** For a pass from `at` on; `undefined` when nothing is kept of it. */
  open(n: number, at: number): KeptEvents | undefined {
    if (this.#forgotten.has(n)) return undefined
    const kept = this.#kept.get(n) ?? new KeptEvents(this.#partition, at)
    this.#kept.set(n, kept)
    return kept.open(at) ? kept : undefined
  }

  /** The pass has ended: below `to` everything was found. */
  close(n: number, to: number | undefined): void {
    this.#kept.get(n)?.close(to)
    let bytes = 0
    for (const one of this.#kept.values()) bytes += one.heldBytes
    if (bytes <= bytesMax) return
    this.#kept.delete(n)
    this.#forgotten.add(n)
  }

  /** Lets go of the entries that no sink will be swept for. */
  retain(isNeeded: (n: number) => boolean): void {
    for (const n of this.#kept.keys()) if (!isNeeded(n)) this.#kept.delete(n)
    for (const n of this.#forgotten) if (!isNeeded(n)) this.#forgotten.delete(n)
  }
}

export class KeptEvents {
  readonly partition: Partition
  /** Of the first pass. */
  readonly from: number
  /** Everything below is kept. */
  to: number
  length = 0
  /** How many of them stand below `to`; the rest belongs to the pass that is under way. */
  #settled = 0
  #isOpen = false
  #offsets = new Float64Array(rowsInitial)
  #timesMs = new Float64Array(rowsInitial)
  #appendTimesMs = new Float64Array(rowsInitial)
  #records = new Uint32Array(rowsInitial)
  #projects = new Uint32Array(rowsInitial)
  #collections = new Uint32Array(rowsInitial)
  readonly #names: string[] = []
  readonly #numbers = new Map<string, number>()
  readonly #clientIds = new Map<number, string>()

  constructor(partition: Partition, from: number) {
    this.partition = partition
    this.from = from
    this.to = from
  }

  get heldBytes(): number {
    return this.#offsets.length * bytesPerEvent + this.#clientIds.size * 100
  }

  /** Begins a pass from `at` on; false when it would leave a gap, or another one is under way. */
  open(at: number): boolean {
    if (this.#isOpen || at !== this.to) return false
    this.#isOpen = true
    return true
  }

  /** Ends the pass: all it has found below `to` is kept, or nothing of it. */
  close(to: number | undefined): void {
    this.#isOpen = false
    if (to === undefined) {
      this.length = this.#settled
      return
    }
    this.#settled = this.length
    this.to = to
  }

  /** Takes an event that the record (its place in the stored row) has matched. */
  add(events: EventBatch, index: number, record: number): void {
    if (this.length === this.#offsets.length) this.#grow()
    const row = this.length++
    this.#offsets[row] = events.offsets[index]!
    this.#timesMs[row] = events.timesMs()[index]!
    this.#appendTimesMs[row] = events.appendTimesMs[index]!
    this.#records[row] = record
    this.#projects[row] = this.#number(events.projects()[index]!)
    this.#collections[row] = this.#number(events.collections()[index]!)
    const clientId = events.clientIds()[index]
    if (clientId === undefined) this.#clientIds.delete(row)
    else this.#clientIds.set(row, clientId)
  }

  /** Calls with each event's number, offset, tenant and record. */
  each(visit: (row: number, at: number, tenant: string, record: number) => void): void {
    for (let row = 0; row < this.length; row++)
      visit(row, this.#offsets[row]!, this.#names[this.#projects[row]!]!, this.#records[row]!)
  }

  /** Some of the events, as sinks read them. */
  select(rows: readonly number[]): Tuples {
    return new KeptColumns(this.partition, {
      offsets: rows.map((row) => offset(this.#offsets[row]!)),
      timesMs: rows.map((row) => this.#timesMs[row]!),
      appendTimesMs: rows.map((row) => this.#appendTimesMs[row]!),
      projects: rows.map((row) => this.#names[this.#projects[row]!]!),
      collections: rows.map((row) => this.#names[this.#collections[row]!]!),
      clientIds: rows.map((row) => this.#clientIds.get(row)),
    })
  }

  #number(name: string): number {
    let number = this.#numbers.get(name)
    if (number === undefined) {
      number = this.#names.push(name) - 1
      this.#numbers.set(name, number)
    }
    return number
  }

  #grow(): void {
    const size = this.#offsets.length * 2
    const doubles = (before: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
      const after = new Float64Array(size)
      after.set(before)
      return after
    }
    const integers = (before: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> => {
      const after = new Uint32Array(size)
      after.set(before)
      return after
    }
    this.#offsets = doubles(this.#offsets)
    this.#timesMs = doubles(this.#timesMs)
    this.#appendTimesMs = doubles(this.#appendTimesMs)
    this.#records = integers(this.#records)
    this.#projects = integers(this.#projects)
    this.#collections = integers(this.#collections)
  }
}

interface Columns {
  readonly offsets: readonly Offset[]
  readonly timesMs: readonly number[]
  readonly appendTimesMs: readonly number[]
  readonly projects: readonly string[]
  readonly collections: readonly string[]
  readonly clientIds: readonly (string | undefined)[]
}

const notKept = (): never => {
  throw new Error('of a kept event only its place is known')
}

class KeptColumns implements Tuples, EventColumns {
  readonly length: number
  readonly partition: Partition
  readonly offsets: ArrayLike<Offset>
  readonly appendTimesMs: ArrayLike<number>
  readonly hasTimestamp: ArrayLike<number> = []
  readonly #columns: Columns

  constructor(partition: Partition, columns: Columns) {
    this.partition = partition
    this.length = columns.offsets.length
    this.offsets = columns.offsets
    this.appendTimesMs = columns.appendTimesMs
    this.#columns = columns
  }

  timesMs = (): ArrayLike<number> => this.#columns.timesMs
  projects = (): ArrayLike<string> => this.#columns.projects
  collections = (): ArrayLike<string> => this.#columns.collections
  clientIds = (): ArrayLike<string | undefined> => this.#columns.clientIds
  events = (): EventColumns => this
  tuple = notKept
  column = notKept
  shapes = notKept
  bytes = notKept
  keenAt = notKept
  id = notKept
  event = notKept
}
