/**
 * The fast path of the decoder: one pass over the bytes of a record that checks everything, marks where the wanted values
 * are and notes the shape, without building anything.
 *
 * Whatever it says yes to, `JSON.parse` of the same bytes as strict UTF-8 says yes to, with the marked values at the wanted
 * paths. It says no to what it cannot settle at once (`careful` names, names with escapes, duplicate names, odd numbers,
 * deep nesting, everything invalid): the slow path then judges the record from scratch. So an error here costs time, not
 * truth, except where it says yes; the fuzz tests look there.
 *
 * Every method takes a place in the bytes and gives the place behind what it has read, -1 for no. Places stay in local
 * variables: that is half of the speed.
 */
import { isPlainByte, jsonBytes, kindByFirstByte, kindOf } from './json-bytes.ts'
import { careful, noNode, type ShapeNode } from './shape-node.ts'
import { countedNameMax, hasNames, type ShapeTrie } from './shape-trie.ts'
import { type NumberLimits, skipNumber, skipWord } from './skip-number.ts'
import { skipBlanks, skipOddString } from './skip-odd-string.ts'

/** DOMAIN section 2: the schema collapses below; KNOBS: `schema.depthLevels`. */
export const shapeLevelsMax = 64

export interface ScanLimits extends NumberLimits {
  /** Longer strings (in bytes) are looked at by the slow path. */
  readonly stringBytesMax: number
}

export class JsonScanner {
  /** Per slot: the kind of its value in the record scanned last (`kindOf.none`: absent) and its bytes `[start, end)`. */
  readonly kinds: Uint8Array
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** Per slot: 1 for a string with escapes or characters outside ASCII, at any depth of the value. */
  readonly odds: Uint8Array
  /** Codes of the records scanned since `restart`. */
  codes: Int32Array = new Int32Array(1024)
  codeCount = 0
  readonly #limits: ScanLimits
  readonly #notesShapes: boolean
  #trie: ShapeTrie
  #bytes: Uint8Array = new Uint8Array(0)
  #view: DataView = new DataView(new ArrayBuffer(0))
  #end = 0
  #serial = 0
  #nameEnd = 0
  /** Odd strings met in this record. */
  #oddCount = 0
  /** Per code: number of the record that noted it last. */
  #noted: number[] = []
  #record = 0

  constructor(trie: ShapeTrie, options: { slots: number; notesShapes: boolean; limits: ScanLimits }) {
    this.#trie = trie
    this.#limits = options.limits
    this.#notesShapes = options.notesShapes
    this.kinds = new Uint8Array(options.slots)
    this.starts = new Int32Array(options.slots)
    this.ends = new Int32Array(options.slots)
    this.odds = new Uint8Array(options.slots)
  }

  /** Begins a batch: codes are counted from 0 again, in the names of `trie`. */
  restart(trie: ShapeTrie): void {
    if (trie !== this.#trie) {
      this.#noted = []
      this.#record = 0
      this.#serial = 0
    }
    this.#trie = trie
    this.codeCount = 0
  }

  /** Whether the numbers of objects are about to leave the small integers: another trie begins from 0. */
  isWorn(): boolean {
    return this.#serial > 2 ** 30
  }

  /** Notes a code of the record scanned last, or judged by the slow path, once. */
  note(code: number): void {
    if (this.#noted[code] === this.#record) return
    while (this.#noted.length <= code) this.#noted.push(-1)
    this.#noted[code] = this.#record
    if (this.codeCount === this.codes.length) this.#growCodes(1)
    this.codes[this.codeCount++] = code
  }

  /** Scans a record. `false`: only the slow path can judge it; marks and codes are as if it had not been scanned. */
  scan(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#bytes !== bytes) this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#bytes = bytes
    this.#end = end
    this.#record += 1
    this.kinds.fill(kindOf.none)
    this.#oddCount = 0
    const codesBefore = this.codeCount
    // A property takes 4 bytes at least, so that the hot loop needs no check.
    if (this.codes.length - codesBefore < (end - start) >> 2) this.#growCodes(end - start)
    const open = skipBlanks(bytes, start, end)
    let at = bytes[open] === jsonBytes.openObject ? this.#object(open + 1, this.#trie.root, 1) : -1
    if (at >= 0) at = skipBlanks(bytes, at, end)
    if (at === end) return true
    this.kinds.fill(kindOf.none)
    this.codeCount = codesBefore
    this.#record += 1
    return false
  }

  #growCodes(more: number): void {
    const grown = new Int32Array(2 * (this.codes.length + more))
    grown.set(this.codes)
    this.codes = grown
  }

  /** The members of an object, from behind its brace on. */
  #object(from: number, node: ShapeNode, level: number): number {
    const bytes = this.#bytes
    this.#serial += 1
    const serial = this.#serial
    let at = from
    let before = noNode
    let guess = node.first
    if (bytes[at] !== jsonBytes.quote) {
      at = skipBlanks(bytes, at, this.#end)
      if (bytes[at] === jsonBytes.closeObject) return at + 1
    }
    for (;;) {
      let behind = this.#match(at, guess)
      if (behind < 0) {
        guess = this.#findName(at, node, before)
        if (guess === noNode) return -1
        behind = this.#nameEnd
      }
      if (guess.stamp === serial) return -1
      guess.stamp = serial
      at = this.#member(behind, guess, level)
      if (at < 0) return -1
      if (bytes[at] !== jsonBytes.comma) return bytes[at] === jsonBytes.closeObject ? at + 1 : -1
      at += 1
      if (bytes[at] !== jsonBytes.quote) at = skipBlanks(bytes, at, this.#end)
      before = guess
      guess = guess.next
    }
  }

  /** Compares a name in its quotes with what is guessed, four bytes at a time. */
  #match(from: number, guess: ShapeNode): number {
    const words = guess.words
    const last = from + 4 * words.length - 4
    // Behind a name come a colon, a value and a brace: a record that ends so soon is not valid.
    if (last < from || last + 4 > this.#end) return -1
    const view = this.#view
    let i = 0
    for (let at = from; at < last; at += 4) if (view.getInt32(at, true) !== words[i++]) return -1
    return (view.getInt32(last, true) & guess.lastMask) === words[i] ? from + guess.keyLength : -1
  }

  /** Finds the property of a name that was not the guess and remembers it as the next guess. */
  #findName(from: number, node: ShapeNode, before: ShapeNode): ShapeNode {
    const isFirst = before === noNode
    const second = isFirst ? node.firstBefore : before.nextBefore
    this.#nameEnd = this.#match(from, second)
    const found = this.#nameEnd < 0 ? this.#readName(from, node) : second
    if (isFirst) {
      node.firstBefore = node.first
      node.first = found
    } else {
      before.nextBefore = before.next
      before.next = found
    }
    return found
  }

  #readName(from: number, node: ShapeNode): ShapeNode {
    const bytes = this.#bytes
    if (bytes[from] !== jsonBytes.quote || !hasNames(node)) return noNode
    const end = this.#string(from + 1)
    // Names with escapes go the slow way; so do names and paths that may be too long.
    if (end < 0 || end - from - 2 > countedNameMax) return noNode
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset + from + 1, end - from - 2)
    if (buffer.includes(jsonBytes.backslash)) return noNode
    this.#nameEnd = end
    return this.#trie.child(node, buffer.toString('utf8'))
  }

  /** A property from behind its name, through the blanks behind its value. */
  #member(from: number, child: ShapeNode, level: number): number {
    const bytes = this.#bytes
    let at = from
    if (bytes[at] !== jsonBytes.colon) {
      at = skipBlanks(bytes, at, this.#end)
      if (bytes[at] !== jsonBytes.colon) return -1
    }
    at += 1
    let first = bytes[at]!
    if (first <= jsonBytes.blank) {
      at = skipBlanks(bytes, at, this.#end)
      first = bytes[at]!
    }
    const kind = kindByFirstByte[first]!
    const oddBefore = this.#oddCount
    const behind = this.#value(at, kind, child, level)
    if (behind < 0) return -1
    if (this.#notesShapes && kind !== kindOf.object) this.#noteShape(child, kind)
    if (child.mark !== -1) {
      if (child.mark === careful) return -1
      this.kinds[child.mark] = kind
      this.starts[child.mark] = at
      this.ends[child.mark] = behind
      this.odds[child.mark] = this.#oddCount === oddBefore ? 0 : 1
    }
    return bytes[behind]! <= jsonBytes.blank ? skipBlanks(bytes, behind, this.#end) : behind
  }

  #noteShape(node: ShapeNode, kind: number): void {
    const code = node.lastKind === kind ? node.lastCode : this.#trie.code(node, kind)
    if (node.isRepeatable) this.note(code)
    else this.codes[this.codeCount++] = code
  }

  #value(at: number, kind: number, node: ShapeNode, level: number): number {
    switch (kind) {
      case kindOf.string:
        return this.#string(at + 1)
      case kindOf.num:
        return skipNumber(this.#bytes, at, this.#end, this.#limits)
      case kindOf.object:
        return level < shapeLevelsMax ? this.#object(at + 1, node, level + 1) : -1
      case kindOf.list:
        return level < shapeLevelsMax ? this.#list(at + 1, node, level + 1) : -1
      default:
        return skipWord(this.#bytes, at)
    }
  }

  #list(from: number, node: ShapeNode, level: number): number {
    const bytes = this.#bytes
    let at = skipBlanks(bytes, from, this.#end)
    if (bytes[at] === jsonBytes.closeList) return at + 1
    const elements = this.#trie.elements(node)
    for (;;) {
      at = this.#value(at, kindByFirstByte[bytes[at]!]!, elements, level)
      if (at < 0) return -1
      if (bytes[at]! <= jsonBytes.blank) at = skipBlanks(bytes, at, this.#end)
      if (bytes[at] !== jsonBytes.comma) return bytes[at] === jsonBytes.closeList ? at + 1 : -1
      at = skipBlanks(bytes, at + 1, this.#end)
    }
  }

  /** A string from behind its opening quote on. */
  #string(from: number): number {
    const bytes = this.#bytes
    const end = this.#end
    let at = this.#plain(from)
    while (at < end && isPlainByte[bytes[at]!] === 1) at += 1
    let behind = at + 1
    if (bytes[at] !== jsonBytes.quote) {
      this.#oddCount += 1
      behind = skipOddString(bytes, at, end)
    }
    return behind - from > this.#limits.stringBytesMax ? -1 : behind
  }

  /**
   * Steps over plain bytes four at a time, to the first other byte or near the end. In each byte of `odd` the high bit
   * says: not ASCII, or a quote, a backslash, a control character (a subtraction below zero). A borrow can only spoil
   * bytes above one that says so itself, and only the lowest counts.
   */
  #plain(from: number): number {
    const view = this.#view
    const safe = this.#end - 3
    let at = from
    while (at < safe) {
      const word = view.getInt32(at, true)
      const quotes = (word ^ 0x22222222) - 0x01010101
      const backslashes = (word ^ 0x5c5c5c5c) - 0x01010101
      const odd = (word | quotes | backslashes | (word - 0x20202020)) & 0x80808080
      if (odd !== 0) return at + ((31 - Math.clz32(odd & -odd)) >> 3)
      at += 4
    }
    return at
  }
}
