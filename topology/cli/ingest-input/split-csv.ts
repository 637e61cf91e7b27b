/**
 * Cuts CSV into records at the line ends outside quotes. A record that is broken or too long is told with the line where
 * it begins, and the next one is read as if nothing had been: no row is lost with its neighbour.
 *
 * Keeps no more of a record than an event may be long, so that a quote that is never closed costs no memory.
 */
import { isUtf8 } from 'node:buffer'
import { eventBytesMax } from '../../model/limits.ts'
import { type InputItem, type InputItems, PartCollector } from './input-item.ts'

const lineFeed = 10
const carriageReturn = 13
const quote = 34
const comma = 44

/** Records as they are written; a blank line is one without bytes. */
export async function* splitCsv(chunks: AsyncIterable<Uint8Array>): InputItems {
  const splitter = new CsvSplitter()
  for await (const chunk of chunks) yield splitter.push(chunk)
  yield splitter.end()
}

/** Where in a cell the next byte stands: at its beginning, inside, between quotes, behind a quote that may close it, or at
 * the end of a line that a carriage return announces. */
type Place = 'start' | 'plain' | 'quoted' | 'closing' | 'ending'

class CsvSplitter {
  readonly #parts = new PartCollector(eventBytesMax + 1) // one more for a carriage return
  #lineEnd: number | undefined
  #place: Place = 'start'
  #problem: string | undefined
  #line = 1
  #startLine = 1

  push(chunk: Uint8Array): readonly InputItem[] {
    this.#lineEnd ??= lineEndOf(chunk)
    const items: InputItem[] = []
    let start = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!
      if (byte === lineFeed || byte === this.#lineEnd) {
        this.#line++
        if (this.#place === 'quoted') continue
        items.push(this.#take(chunk.subarray(start, at)))
        start = at + 1
      } else this.#step(byte)
    }
    if (start < chunk.length) this.#parts.add(chunk.subarray(start))
    return items
  }

  end(): readonly InputItem[] {
    if (this.#place === 'quoted') this.#problem = 'a quote is opened here and never closed'
    return this.#parts.byteLength > 0 ? [this.#take(nothing)] : []
  }

  #step(byte: number): void {
    if (this.#place === 'quoted') {
      if (byte === quote) this.#place = 'closing'
    } else if (byte === carriageReturn && this.#place === 'closing') this.#place = 'ending'
    else if (byte === quote && this.#place !== 'ending') this.#meetQuote()
    else if (byte === comma && this.#place !== 'ending') this.#place = 'start'
    else {
      if (this.#place === 'closing' || this.#place === 'ending') this.#problem ??= 'text stands behind a closing quote'
      this.#place = 'plain'
    }
  }

  /** Two quotes within quotes are one that belongs to the text. */
  #meetQuote(): void {
    if (this.#place === 'plain') this.#problem ??= 'a quote stands inside a cell that is not quoted'
    else this.#place = 'quoted'
  }

  #take(last: Uint8Array): InputItem {
    const raw = this.#parts.take(last)
    const bytes = raw.at(-1) === carriageReturn ? raw.subarray(0, -1) : raw
    const line = this.#startLine
    const problem = this.#problem ?? (isUtf8(bytes) ? undefined : 'the row is not UTF-8')
    this.#startLine = this.#line
    this.#place = 'start'
    this.#problem = undefined
    if (bytes.length > eventBytesMax)
      return { bytes: nothing, line, problem: `is longer than ${eventBytesMax} bytes`, isUnfit: true }
    return problem === undefined ? { bytes, line } : { bytes, line, problem }
  }
}

const nothing = new Uint8Array(0)

/** A lone carriage return where the first line ends with one, as old spreadsheets write; a line feed ends a line always. */
const lineEndOf = (chunk: Uint8Array): number => {
  const at = chunk.findIndex((byte) => byte === lineFeed || byte === carriageReturn)
  const isLone = chunk[at] === carriageReturn && at + 1 < chunk.length && chunk[at + 1] !== lineFeed
  return isLone ? carriageReturn : lineFeed
}
