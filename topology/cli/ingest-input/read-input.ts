/**
 * Opens one input of `ingest` and tells its format: by the option, else by `.csv`, else by the first byte: `[` begins a
 * JSON array, `{` NDJSON. Where neither is there, an input whose first line holds a comma is CSV unless its name says
 * otherwise.
 */
import { createReadStream } from 'node:fs'
import { extname } from 'node:path'
import type { InputItems } from './input-item.ts'
import { readArray } from './read-array.ts'
import { readLines } from './read-lines.ts'

export const inputFormats = ['ndjson', 'array', 'csv'] as const
export type InputFormat = (typeof inputFormats)[number]

// Large reads keep the number of turns of the event loop per event low.
const chunkBytes = 1_048_576

/** `name` for messages and its ending, `open` once. */
export interface InputSource {
  readonly name: string
  open(): AsyncIterable<Uint8Array>
}

export const fileSource = (name: string, path: string): InputSource => ({
  name,
  open: () => createReadStream(path, { highWaterMark: chunkBytes }),
})

export async function* readInput(source: InputSource, given: InputFormat | undefined): InputItems {
  const iterator = source.open()[Symbol.asyncIterator]()
  try {
    const first = await iterator.next()
    if (first.done === true) return
    const head = withoutByteOrderMark(first.value)
    const chunks = chained(head, iterator)
    const format = given ?? formatOf(source.name, head)
    if (format === 'csv') {
      const { readCsv } = await import('./read-csv.ts')
      yield* readCsv(chunks)
    } else yield* format === 'array' ? readArray(chunks) : readLines(chunks)
  } finally {
    await iterator.return?.()
  }
}

async function* chained(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  yield head
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}

const withoutByteOrderMark = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes

const formatOf = (name: string, head: Uint8Array): InputFormat => {
  const ending = extname(name).toLowerCase()
  if (ending === '.csv') return 'csv'
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 65_536)).toString('latin1').trimStart()
  if (text.startsWith('[')) return 'array'
  if (text.startsWith('{') || ['.ndjson', '.jsonl', '.json'].includes(ending)) return 'ndjson'
  return text.slice(0, text.indexOf('\n') < 0 ? undefined : text.indexOf('\n')).includes(',') ? 'csv' : 'ndjson'
}
