import { expect, test } from 'vitest'
import type { NewRecord } from '../../../topology/model/record.ts'
import { crc32c } from '../../../topology/spouts/kafka/crc32c.ts'
import { encodedBytesMost, encodeRecordBatch, stampBatch } from '../../../topology/spouts/kafka/encode-record-batch.ts'
import { reading, values } from './given-batches.ts'

test('the checksum is CRC-32C', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
  expect(crc32c(Buffer.from('xx12345678x'), 2, 10)).toBe(crc32c(Buffer.from('12345678')))
})

test('what is encoded is decoded, at every length where numbers grow by a byte', async () => {
  const sizes = [0, 1, 63, 64, 8_191, 8_192, 100_000, 1_048_576]
  const records = sizes.map(
    (size): NewRecord => ({
      key: size === 1 ? null : 'k'.repeat(Math.min(size, 9_000)),
      headers: size === 0 ? [] : [['ünï', '🦦'.repeat(Math.min(size, 70))]],
      value: size === 63 ? null : Buffer.alloc(size, 'v'),
    }),
  )
  const bytes = encodeRecordBatch(records, 1_700_000_000_123)
  expect(bytes.length).toBeLessThanOrEqual(records.reduce((sum, record) => sum + encodedBytesMost(record), 61))
  const given = { bytes, start: 0, end: bytes.length, logEnd: 0, aborted: [] }
  const found = (await reading(given).read(1e9)).records
  expect(found.map(({ key }) => key)).toEqual(records.map(({ key }) => key))
  expect(found.map(({ headers }) => headers)).toEqual(records.map(({ headers }) => headers))
  expect(values(found)).toEqual(records.map(({ value }) => value?.toString() ?? null))
  expect(found.every(({ appendTimeMs }) => appendTimeMs === 1_700_000_000_123)).toBe(true)
})

test('a stamp changes who sends the batch, and its checksum', () => {
  const bytes = encodeRecordBatch([{ key: null, headers: [], value: Buffer.from('a') }], 0)
  stampBatch(bytes, { producerId: 77n, producerEpoch: 3, sequence: 12 })
  expect([bytes.readBigInt64BE(43), bytes.readInt16BE(51), bytes.readInt32BE(53)]).toEqual([77n, 3, 12])
  expect(bytes.readUInt32BE(17)).toBe(crc32c(bytes.subarray(21)))
})
