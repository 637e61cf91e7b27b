/** Events that nobody should send: the schema is what the slow count says, whichever way the events came (DOMAIN section 4). */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { type CollectionSchema, inferSchema, readSchemaState } from '../../../operators/index.ts'
import type { SchemaState } from '../../../operators/infer-schema/schema-state.ts'
import { StateEpoch } from '../../../sinks/rows/state-epoch.ts'
import type { StateDeltas } from '../../../topology/model/operator.ts'
import type { Tuples } from '../../../topology/model/tuples.ts'
import { tuplesOf } from '../../../topology/spouts/decode/tuples-of.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'
import { trueProperties } from '../../oracle/recompute-schema.ts'
import { batchOf, decoderOf } from '../../spouts/decode/records.ts'
import { randomBody } from './given-schemas.ts'

const operator = inferSchema()

const decoded = (texts: readonly string[]): Tuples => {
  const { events, rejects } = decoderOf({}, [], true).decode(batchOf(texts.map((value) => ({ value }))))
  expect(rejects).toEqual([])
  return events
}

const read = (tuples: Tuples, childNames = 10_000): CollectionSchema => {
  const deltas: StateDeltas<SchemaState> = new Map()
  operator.fold(tuples, 1, deltas)
  const states = [...deltas.values()].map(({ state }) => operator.decode(operator.encode(state)))
  return readSchemaState(states, 'clicks', { childNames, publishedPaths: 20_000 })
}

const seen = ({ properties }: CollectionSchema) =>
  Object.fromEntries(Object.entries(properties).map(([path, { type, count, types }]) => [path, { type, count, types }]))

const truth = (texts: readonly string[]) =>
  trueProperties(
    texts.map((text): object => JSON.parse(text)),
    ['keen.timestamp'],
  )

const nested = (levels: number, inner: string, open = '{"a":', close = '}'): string =>
  `${open.repeat(levels)}${inner}${close.repeat(levels)}`
const long = (length: number): string => 'n'.repeat(length)

const hostile: Readonly<Record<string, readonly string[]>> = {
  'a thousand levels of objects': [nested(999, '{"x":1}'), nested(64, '1'), nested(65, '1'), nested(63, '{"y":[]}')],
  'a thousand levels of lists': [
    `{"p":${nested(998, '{"x":1}', '[', ']')}}`,
    `{"p":${nested(62, '{"x":1}', '[', ']')}}`,
  ],
  'long names': [`{"${long(255)}":1,"${long(256)}":2,"a":{"${long(300)}":{"b":[{"c":null}]}}}`],
  'long paths': [nested(12, '{"x":1,"y":{"z":2}}', `{"${long(120)}":`), `{"${long(250)}":{"${long(250)}":{"q":1}}}`],
  'names with signs': ['{"a.b":1,"\\"":2,"c\\\\d":3,"[]":[{"*":4}],"":{"":5},"é":"😀","\\ud83d\\ude00":6,"\\ud800":7}'],
  'names of every object': ['{"__proto__":{"x":1},"constructor":2,"toString":{"valueOf":3},"hasOwnProperty":null}'],
  'numbers as names': ['{"10":1,"9":{"-1":2},"1e3":3,"0":[{"0":4}]}'],
  'a name twice': ['{"a":1,"a":"x","b":{"c":1,"c":{"d":2}}}'],
  'empty objects and lists': ['{"a":{},"b":[],"c":[{}],"d":[[]],"e":{"f":{}}}', '{}'],
  'a list of 100,000 elements': [`{"p":[${Array.from({ length: 50_000 }, (_, i) => `{"x":${i}},"s"`).join(',')}]}`],
  'one path of every type': ['{"a":1}', '{"a":"x"}', '{"a":true}', '{"a":null}', '{"a":[{"b":1}]}', '{"a":{"b":1}}'],
}

describe.each(Object.entries(hostile))('%s', (_name, texts) => {
  test('straight from the log', () => {
    expect(seen(read(decoded(texts)))).toEqual(truth(texts))
  })

  test('behind a bolt that changes every event', () => {
    const events = decoded(texts).events()!
    const changed = texts.map((_, index) => {
      const event = events.event(index)
      return event.withBody(event.body)
    })
    expect(seen(read(tuplesOf(changed)))).toEqual(truth(texts))
  })
})

test.each([1, 2, 3])('random events straight from the log are what the slow count says (seed %i)', (seed) => {
  const random = seededRandom(seed)
  const texts = Array.from({ length: 80 }, () => JSON.stringify(randomBody(() => random.next(), 3)))
  expect(seen(read(decoded(texts)))).toEqual(truth(texts))
})

test('100,000 names in one event are counted together under the event', () => {
  const names = Array.from({ length: 90_000 }, (_, index) => `"${index.toString(36)}":1`)
  const schema = read(decoded([`{${names.join(',')}}`]), 200)
  expect(seen(schema)).toEqual({ '*': { type: 'num', count: 90_000, types: { num: 90_000 } } })
})

/** Bytes of the heap behind a full collection. */
const heapBytes = (): number => {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

const manyNames = (batch: number): readonly string[] =>
  Array.from({ length: 500 }, (_, event) => {
    const names = Array.from({ length: 20 }, (__, index) => `"${batch}_${event}_${index}":1`)
    return `{"counts":{${names.join(',')}}}`
  })

test('an open epoch says what names without number take, so that pressure can close it (I-6)', () => {
  const place = { operator } as ConstructorParameters<typeof StateEpoch<SchemaState>>[0] // nothing is written
  const epoch = new StateEpoch<SchemaState>(place, undefined as never) // nor kept
  const decoder = decoderOf({}, [], true)
  const before = heapBytes()
  // 15 seconds of 10,000 names each.
  for (let batch = 0; batch < 15; batch += 1)
    epoch.add(decoder.decode(batchOf(manyNames(batch).map((value) => ({ value })))).events, 1)
  for (let call = 0; call < 20; call += 1) epoch.heldBytes()
  const taken = heapBytes() - before
  const held = epoch.heldBytes()
  expect(held).toBeGreaterThan(150_000 * 200)
  // The decoder's own names are beside it: at most 32,768 of about 500 bytes.
  expect(taken).toBeLessThan(held + 20_000_000)
  expect(held).toBeLessThan(3 * taken)
})

test('names of collections that went quiet do not keep what the decoder has given up (I-6)', () => {
  const decoder = decoderOf({ collection: { path: 'c' } }, [], true)
  const deltas: StateDeltas<SchemaState> = new Map()
  const before = heapBytes()
  // Each batch fills the names of the decoder, and each is of a collection of its own.
  for (let batch = 0; batch < 8; batch += 1) {
    const text = `{"c":"c${batch}",${Array.from({ length: 33_000 }, (_, index) => `"${batch}_${index}":{}`).join(',')}}`
    operator.fold(decoder.decode(batchOf([{ value: text }])).events, 1, deltas)
  }
  expect(deltas.size).toBeGreaterThanOrEqual(8)
  expect(heapBytes() - before).toBeLessThan(50_000_000)
})
