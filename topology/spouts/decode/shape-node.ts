/**
 * A property that events have shown: one node per path, shared by all events of a decoder.
 *
 * A node remembers which property followed it in the event before. Producers write their properties in a steady order,
 * so the scanner compares the next name with that one guess instead of looking it up, and gets with it everything that
 * is known of the path: whether it is wanted, which codes its types have, whether the object has shown it already.
 */
import { kindOf } from './json-bytes.ts'
import type { WantedNode } from './wanted-tree.ts'

/** How the scanner treats the value of a property, unless it has a slot (0 or more). */
export const ordinary = -1
/** Only the slow path may judge the record: a name that is refused or needs care. */
export const careful = -2

/** What is fixed when the node is made. */
export interface ShapeNodeFields {
  /** Written path: `item[].id`. */
  readonly path: string
  /** The bytes of the name in its quotes, as most producers write it, as characters; empty: cannot be guessed. */
  readonly key: string
  readonly wanted: WantedNode | undefined
  /** Slot, `ordinary` or `careful`. */
  readonly mark: number
  /** Whether one event can show the path several times. */
  readonly isRepeatable: boolean
  /** Whether strings here are of type `datetime`. */
  readonly isTime: boolean
}

export class ShapeNode {
  readonly path: string
  /** The bytes of the name in its quotes, four to a number, the last masked; empty: cannot be guessed. */
  readonly words: readonly number[]
  readonly lastMask: number
  readonly keyLength: number
  readonly wanted: WantedNode | undefined
  readonly mark: number
  readonly isRepeatable: boolean
  readonly isTime: boolean
  /** The property that followed last, and the one before that. `noNode` matches nothing. */
  next: ShapeNode
  nextBefore: ShapeNode
  /** The first property of the object here, likewise. */
  first: ShapeNode
  firstBefore: ShapeNode
  /** Number of the object that showed the property last: a second time in one object is a duplicate name. */
  stamp = 0
  /** Kind that was shown last and its code. */
  lastKind: number = kindOf.none
  lastCode = -1
  /** Codes by kind, filled by the trie. */
  codes: number[] | undefined
  children: Map<string, ShapeNode> | undefined
  /** Objects in the list here. */
  elements: ShapeNode | undefined
  /** What is counted together under `path.*`. */
  rest: ShapeNode | undefined

  /** `guess` is left out by `noNode` alone, which points to itself. */
  constructor(fields: ShapeNodeFields, guess?: ShapeNode) {
    this.path = fields.path
    this.words = wordsOf(fields.key)
    this.lastMask = fields.key.length % 4 === 0 ? -1 : (1 << (8 * (fields.key.length % 4))) - 1
    this.keyLength = fields.key.length
    this.wanted = fields.wanted
    this.mark = fields.mark
    this.isRepeatable = fields.isRepeatable
    this.isTime = fields.isTime
    this.next = guess ?? this
    this.nextBefore = guess ?? this
    this.first = guess ?? this
    this.firstBefore = guess ?? this
  }
}

/** Bytes, given as characters, as little-endian numbers of four. */
function wordsOf(text: string): readonly number[] {
  const words: number[] = []
  for (let at = 0; at < text.length; at += 4) {
    let word = 0
    for (let i = Math.min(3, text.length - 1 - at); i >= 0; i -= 1) word = (word << 8) | text.charCodeAt(at + i)
    words.push(word)
  }
  return words
}

/** Stands for "no guess": its empty key matches nothing. */
export const noNode: ShapeNode = new ShapeNode({
  path: '',
  key: '',
  wanted: undefined,
  mark: careful,
  isRepeatable: false,
  isTime: false,
})
