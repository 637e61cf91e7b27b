/**
 * Bodies of events: values of every type under the properties of the dictionary, or events that a user has given with some
 * of their values changed. A history knows few properties and few values, so that events meet in groups and filters.
 */
import { isJsonObject, type JsonObject, type JsonScalar, type JsonValue } from '../../../model/json.ts'
import type { Path } from '../../../model/path.ts'
import type { Draw } from './draw.ts'
import { commonWords, type DrawWords } from './draw-words.ts'
import type { WordProperty } from './words-of-text.ts'

/** A body while it is made. */
export type OpenBody = Record<string, JsonValue>

/** A property of this history. */
export interface DrawnProperty {
  readonly path: Path
  /** What it mostly is. */
  readonly pool: readonly JsonValue[]
  readonly presence: number
}

// Wider events cost time and meet less.
const propertiesMax = 8
// A number that doubles keep and sums round, one that takes turns with its negative, and what a name of a type is.
const oddNumbers = [0.1, 1e16, -1e16, 1 / 3, 2 ** 53 + 2, 1e-7, -0.5, 1e300]
const oddTexts = [
  '',
  '__proto__',
  'constructor',
  'null',
  '1',
  'é',
  '\u{1f600}',
  'a.b',
  'x'.repeat(300),
  '\u0000',
  '\n"',
]
const oddNames = ['__proto__', 'constructor', 'toString', 'a.b', '', 'é', '$x', 'place', 'state', 'project']

export class DrawBodies {
  readonly properties: readonly DrawnProperty[]
  readonly #events: readonly JsonObject[]
  readonly #texts: readonly string[]
  /** Chance that a value has nothing to do with the pool of its property. */
  readonly #oddness: number

  constructor(draw: Draw, words: DrawWords) {
    this.#texts = words.texts
    this.#events = words.events
    this.#oddness = draw.of([0, 0.03, 0.1, 0.3])
    const known = words.properties.length < 3 ? [...words.properties, ...commonWords.properties] : words.properties
    const odd = draw.happens(0.1) ? [{ path: [draw.of(oddNames)], values: [] }] : []
    this.properties = [...draw.some(known, propertiesMax, propertiesMax), ...odd].map((one) =>
      this.#property(draw, one),
    )
  }

  body(draw: Draw): OpenBody {
    if (this.#events.length > 0 && !draw.happens(0.05)) return this.#changed(draw, draw.of(this.#events))
    const body: OpenBody = {}
    for (const { path, pool, presence } of this.properties) {
      if (!draw.happens(presence)) continue
      putAt(body, path, draw.happens(this.#oddness) ? this.#odd(draw) : pool[draw.skewed(pool.length)]!)
    }
    return body
  }

  #property(draw: Draw, { path, values, isNumber, isRare }: WordProperty): DrawnProperty {
    const around = values.flatMap((value): JsonScalar[] =>
      typeof value === 'number' ? [value, value + 1, value - 1] : [value],
    )
    const others: JsonValue[] = isNumber === true ? [0, 1, 2, 3, -1, 0.5] : ['a', 'b', 1, 2, true, null]
    if (this.#texts.length > 0 && isNumber !== true) others.push(...draw.some(this.#texts, 1, 4))
    const pool: JsonValue[] = [...draw.some(around, 1, 4), ...draw.some(others, values.length === 0 ? 2 : 0, 3)]
    return { path, pool, presence: isRare === true ? 0.1 : draw.of([0.6, 0.9, 1]) }
  }

  #odd(draw: Draw): JsonValue {
    const kind = draw.below(6)
    if (kind === 0) return draw.of(oddNumbers)
    if (kind === 1) return draw.of(oddTexts)
    if (kind === 2) return draw.below(2_000) / 7 - 100
    if (kind === 3) return this.#texts.length > 0 ? draw.of(this.#texts) : 'unicorn'
    if (kind === 4)
      return draw.of<JsonValue>([null, true, false, [], {}, [1, 'a'], [{ q: 1 }, { q: 'x' }], { deep: { p: [] } }])
    return draw.below(5)
  }

  /** An event of the user's: `keen` stays, of the others some values are changed. */
  #changed(draw: Draw, event: JsonObject): OpenBody {
    const body: OpenBody = {}
    for (const [name, value] of Object.entries(event)) {
      if (name === 'keen') put(body, name, copyOf(value))
      else if (!draw.happens(this.#oddness / 4)) put(body, name, this.#mutated(draw, value, [name]))
    }
    return body
  }

  #mutated(draw: Draw, value: JsonValue, path: Path): JsonValue {
    if (isList(value)) return value.map((one) => this.#mutated(draw, one, path))
    if (isJsonObject(value)) {
      const copy: OpenBody = {}
      for (const [name, one] of Object.entries(value)) put(copy, name, this.#mutated(draw, one, [...path, name]))
      return copy
    }
    if (!draw.happens(0.25)) return value
    return draw.happens(this.#oddness) ? this.#odd(draw) : this.#likely(draw, value, path)
  }

  /** A value that this property might have: of another event, of the dictionary, or one that is near. */
  #likely(draw: Draw, value: JsonScalar, path: Path): JsonValue {
    const known = this.properties.find((one) => one.path.join('.') === path.join('.'))
    if (known !== undefined && draw.happens(0.4)) return draw.of(known.pool)
    const other = valueIn(draw.of(this.#events), path)
    if (other !== undefined && draw.happens(0.6)) return copyOf(other)
    if (typeof value === 'number') return draw.of([0, value + 1, -value, value * 2, value / 2])
    if (typeof value === 'boolean') return !value
    return typeof value === 'string' && this.#texts.length > 0 ? draw.of(this.#texts) : value
  }
}

/** Sets a member of an object, whatever its name. */
export const put = (object: OpenBody, name: string, value: JsonValue): void => {
  // Assigned, it would be the prototype and no member.
  if (name !== '__proto__') object[name] = value
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
}

/** Sets the value at a path; what is in the way and no object is replaced. */
export const putAt = (object: OpenBody, path: Path, value: JsonValue): void => {
  let at = object
  for (const name of path.slice(0, -1)) {
    const known = Object.hasOwn(at, name) ? at[name] : undefined
    const next: OpenBody = isJsonObject(known) ? { ...known } : {}
    put(at, name, next)
    at = next
  }
  put(at, path.at(-1) ?? '', value)
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value)

const copyOf = (value: JsonValue): JsonValue =>
  typeof value === 'object' && value !== null ? structuredClone(value) : value

const valueIn = (object: JsonObject, path: Path): JsonValue | undefined => {
  let value: JsonValue | undefined = object
  for (const name of path) value = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
  return value
}
