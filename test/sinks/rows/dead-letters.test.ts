import { expect, test } from 'vitest'
import {
  deadLetterOf,
  deadLetterTable,
  everySink,
  findDeadLetters,
  listDeadLetters,
  markRedriven,
  type RejectedRecord,
  writeDeadLetters,
} from '../../../sinks/rows/dead-letters.ts'
import { createMemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import { catalogueOfPartitions } from '../../../sinks/rows/partition-catalogue.ts'
import { offset } from '../../../topology/model/position.ts'
import type { LogRecord } from '../../../topology/model/record.ts'
import { all } from './given-events.ts'

const rejected: RejectedRecord = {
  topology: 'shop',
  spout: 'events',
  partition: 0,
  sink: everySink,
  topic: 'orders',
  project: 'shop',
  cause: 'InvalidEventError',
  message: 'the value is no JSON object',
  attempts: 1,
}

const record = (at: number, text: string | null = '{"a'): LogRecord => {
  const bytes = Buffer.from(`..${text ?? ''}..`)
  const start = text === null ? -1 : 2
  const end = text === null ? -1 : bytes.length - 2
  return { offset: offset(at), appendTimeMs: 1_700_000_000_000, key: 'k', headers: [['h', 'ö']], bytes, start, end }
}

const store = async () => {
  const rows = createMemoryRows()
  for (const table of [deadLetterTable, catalogueOfPartitions]) await rows.ensureTable(table)
  return rows
}

test('dead letters: a letter keeps position, cause, raw bytes, key and headers', async () => {
  const rows = await store()
  const letter = deadLetterOf(record(7), rejected)
  await writeDeadLetters(rows, [letter])
  const [found] = await findDeadLetters(rows, { ...rejected, offset: 7 })
  expect({ ...found, raw: [...found!.raw] }).toEqual({ ...letter, raw: [...letter.raw] })
  expect(new TextDecoder().decode(found?.raw)).toBe('{"a')
  expect([found?.atMs, found?.key, found?.headers]).toEqual([1_700_000_000_000, 'k', [['h', 'ö']]])
})

test('dead letters: a null value has no bytes, a long one is cut with a note (I-6)', () => {
  expect(deadLetterOf(record(1, null), rejected).raw).toHaveLength(0)
  const long = deadLetterOf(record(1, 'x'.repeat(70_000)), rejected)
  expect([long.raw.length, long.isTruncated]).toEqual([65_536, true])
})

test('dead letters: long keys, headers, messages and projects are cut too, since no store takes them whole (I-6)', () => {
  const long = 'x'.repeat(70_000)
  const given = { ...record(1), key: long, headers: [['h', long]] as const }
  const letter = deadLetterOf(given, { ...rejected, message: long, project: long })
  expect([letter.isTruncated, letter.key?.length, letter.headers]).toEqual([true, 101, []])
  expect([letter.message.length, letter.project?.length]).toEqual([1_001, 256])
})

test('dead letters: a repeated write changes nothing (I-2)', async () => {
  const rows = await store()
  const letters = Array.from({ length: 150 }, (_, at) => deadLetterOf(record(at), rejected))
  await writeDeadLetters(rows, letters)
  const before = rows.dump(deadLetterTable)
  await writeDeadLetters(rows, letters.toReversed())
  expect(rows.dump(deadLetterTable)).toEqual(before)
})

test('dead letters: a redrive leaves its mark, also when a lane writes the letter again later', async () => {
  const rows = await store()
  const letter = deadLetterOf(record(7), rejected)
  await writeDeadLetters(rows, [letter])
  await markRedriven(rows, letter, 5)
  await writeDeadLetters(rows, [letter])
  expect((await all(listDeadLetters(rows, 'shop'))).map((one) => one.redrivenAtMs)).toEqual([5])
})

test('dead letters: lists keep to a topology, a look-up finds the letters of every sink', async () => {
  const rows = await store()
  await writeDeadLetters(rows, [
    deadLetterOf(record(7), { ...rejected, sink: 'a' }),
    deadLetterOf(record(7), { ...rejected, sink: 'b' }),
    deadLetterOf(record(8), { ...rejected, topology: 'other' }),
  ])
  expect(await all(listDeadLetters(rows, 'other'))).toHaveLength(1)
  expect((await findDeadLetters(rows, { ...rejected, offset: 7 })).map((one) => one.sink)).toEqual(['a', 'b'])
})
