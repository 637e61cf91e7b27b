/** What the readers find through the catalogue of partitions, in a real Cassandra: every scan is of one partition. */
import { describe, expect, test } from 'vitest'
import { count, rollup } from '../../../../operators/index.ts'
import { objects } from '../../../../sinks/objects/objects.ts'
import { readObjects } from '../../../../sinks/objects/read-objects.ts'
import {
  deadLetterOf,
  deadLetterTable,
  listDeadLetters,
  writeDeadLetters,
} from '../../../../sinks/rows/dead-letters.ts'
import { readEvents } from '../../../../sinks/rows/read-events.ts'
import { readRollup } from '../../../../sinks/rows/read-rollup.ts'
import { offset } from '../../../../topology/model/position.ts'
import { apply as archive, archiveOn, epochOf, retract } from '../../objects/given-objects.ts'
import { apply } from '../given-events.ts'
import { fill } from '../given-orders.ts'
import { wholePartitions } from '../whole-partitions.ts'
import { cassandra, ownKeyspace } from './with-keyspace.ts'

const record = (at: number) =>
  ({ offset: offset(at), appendTimeMs: 0, key: null, headers: [], bytes: Buffer.of(), start: 0, end: 0 }) as const

describe.skipIf(cassandra === undefined)('readers in cassandra', () => {
  const own = ownKeyspace()

  test('a rollup of two projects, and events of all', async () => {
    const { rows } = await own.open()
    const perMinute = rollup({ window: '1 minute', by: ['country'], values: { orders: count() } })
    const at = '2026-01-31T09:00:00Z'
    const orders = ['shop', 'other'].map((project) => ({ at, project, country: 'se', price: 1 }))
    await fill(rows, 'orders', perMinute, [orders])
    const asked = { rows: wholePartitions(rows), sink: 'orders', operator: perMinute, nowMs: 0 }
    expect(await readRollup(asked)).toMatchObject({ result: { orders: 2 } })
    expect(await readRollup({ ...asked, project: 'shop' })).toMatchObject({ result: { orders: 1 } })
    await apply(rows, [{ offset: 0 }, { offset: 1, project: 'ö/other' }])
    expect(await Array.fromAsync(readEvents({ rows: wholePartitions(rows), sink: 'events' }))).toHaveLength(2)
  })

  test('dead letters and objects come by place', async () => {
    const { rows } = await own.open()
    for (const table of [deadLetterTable, ...objects().tables('archive', undefined)]) await rows.ensureTable(table)
    const rejected = { topology: 'demo', spout: 'events', sink: 'a', topic: 't', project: undefined, cause: 'c' }
    const places = [
      [2, 1],
      [2, 2 ** 40],
      [10, 3],
    ] as const
    const letters = places.map(([partition, at]) =>
      deadLetterOf(record(at), { ...rejected, partition, message: '', attempts: 1 }),
    )
    await writeDeadLetters(rows, letters)
    const listed = await Array.fromAsync(listDeadLetters(wholePartitions(rows), 'demo'))
    expect(listed.map((one) => [one.partition, one.offset])).toEqual(places)
    const place = await archiveOn({ rows: wholePartitions(rows) })
    const starts = [0, 70_000, 2 ** 33]
    for (const from of starts) await archive(place, [{ offset: from }], epochOf(from, from + 1))
    await retract(place, [{ offset: 70_000 }], epochOf(0, 2 ** 34))
    const found = await Array.fromAsync(readObjects({ rows: wholePartitions(rows), topology: 'demo' }))
    expect(found.map((object) => [object.from, object.count])).toEqual(
      starts.map((from) => [from, from === 70_000 ? 0 : 1]),
    )
  })
})
