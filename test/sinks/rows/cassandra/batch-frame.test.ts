/** The bytes of a batch are those that the driver itself would send. */
import { createRequire } from 'node:module'
import driver from 'cassandra-driver'
import { expect, test } from 'vitest'
import { BatchFrame } from '../../../../sinks/rows/cassandra/batch-frame.ts'
import type { Cell, ColumnSpec } from '../../../../topology/model/ports/row-store.ts'

const load = createRequire(import.meta.url)
const { BatchRequest } = load('cassandra-driver/lib/requests.js')
const Encoder = load('cassandra-driver/lib/encoder.js')

const id = Buffer.from('0123456789abcdef')
const { dataTypes, consistencies, unset } = driver.types
const codes = {
  text: dataTypes.text,
  integer: dataTypes.bigint,
  double: dataTypes.double,
  boolean: dataTypes.boolean,
  bytes: dataTypes.blob,
}
const types: readonly ColumnSpec['type'][] = ['text', 'integer', 'double', 'boolean', 'bytes', 'text', 'text']

const rows: readonly (readonly (Cell | undefined)[])[] = [
  ['p', 1, 1.5, true, new Uint8Array([1, 2]), null, undefined],
  ['naïve 😀 \ud800', -1, -1e300, false, new Uint8Array(0), '', 'x'.repeat(5_000)],
  ['', Number.MAX_SAFE_INTEGER, 0, true, new Uint8Array(3_000), null, null],
  ['\0', Number.MIN_SAFE_INTEGER, Number.MIN_VALUE, true, new Uint8Array(1), 'z', undefined],
  ['', 2 ** 31, 0, true, new Uint8Array(1), 'z', undefined],
  ['', -(2 ** 32), 0, true, new Uint8Array(1), 'z', undefined],
]

const addRow = (frame: BatchFrame, row: readonly (Cell | undefined)[]): void => {
  frame.begin(row.length)
  for (const [index, cell] of row.entries()) {
    if (cell === undefined) frame.unset()
    else if (cell === null) frame.null()
    else frame.cell(types[index]!, cell)
  }
}

const expected = (version: number, some: typeof rows): Buffer => {
  const options = {
    getOrGenerateTimestamp: () => null,
    getHints: () => null,
    isBatchCounter: () => false,
    isBatchLogged: () => false,
    isQueryTracing: () => false,
    getCustomPayload: () => null,
    getConsistency: () => consistencies.localQuorum,
    getSerialConsistency: () => null,
    getKeyspace: () => null,
  }
  const boundOf = (cell: Cell | undefined, index: number): unknown => {
    if (cell === undefined) return unset
    if (cell instanceof Uint8Array) return Buffer.from(cell)
    return types[index] === 'integer' ? driver.types.Long.fromNumber(Number(cell)) : cell
  }
  const meta = { columns: types.map((type) => ({ type: { code: codes[type] } })) }
  const queries = some.map((row) => ({ queryId: id, meta, params: row.map(boundOf) }))
  return new BatchRequest(queries, options).write(new Encoder(version, {}), 77)
}

// 0x42: the second version of DSE, whose flags are wider.
test.each([4, 0x42])('version %i of the protocol', (version) => {
  const frame = new BatchFrame(64)
  for (const row of rows) addRow(frame, row)
  const bytes = frame.finish(id, version, 77, consistencies.localQuorum)
  expect(Buffer.compare(bytes, expected(version, rows))).toBe(0)
  if (version === 4) expect(frame.bodyBytes(id)).toBe(bytes.length - 9)
})

test('a row that is taken back leaves nothing, and a frame can be used again', () => {
  const frame = new BatchFrame(64)
  for (const row of rows) addRow(frame, row)
  frame.reset()
  addRow(frame, rows[0]!)
  addRow(frame, rows[1]!)
  frame.takeBack()
  expect([frame.statements, frame.isFull]).toEqual([1, false])
  expect(Buffer.compare(frame.finish(id, 4, 77, consistencies.localQuorum), expected(4, rows.slice(0, 1)))).toBe(0)
})
