/**
 * Opens one input of `ingest` and tells its format: by the option, else by `.csv`, else by the first byte: `[` begins a
 * JSON array, `{` NDJSON. Where neither is there, an input whose first line holds a comma is CSV unless its name says
 * otherwise.
 */
import { createReadStream } from 'node:fs'
import { extname } from 'node:path'
import { encodingProblem } from './encoding-problem.ts'
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
    const first = await readHead(iterator)
    const problem = encodingProblem(source.name, first)
    if (problem !== undefined) {
      yield [{ bytes: new Uint8Array(0), line: 1, problem, isUnfit: true }]
      return
    }
    const head = withoutByteOrderMark(first)
    if (head.length === 0) return
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

// A first line longer than this tells nothing more.
const headBytes = 65_536

/** As much of the beginning as tells the format: to the end of the first line that is not blank. */
const readHead = async (iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array> => {
  const parts: Uint8Array[] = []
  let byteLength = 0
  while (byteLength < headBytes) {
    const next = await iterator.next()
    if (next.done === true) break
    parts.push(next.value)
    byteLength += next.value.length
    // Anchored: else a long line without an end would be looked through from each of its characters.
    const isTold = byteLength > 3 && /^\s*\S[^\n]*\n/.test(Buffer.concat(parts).toString('latin1', 0, headBytes))
    if (isTold) break
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
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
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, headBytes))
    .toString('latin1')
    .trimStart()
  if (text.startsWith('[')) return 'array'
  if (text.startsWith('{') || ['.ndjson', '.jsonl', '.json'].includes(ending)) return 'ndjson'
  return text.slice(0, text.indexOf('\n') < 0 ? undefined : text.indexOf('\n')).includes(',') ? 'csv' : 'ndjson'
}
