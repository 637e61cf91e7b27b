/** What memory adds to the clauses: a dump for tests. */
import { expect, test } from 'vitest'
import { createMemoryRows } from '../../../../sinks/rows/memory/memory-rows.ts'
import { eventRow, eventsTable } from '../sqlite/events-table.ts'

test('a dump gives all rows in the order of their keys', async () => {
  const rows = createMemoryRows()
  expect(rows.dump(eventsTable)).toEqual([])
  await rows.ensureTable(eventsTable)
  await rows.write(eventsTable, [eventRow(10), eventRow(9), eventRow(-1)], 1)
  expect(rows.dump(eventsTable)).toEqual([eventRow(-1), eventRow(9), eventRow(10)])
})
