/** Rows in a real Cassandra keep every clause of the row store. */
import { describe, expect, test } from 'vitest'
import { eventTable } from '../../../../sinks/rows/event-table.ts'
import type { Row, TableSpec } from '../../../../topology/model/ports/row-store.ts'
import { scanAll, shelf } from '../../../../topology/testing/conformance/row-store/fixtures.ts'
import { rowStoreClauses } from '../../../../topology/testing/conformance/row-store.ts'
import { cassandra, ownKeyspace } from './with-keyspace.ts'

describe.skipIf(cassandra === undefined)('rows in cassandra', () => {
  const own = ownKeyspace()

  test.each(rowStoreClauses.map((clause) => [clause.name, clause] as const))('%s', (_name, clause) =>
    clause.run(async () => {
      await own.empty()
      return (await own.open()).rows
    }),
  )

  test('two processes that create one table at once both can use it', async () => {
    const stores = await Promise.all([own.open(), own.open(), own.open()])
    const wider: TableSpec = {
      ...shelf,
      name: 'at_once',
      columns: [...shelf.columns, { name: 'pages', type: 'integer' }],
    }
    const tables = [{ ...shelf, name: 'at_once' }, wider, wider]
    await Promise.all(stores.map(({ rows }, index) => rows.ensureTable(tables[index]!)))
    await stores[0]!.rows.write(tables[0]!, [['a', 1, 1, 'l', 'one']], 1)
    await stores[1]!.rows.write(wider, [['a', 1, 2, 'l', 'two', 7]], 1)
    expect(await scanAll(stores[2]!.rows, wider)).toEqual([
      ['a', 1, 1, 'l', 'one', null],
      ['a', 1, 2, 'l', 'two', 7],
    ])
  })

  test('a null of an event row takes nothing away and leaves no tombstone', async () => {
    const { rows } = await own.open()
    const table = eventTable('events')
    await rows.ensureTable(table)
    const row = (body: string, dead: number | null): Row => [
      'p',
      'c',
      '2026-01-01T00Z',
      0,
      0,
      'id',
      's',
      1,
      1,
      body,
      dead,
      dead === null ? null : '',
    ]
    await rows.write(table, [row('', 9)], 5)
    await rows.write(table, [row('late', null)], 4)
    await rows.write(table, [row('', null)], 6)
    expect(await scanAll(rows, table)).toEqual([row('', 9)])
    const written = `SELECT writetime(dead) AS at FROM "${own.keyspace}".events`
    expect(String((await own.client.execute(written)).first()['at'])).toBe('5')
  })

  test('rows of many partitions and sizes come back, batch by batch', async () => {
    const { rows } = await own.open({
      knob: (name) => ({ 'rows.batchBytes': 2_000, 'rows.inFlightRequests': 3 })[name] ?? 5_000,
    })
    await rows.ensureTable(shelf)
    const all = Array.from(
      { length: 900 },
      (_, index): Row => [`r${index % 7}`, 1, index, 'l', 'x'.repeat((index * 37) % 5_000)],
    )
    await rows.write(shelf, all, 3)
    const found = await rows.read(
      shelf,
      all.map((row) => row.slice(0, 4)),
    )
    expect(found).toEqual(all)
  })

  test('leading cells narrow a scan, though Cassandra must read the whole table for it', async () => {
    const { rows } = await own.open()
    const table = { ...shelf, name: 'leading' }
    await rows.ensureTable(table)
    await rows.write(
      table,
      [
        ['a', 1, 1, 'l', ''],
        ['a', 2, 1, 'l', ''],
        ['b', 1, 1, 'l', ''],
      ],
      1,
    )
    const found = await scanAll(rows, table, { partition: ['a'] })
    expect(found.map((row) => row[1]).toSorted()).toEqual([1, 2])
  })

  test('a key that Cassandra cannot hold is refused with its length', async () => {
    const { rows } = await own.open()
    await rows.ensureTable(shelf)
    const long = 'x'.repeat(70_000)
    await expect(rows.write(shelf, [[long, 1, 1, 'l', '']], 1)).rejects.toMatchObject({ publicName: 'rowsShape' })
    await expect(rows.write(shelf, [['a', 1, 1, long, '']], 1)).rejects.toThrow('a key of 70000 bytes')
  })

  test('a reader changes nothing, and reads what is there', async () => {
    const { rows } = await own.open({ mode: 'read' })
    const table = { ...shelf, name: 'not_there' }
    await rows.ensureTable(table)
    expect(await scanAll(rows, table)).toEqual([])
  })

  test('event rows expire where a time to live is asked for, state does not', async () => {
    const { rows } = await own.open({ ttlSeconds: 1_000 })
    for (const table of [eventTable('short'), shelf]) await rows.ensureTable(table)
    await rows.write(eventTable('short'), [['p', 'c', 'h', 0, 0, 'id', 's', 1, 1, 'body', null, null]], 5)
    const left = (await own.client.execute(`SELECT ttl(body) AS left FROM "${own.keyspace}".short`)).first()['left']
    expect(left).toBeGreaterThan(900)
    const longer = await own.open({ ttlSeconds: 2_000 })
    await longer.rows.ensureTable(eventTable('short'))
    const query =
      'SELECT default_time_to_live AS life FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?'
    const lifeOf = async (table: string): Promise<unknown> =>
      (await own.client.execute(query, [own.keyspace, table], { prepare: true })).first()['life']
    expect([await lifeOf('short'), await lifeOf('shelf')]).toEqual([2_000, 0])
  })
})
