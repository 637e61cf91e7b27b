/**
 * Tuples over whatever a user's bolt emitted, read from the objects one by one.
 *
 * A plain object carries its event time as `timestamp` (ms, ISO 8601 or Date) or as `keen.timestamp`, and may name its
 * `project` and `collection`; both are `default` otherwise. Events among the objects keep their own.
 */
import { errors } from '../../model/errors.ts'
import { parseTime, timeOfNumber } from '../../model/event-time.ts'
import { type Path, valueAt } from '../../model/path.ts'
import type { Column, EventColumns, Shapes, Tuples } from '../../model/tuples.ts'
import { ChangedEvents, isEvent } from './changed-events.ts'
import { collectShapes } from './gather.ts'
import { noteShapes } from './note-shapes.ts'
import { keenValue, PathColumns } from './path-columns.ts'
import { ShapeTrie } from './shape-trie.ts'

// The names in what bolts emit are few and the same in every batch. Only the numbers of the codes depend on what was
// here before, and they mean nothing without the trie that comes with them.
let boltTrie: ShapeTrie | undefined
let isOursOfCode: boolean[] = []

const currentTrie = (): ShapeTrie => {
  if (boltTrie === undefined || boltTrie.isFull()) {
    isOursOfCode = []
    boltTrie = new ShapeTrie({
      wanted: { children: new Map(), slot: -1 },
      isNameRefused: () => false,
      isTime: (path) => path === 'keen.timestamp',
    })
  }
  return boltTrie
}

const defaultName = 'default'
// Set by Spillway, not by the event: not in its shape, and left out of its bytes.
const ours = new Set(['keen.id', 'keen.created_at'])

export class ObjectTuples implements Tuples {
  readonly length: number
  readonly #objects: readonly unknown[]
  readonly #bolt: string
  readonly #byPath = new PathColumns()
  readonly #events: EventColumns | undefined
  #timesMs: readonly number[] | undefined
  #projects: readonly string[] | undefined
  #collections: readonly string[] | undefined
  #shapes: Shapes | undefined

  constructor(objects: readonly unknown[], bolt: string) {
    this.length = objects.length
    this.#objects = objects
    this.#bolt = bolt
    this.#events = objects.every(isEvent) ? new ChangedEvents(objects, bolt) : undefined
  }

  tuple(index: number): unknown {
    return this.#objects[index]
  }

  /** Throws `noEventTime` when an object has none. */
  timesMs(): readonly number[] {
    this.#timesMs ??= this.#objects.map((object, index) => {
      const timeMs = isEvent(object) ? object.timestamp : timeOf(object)
      if (timeMs !== undefined) return timeMs
      throw errors.noEventTime({ bolt: this.#bolt, tuple: index })
    })
    return this.#timesMs
  }

  projects(): readonly string[] {
    this.#projects ??= this.#objects.map((object) => (isEvent(object) ? object.project : nameOf(object, 'project')))
    return this.#projects
  }

  collections(): readonly string[] {
    this.#collections ??= this.#objects.map((object) =>
      isEvent(object) ? object.collection : nameOf(object, 'collection'),
    )
    return this.#collections
  }

  column(path: Path): Column {
    return this.#byPath.of(path, () =>
      this.#objects.map((object) =>
        isEvent(object) ? (keenValue(path, object) ?? valueAt(object.body, path)) : valueAt(object, path),
      ),
    )
  }

  shapes(): Shapes {
    this.#shapes ??= this.#makeShapes()
    return this.#shapes
  }

  events(): EventColumns | undefined {
    return this.#events
  }

  #makeShapes(): Shapes {
    const trie = currentTrie()
    return collectShapes(this.length, trie, (index, note) => {
      const object = this.#objects[index]
      const body = isEvent(object) ? object.body : object
      if (typeof body !== 'object' || body === null) return
      noteShapes(trie, body, (code) => {
        for (let next = isOursOfCode.length; next <= code; next += 1) isOursOfCode.push(ours.has(trie.name(next).path))
        if (isOursOfCode[code] === false) note(code)
      })
    })
  }
}

const nameOf = (object: unknown, property: string): string => {
  const name = valueAt(object, [property])
  return typeof name === 'string' ? name : defaultName
}

const timeOf = (object: unknown): number | undefined => {
  const time = valueAt(object, ['timestamp']) ?? valueAt(object, ['keen', 'timestamp'])
  if (typeof time === 'string') return parseTime(time)
  if (typeof time === 'number') return timeOfNumber(time, 'ms')
  return time instanceof Date ? timeOfNumber(time.getTime(), 'ms') : undefined
}
