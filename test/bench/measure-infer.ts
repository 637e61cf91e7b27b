/**
 * What parse and inference cost together beside a plain loop that parses the same bytes in memory: rounds in turn, and
 * the fastest of each counts.
 */
import { createRequire } from 'node:module'
import { inferSchema } from 'spillway/operators'
import { offset, partition } from '../../topology/model/position.ts'
import type { LogRecord, RecordBatch } from '../../topology/model/record.ts'
import { createDecoder } from '../../topology/spouts/decode/create-decoder.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { makeEvent } from './bench-events.ts'

export interface InferCost {
  readonly events: number
  readonly parseMs: number
  /** Decoding and folding. */
  readonly inferMs: number
  /** `inferMs` over `parseMs`. */
  readonly ratio: number
}

/** Events of a shop, all alike; or webhook payloads, 58 collections of deep and wide events mixed at random. */
export type InferInput = 'shop' | 'webhooks'

const rounds = 3
// As the engine hands them over.
const batchRecords = 500
const fetchBytes = 1_048_576

export const measureInfer = (input: InferInput = 'shop', events = input === 'shop' ? 500_000 : 50_000): InferCost => {
  const batches = batchesOf(input === 'shop' ? shopTexts() : webhookTexts())
  let parseMs = Number.POSITIVE_INFINITY
  let inferMs = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round += 1) {
    parseMs = Math.min(
      parseMs,
      timed(() => parseAll(batches, events)),
    )
    inferMs = Math.min(
      inferMs,
      timed(() => inferAll(batches, events)),
    )
  }
  return { events, parseMs, inferMs, ratio: inferMs / parseMs }
}

const timed = (work: () => void): number => {
  const before = performance.now()
  work()
  return performance.now() - before
}

/** The same events again and again, until there were so many. */
const eachBatch = (batches: readonly RecordBatch[], events: number, use: (batch: RecordBatch) => void): void => {
  for (let done = 0, next = 0; done < events; next = (next + 1) % batches.length) {
    use(batches[next]!)
    done += batches[next]!.records.length
  }
}

const parseAll = (batches: readonly RecordBatch[], events: number): void => {
  let members = 0
  eachBatch(batches, events, ({ records }) => {
    for (const { bytes, start, end } of records) {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8', start, end)
      const body: object = JSON.parse(text)
      members += 'sender' in body ? 1 : 0
    }
  })
  if (members < 0) throw new RangeError('the loop was left out')
}

const inferAll = (batches: readonly RecordBatch[], events: number): void => {
  const decoder = createDecoder({ spout: {}, topic: 'events', wanted: { paths: [], shapes: true } })
  const operator = inferSchema()
  const deltas = new Map()
  eachBatch(batches, events, (batch) => operator.fold(decoder.decode(batch).events, 1, deltas))
}

interface NamedText {
  readonly collection: string
  readonly text: string
}

const shopTexts = (): readonly NamedText[] => {
  const random = seededRandom(20_260_101)
  return Array.from({ length: 5_000 }, (_, index) => ({
    collection: 'purchases',
    text: makeEvent(index, () => random.next()),
  }))
}

const webhookTexts = (): readonly NamedText[] => {
  const require = createRequire(import.meta.url)
  const list: readonly {
    readonly name: string
    readonly examples: readonly object[]
  }[] = require('@octokit/webhooks-examples')
  const random = seededRandom(20_260_101)
  return list
    .flatMap(({ name, examples }) => examples.map((body) => ({ collection: name, text: JSON.stringify(body) })))
    .map((one) => ({ one, place: random.next() }))
    .sort((left, right) => left.place - right.place)
    .map(({ one }) => one)
}

const batchesOf = (texts: readonly NamedText[]): readonly RecordBatch[] => {
  const batches: RecordBatch[] = []
  for (let from = 0; from < texts.length; ) {
    let [to, size] = [from, 0]
    for (; to < texts.length && to - from < batchRecords && size < fetchBytes; to += 1) size += texts[to]!.text.length
    batches.push(batchOf(texts.slice(from, to)))
    from = to
  }
  return batches
}

const batchOf = (texts: readonly NamedText[]): RecordBatch => {
  const values = texts.map(({ text }) => Buffer.from(text))
  const bytes = Buffer.concat(values)
  let end = 0
  const records = values.map((value, index): LogRecord => {
    const start = end
    end += value.length
    const headers = [
      ['project', 'shop'],
      ['collection', texts[index]!.collection],
    ] as const
    return { offset: offset(index), appendTimeMs: 0, key: 'shop', headers, bytes, start, end }
  })
  return { partition: partition(0), from: offset(0), to: offset(texts.length), records, byteLength: end }
}
