/**
 * Places of events that are to be named by id, kept by partition as numbers: 16 bytes an event instead of a text of 36
 * characters, so that a job of millions of ids fits. The ids are made again when they are written.
 */
import { eventId, parseEventId } from './model/event-id.ts'
import { offset, type Partition, partition as toPartition } from './model/position.ts'
import { sortedHasWithin } from './model/sorted-numbers.ts'

const firstLength = 1_024

export class EventPlaces {
  readonly #byPartition = new Map<number, PartitionPlaces>()
  #count = 0

  get count(): number {
    return this.#count
  }

  get partitions(): readonly Partition[] {
    return [...this.#byPartition.keys()].sort((left, right) => left - right).map(toPartition)
  }

  /** Takes an id; false when it is none of ours. */
  add(id: string): boolean {
    const place = parseEventId(id)
    if (place === undefined) return false
    const places = this.#byPartition.get(place.partition) ?? new PartitionPlaces()
    this.#byPartition.set(place.partition, places)
    places.add(place.timeMs, place.offset)
    this.#count += 1
    return true
  }

  /** Ids of a partition in the order they were added. */
  *idsOf(partition: Partition): Iterable<string> {
    const places = this.#byPartition.get(partition)
    if (places === undefined) return
    for (let index = 0; index < places.length; index += 1)
      yield eventId(places.times[index]!, partition, offset(places.offsets[index]!))
  }

  /** Whether one of them lies in `[first, last]`. */
  hasWithin(partition: number, first: number, last: number): boolean {
    const sorted = this.#byPartition.get(partition)?.sorted() ?? new Float64Array(0)
    return sortedHasWithin(sorted, first, last)
  }

  countOf(partition: Partition): number {
    return this.#byPartition.get(partition)?.length ?? 0
  }
}

class PartitionPlaces {
  times = new Float64Array(firstLength)
  offsets = new Float64Array(firstLength)
  length = 0
  #sorted: Float64Array | undefined

  /** Offsets in ascending order, for look-ups when all are known. */
  sorted(): Float64Array {
    if (this.#sorted?.length !== this.length) this.#sorted = this.offsets.slice(0, this.length).sort()
    return this.#sorted
  }

  add(timeMs: number, at: number): void {
    if (this.length === this.times.length) {
      this.times = grown(this.times)
      this.offsets = grown(this.offsets)
    }
    this.times[this.length] = timeMs
    this.offsets[this.length] = at
    this.length += 1
  }
}

const grown = (before: Float64Array): Float64Array<ArrayBuffer> => {
  const after = new Float64Array(before.length * 2)
  after.set(before)
  return after
}
