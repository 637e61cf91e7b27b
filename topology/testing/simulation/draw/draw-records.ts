/**
 * The records of one history: events, deletes and poison of every spout, in shares that the history has drawn. Which words,
 * names, values and times there are is the same for all its records, so that they meet.
 */
import type { Random } from '../../../model/ports/random.ts'
import type { SpoutNode, Topology } from '../../../model/topology.ts'
import type { Streams } from '../stage/streams.ts'
import { Draw } from './draw.ts'
import type { DrawContext, DrawnRecord } from './draw-context.ts'
import { DrawDeletes } from './draw-deletes.ts'
import { DrawEvents } from './draw-events.ts'
import type { DrawWords } from './draw-words.ts'

interface SpoutDraws {
  readonly events: DrawEvents
  readonly deletes: DrawDeletes
  readonly tombstones: number
}

export interface DrawRecordsOptions {
  readonly topology: Topology
  readonly words: DrawWords
  readonly streams: Streams
  readonly startMs: number
  /** As many are drawn, about. */
  readonly records: number
}

export class DrawRecords {
  readonly #spouts: ReadonlyMap<string, SpoutDraws>
  readonly #poison: number
  readonly #deletes: number
  readonly #records: number

  constructor({ topology, words, streams, startMs, records }: DrawRecordsOptions) {
    const draw = new Draw(streams.of('shares of records'))
    this.#records = records
    this.#poison = draw.of([0, 0, 0.03, 0.1])
    this.#deletes = draw.of([0, 0.15, 0.3, 0.4])
    this.#spouts = new Map(
      topology.spouts.map((spout) => {
        const own = new Draw(streams.of(`vocabulary of ${spout.name}`))
        const events = new DrawEvents(own, topology, spout, words, startMs)
        const tombstones = canDelete(spout) ? own.of([0, 0.1, 0.3]) : 0
        return [spout.name, { events, deletes: new DrawDeletes(spout.name, events), tombstones }]
      }),
    )
  }

  /** What the next draw appends to the log of a spout: mostly one record, of a delete one for each partition it goes to. */
  next(spout: SpoutNode, random: Random, context: DrawContext): readonly DrawnRecord[] {
    const draw = new Draw(random)
    const { events, deletes, tombstones } = this.#spouts.get(spout.name)!
    const share = draw.next()
    if (share < this.#poison) return [events.poison(draw, context)]
    // Deletes come late, so that most of them find what has been written already.
    const drawn = context.appended.length
    const deleteShare = drawn === 0 ? 0 : this.#deletes * (0.3 + 1.4 * Math.min(1, drawn / this.#records))
    if (share < this.#poison + deleteShare) return deletes.delete(draw, context)
    return [draw.happens(tombstones) ? events.tombstone(draw, context) : events.event(draw, context)]
  }
}

const canDelete = ({ options: { tombstones, project, tenant } }: SpoutNode): boolean => {
  const source = project ?? tenant
  const isInBody = typeof source === 'object' && 'path' in source
  return tombstones === 'delete' && !isInBody
}
