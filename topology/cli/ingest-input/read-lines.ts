/**
 * NDJSON: one event per line, its bytes untouched. A line that is longer than an event may be is not collected beyond
 * that, so that a file without line breaks costs no memory.
 */
import { eventBytesMax } from '../../model/limits.ts'
import { type InputItem, type InputItems, PartCollector } from './input-item.ts'

const lineFeed = 10
const carriageReturn = 13

export async function* readLines(chunks: AsyncIterable<Uint8Array>): InputItems {
  const collector = new PartCollector(eventBytesMax + 1) // one more for a carriage return
  let line = 1
  for await (const chunk of chunks) {
    const items: InputItem[] = []
    let start = 0
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      const whole = chunk.subarray(start, end)
      items.push(lineItem(collector.byteLength === 0 ? whole : collector.take(whole), line))
      line++
      start = end + 1
    }
    if (start < chunk.length) collector.add(chunk.subarray(start))
    if (items.length > 0) yield items
  }
  if (collector.byteLength > 0) yield [lineItem(collector.take(new Uint8Array(0)), line)]
}

const lineItem = (raw: Uint8Array, line: number): InputItem => {
  const bytes = raw.at(-1) === carriageReturn ? raw.subarray(0, -1) : raw
  if (bytes.length <= eventBytesMax) return { bytes: isBlank(bytes) ? empty : bytes, line }
  return { bytes: empty, line, problem: `is longer than ${eventBytesMax} bytes`, isUnfit: true }
}

const empty = new Uint8Array(0)

const isBlank = (bytes: Uint8Array): boolean => {
  for (const byte of bytes) if (byte !== 32 && byte !== 9 && byte !== carriageReturn) return false
  return true
}
