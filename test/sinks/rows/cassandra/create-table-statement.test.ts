/** The printed statement is the one that makes the table. */
import { expect, test } from 'vitest'
import { createTableStatement, keyShape } from '../../../../sinks/rows/cassandra/create-table-statement.ts'
import { eventTable } from '../../../../sinks/rows/event-table.ts'
import type { TableSpec } from '../../../../topology/model/ports/row-store.ts'

const table: TableSpec = {
  name: "it's@test",
  partition: [{ name: 'keen.project', type: 'text' }],
  cluster: [{ name: 'window_start', type: 'integer' }],
  columns: [
    { name: 'a "mean"', type: 'double' },
    { name: 'is_closed', type: 'boolean' },
    { name: 'sketch', type: 'bytes' },
  ],
}

test('a table of state is printed with quoted names, its key and its whole name', () => {
  expect(createTableStatement(table, {}, 'Shop')).toBe(`CREATE TABLE IF NOT EXISTS "Shop"."itX27sX40test" (
  "keen.project" text,
  "window_start" bigint,
  "a ""mean""" double,
  "is_closed" boolean,
  "sketch" blob,
  PRIMARY KEY (("keen.project"), "window_start")
) WITH comment = 'it''s@test'
  AND compaction = {'class': 'LeveledCompactionStrategy'}
  AND gc_grace_seconds = 864000`)
  expect(keyShape(table)).toBe('(keen.project text), window_start bigint')
})

test('event rows lie in windows of event time, and expire where that is asked for', () => {
  expect(createTableStatement(eventTable('events'))).toContain("'compaction_window_size': '30'}\n  AND gc_grace")
  const short = createTableStatement(eventTable('events'), { ttlSeconds: 60 * 86_400 })
  expect(short).toContain(
    "'TimeWindowCompactionStrategy', 'compaction_window_unit': 'DAYS', 'compaction_window_size': '2'",
  )
  expect(short).toContain('default_time_to_live = 5184000')
})

test('names of the adapter are refused', () => {
  for (const name of ['spillway_ledger', 'spillway_ledger_keys', 'spillway_format']) {
    expect(() => createTableStatement({ ...table, name })).toThrow('the name belongs to the ledger')
  }
})
