/**
 * Deletes by id, compiled: found by the offset of an event, whose place its id is, and kept as columns of numbers, so that
 * a hundred thousand of them are a few megabytes (I-6).
 */

import type { EventBatch } from '../model/decoder.ts'
import { eventId, parseEventId } from '../model/event-id.ts'
import { partition as toPartition } from '../model/position.ts'
import { placeInSorted } from '../model/sorted-numbers.ts'
import type { FilterTest } from './filter-test.ts'

/** An event that a record names, and the record. */
export interface NamedEvent {
  readonly id: string
  readonly n: number
  readonly record: number
  /** Offset of the record. */
  readonly at: number
  readonly test: FilterTest
}

/** Called with the entry and record that match, and the record's offset. */
export type Hit = (n: number, record: number, at: number) => void

// Five columns of numbers.
const bytesPerName = 40

export class RulesById {
  readonly #offsets: Float64Array
  readonly #timesMs: Float64Array
  readonly #entries: Float64Array
  readonly #records: Uint32Array
  readonly #at: Float64Array
  readonly #tests: readonly FilterTest[]

  /** Ids of other partitions, and texts that are no id, name nothing here. */
  constructor(named: readonly NamedEvent[], partition: number) {
    const found = named
      .flatMap((one) => {
        const place = parseEventId(one.id)
        const isHere =
          place?.partition === partition && eventId(place.timeMs, toPartition(partition), place.offset) === one.id
        return isHere ? [{ ...one, place }] : []
      })
      .sort((left, right) => left.place.offset - right.place.offset)
    this.#offsets = Float64Array.from(found, (one) => one.place.offset)
    this.#timesMs = Float64Array.from(found, (one) => one.place.timeMs)
    this.#entries = Float64Array.from(found, (one) => one.n)
    this.#records = Uint32Array.from(found, (one) => one.record)
    this.#at = Float64Array.from(found, (one) => one.at)
    this.#tests = found.map((one) => one.test)
  }

  get bytes(): number {
    return this.#offsets.length * bytesPerName
  }

  /** Lowest offset that is named, and one behind the largest. */
  get reach(): readonly [from: number, to: number] {
    const { length } = this.#offsets
    return length === 0 ? [0, 0] : [this.#offsets[0]!, this.#offsets[length - 1]! + 1]
  }

  find(events: EventBatch, index: number, hit: Hit): void {
    const offset = events.offsets[index]!
    const { length } = this.#offsets
    if (length === 0 || offset < this.#offsets[0]! || offset > this.#offsets[length - 1]!) return
    for (let at = placeInSorted(this.#offsets, offset); at < length && this.#offsets[at] === offset; at++) {
      const isNamed = this.#timesMs[at] === events.timesMs()[index] && this.#at[at]! > offset
      if (isNamed && this.#tests[at]!.passes(events, index)) hit(this.#entries[at]!, this.#records[at]!, this.#at[at]!)
    }
  }
}
