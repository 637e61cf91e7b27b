/**
 * A JSON array of events, cut into its elements without building it: the scanner knows strings and nesting, nothing
 * else, and the bytes of an element pass through untouched. Whether an element is JSON is judged where lines are.
 */
import { eventBytesMax } from '../../model/limits.ts'
import { type InputItem, type InputItems, PartCollector } from './input-item.ts'

const lineFeed = 10
const quote = 34
const comma = 44
const openList = 91
const backslash = 92
const closeList = 93
const openObject = 123
const closeObject = 125

const isSpace = (byte: number): boolean => byte === 32 || byte === 9 || byte === 10 || byte === 13

export async function* readArray(chunks: AsyncIterable<Uint8Array>): InputItems {
  const scanner = new ArrayScanner()
  for await (const chunk of chunks) {
    const items = scanner.scan(chunk)
    if (items.length > 0) yield items
  }
  const rest = scanner.end()
  if (rest.length > 0) yield rest
}

class ArrayScanner {
  readonly #collector = new PartCollector(eventBytesMax)
  /** 0 before the list, 1 between its elements, more inside of one. */
  #depth = 0
  #isInString = false
  #isEscaped = false
  #isOver = false
  /** No list at all: one problem, and the rest is not looked at. */
  #isBroken = false
  #hasElement = false
  #awaitsElement = false
  #line = 1
  #elementLine = 1
  #items: InputItem[] = []

  scan(chunk: Uint8Array): readonly InputItem[] {
    this.#items = []
    if (this.#isBroken) return this.#items
    let start = 0
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index]!
      if (byte === lineFeed) this.#line++
      if (this.#isInString) {
        this.#inString(byte)
        continue
      }
      if (isSpace(byte) && !this.#hasElement) {
        start = index + 1
        continue
      }
      if (this.#depth === 0 && byte !== openList && !this.#isOver) {
        this.#isBroken = true
        this.#refuse('is no JSON array')
        return this.#items
      }
      if (this.#isEnd(byte)) {
        this.#finish(chunk.subarray(start, index), byte)
        start = index + 1
      } else this.#inElement(byte)
    }
    if (this.#hasElement && start < chunk.length) this.#collector.add(chunk.subarray(start))
    return this.#items
  }

  end(): readonly InputItem[] {
    this.#items = []
    if (this.#hasElement) this.#finish(none, comma)
    if (!this.#isOver && !this.#isBroken) this.#refuse('the list does not end')
    return this.#items
  }

  #inString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false
    else if (byte === backslash) this.#isEscaped = true
    else if (byte === quote) this.#isInString = false
  }

  /** Whether the byte ends an element: a comma or the bracket between the elements; the opening bracket begins the list. */
  #isEnd(byte: number): boolean {
    if (this.#depth === 0) return byte === openList && !this.#isOver
    return this.#depth === 1 && (byte === comma || byte === closeList)
  }

  #inElement(byte: number): void {
    if (!this.#hasElement) {
      this.#hasElement = true
      this.#elementLine = this.#line
    }
    if (byte === quote) this.#isInString = true
    else if (byte === openList || byte === openObject) this.#depth++
    else if ((byte === closeList || byte === closeObject) && this.#depth > 1) this.#depth--
  }

  #finish(last: Uint8Array, byte: number): void {
    if (this.#depth === 0 && byte === openList) {
      this.#depth = 1
      return
    }
    if (this.#hasElement) this.#push(this.#collector.take(last))
    else if (byte === comma || this.#awaitsElement) this.#refuse('an element is missing')
    this.#hasElement = false
    this.#awaitsElement = byte === comma
    if (byte === closeList) {
      this.#depth = 0
      this.#isOver = true
    }
  }

  #push(raw: Uint8Array): void {
    let end = raw.length
    while (end > 0 && isSpace(raw[end - 1]!)) end--
    const line = this.#elementLine
    if (this.#isOver) this.#items.push({ bytes: none, line, problem: 'stands behind the list', isUnfit: true })
    else if (end > eventBytesMax)
      this.#items.push({ bytes: none, line, problem: `is longer than ${eventBytesMax} bytes`, isUnfit: true })
    else this.#items.push({ bytes: raw.subarray(0, end), line })
  }

  #refuse(problem: string): void {
    this.#items.push({ bytes: none, line: this.#line, problem, isUnfit: true })
  }
}

const none = new Uint8Array(0)
