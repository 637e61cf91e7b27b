/**
 * One record at a time, validated, with its wanted values at hand: by the marks of the scanner, or from the parsed body
 * where the slow path had to judge. Who asks cannot tell which.
 */
import { errors } from '../../model/errors.ts'
import { parseTime, timeOfNumber } from '../../model/event-time.ts'
import { isJsonObject, type JsonObject } from '../../model/json.ts'
import { formatPath, parsePath, valueAt } from '../../model/path.ts'
import { SpillwayError } from '../../model/spillway-error.ts'
import type { LogOptions } from '../../model/topology.ts'
import { findKeen } from './find-keen.ts'
import { kindOf } from './json-bytes.ts'
import { JsonScanner } from './json-scanner.ts'
import { noteShapes } from './note-shapes.ts'
import { keenNameProblem, keenStringMax, parseBody } from './parse-body.ts'
import { ShapeTrie, type ShapeTrieOptions } from './shape-trie.ts'
import { ValueReader } from './value-reader.ts'
import type { WantedTree } from './wanted-tree.ts'

/** Paths whose strings are times: the spout's and `keen.timestamp`. */
const timePathsOf = (spout: LogOptions): ReadonlySet<string> => {
  const paths = new Set(['keen.timestamp'])
  for (const text of spout.datetimes ?? []) {
    const path = parsePath(text)
    if (path === undefined) throw errors.badConfiguration({ problem: `${JSON.stringify(text)} is not a path` })
    paths.add(formatPath(path))
  }
  return paths
}

export class OpenedRecord {
  readonly scanner: JsonScanner
  trie: ShapeTrie
  readonly #tree: WantedTree
  readonly #keenSlot: number
  readonly #reader = new ValueReader()
  readonly #notesShapes: boolean
  readonly #hasKeenLimits: boolean
  readonly #trieOptions: ShapeTrieOptions
  #body: JsonObject | undefined
  #keenAt = -1

  /** `tree` holds all paths that will be asked for. */
  constructor(tree: WantedTree, spout: LogOptions, notesShapes: boolean) {
    const hasKeenLimits = spout.limits === 'keen'
    const timePaths = timePathsOf(spout)
    this.#keenSlot = tree.add(['keen'])
    this.#tree = tree
    this.#notesShapes = notesShapes
    this.#hasKeenLimits = hasKeenLimits
    this.#trieOptions = {
      wanted: tree.root,
      isNameRefused: (name) => hasKeenLimits && keenNameProblem(name) !== undefined,
      isTime: (path) => timePaths.has(path),
    }
    this.trie = new ShapeTrie(this.#trieOptions)
    this.scanner = new JsonScanner(this.trie, {
      slots: tree.paths.length,
      notesShapes,
      limits: {
        stringBytesMax: hasKeenLimits ? keenStringMax : Number.MAX_SAFE_INTEGER,
        // 18 digits are below 2^63.
        numberBytesMax: hasKeenLimits ? 18 : 200,
        exponentDigitsMax: hasKeenLimits ? 0 : 2,
      },
    })
  }

  /** Begins a batch. */
  restart(): void {
    this.scanner.restart(this.trie)
  }

  /** Ends a batch: names without number live only as long as the batch that showed them. */
  finish(): void {
    if (!this.trie.isFull() && !this.scanner.isWorn()) return
    this.trie = new ShapeTrie(this.#trieOptions)
    this.scanner.restart(this.trie)
  }

  /** Validates a record; gives the error of class `reject` that it is refused with. */
  open(bytes: Uint8Array, start: number, end: number): SpillwayError | undefined {
    this.#body = undefined
    this.#reader.use(bytes)
    if (this.scanner.scan(bytes, start, end)) {
      const keenKind = this.scanner.kinds[this.#keenSlot]
      this.#keenAt = keenKind === kindOf.object ? this.scanner.starts[this.#keenSlot]! + 1 : -1
      if (keenKind === kindOf.object || keenKind === kindOf.none) return undefined
    }
    const body = parseBody(bytes, start, end, this.#hasKeenLimits)
    if (body instanceof SpillwayError) return body
    this.#body = body
    this.#keenAt = isJsonObject(body['keen']) && Object.hasOwn(body, 'keen') ? findKeen(bytes, start, end) : -1
    if (this.#notesShapes) noteShapes(this.trie, body, (code) => this.scanner.note(code))
    return undefined
  }

  /** Place of the property `keen`, as `EventColumns.keenAt` has it. */
  get keenAt(): number {
    return this.#keenAt
  }

  /** Value of a wanted path; `undefined` where it is absent. */
  value(slot: number): unknown {
    if (this.#body !== undefined) return valueAt(this.#body, this.#tree.paths[slot]!)
    const kind = this.scanner.kinds[slot]!
    if (kind === kindOf.none) return undefined
    const { starts, ends, odds } = this.scanner
    return this.#reader.value(kind, starts[slot]!, ends[slot]!, odds[slot] === 1)
  }

  has(slot: number): boolean {
    return this.#body === undefined ? this.scanner.kinds[slot] !== kindOf.none : this.value(slot) !== undefined
  }

  isNull(slot: number): boolean {
    return this.#body === undefined ? this.scanner.kinds[slot] === kindOf.null : this.value(slot) === null
  }

  /** The value as event time, ms since 1970; `undefined` when it is none. Numbers are times only with a unit. */
  timeMs(slot: number, unit: 'ms' | 's' | undefined): number | undefined {
    if (this.#body === undefined && this.scanner.kinds[slot] === kindOf.string)
      return this.#reader.timeMs(this.scanner.starts[slot]!, this.scanner.ends[slot]!)
    const value = this.value(slot)
    if (typeof value === 'string') return parseTime(value)
    return typeof value === 'number' && unit !== undefined ? timeOfNumber(value, unit) : undefined
  }
}
