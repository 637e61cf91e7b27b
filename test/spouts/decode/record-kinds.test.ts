/** Each kind of record has one route, and what has none is kept aside. */
import { expect, test } from 'vitest'
import type { RecordKind } from '../../../topology/model/record-kind.ts'
import { decode, type TestRecord } from './records.ts'

interface Expected {
  readonly record: TestRecord
  /** Events, deletes, rejects. */
  readonly counts: readonly [number, number, number]
}

const body = '{"id":"d1"}'
const named = (kind: string, value: string | null = body): TestRecord => ({
  value,
  key: 'k',
  headers: [['spillway-kind', kind]],
})

/** Record<RecordKind, ...>: a kind that is added is missing here, and in the decoder, until it has a row. */
const table: Readonly<Record<RecordKind, readonly Expected[]>> = {
  event: [
    { record: { value: body }, counts: [1, 0, 0] },
    { record: named('event'), counts: [1, 0, 0] },
  ],
  delete: [
    { record: named('delete'), counts: [0, 1, 0] },
    { record: named('delete', null), counts: [0, 0, 1] },
  ],
  tombstone: [
    { record: { value: null, key: 'k' }, counts: [0, 1, 0] },
    { record: named('event', null), counts: [0, 1, 0] },
  ],
}

const spout = { tombstones: 'delete', project: 'shop' } as const

test.each(Object.entries(table))('B22: records of kind %s take their own route', (_, rows) => {
  for (const { record, counts } of rows) {
    const { events, deletes, rejects } = decode([record], spout)
    expect([events.length, deletes.length, rejects.length]).toEqual(counts)
  }
})

test.each(['remove', 'Delete', '', 'tombstone'])('B22: the unknown kind "%s" is a dead letter', (kind) => {
  for (const value of [body, null]) {
    const { events, deletes, rejects } = decode([named(kind, value)], spout)
    expect([events.length, deletes.length, rejects.length]).toEqual([0, 0, 1])
    expect(rejects[0]?.message).toBe(`spillway-kind ${JSON.stringify(kind)} is unknown`)
  }
})

test('B22: a kind without a route does not compile', () => {
  const route = (): void => undefined
  // @ts-expect-error a tombstone has no route
  const routes: Readonly<Record<RecordKind, () => void>> = { event: route, delete: route }
  expect(Object.keys(routes).length).toBe(2)
})
