/** Deletes of what the log has dropped: the event store has it still, so nothing is left out (I-3). */
import { remove, type TestStep } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { errors } from '../../topology/model/errors.ts'
import { eventId } from '../../topology/model/event-id.ts'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import { offset, partition } from '../../topology/model/position.ts'
import { everySink, everythingIn } from './every-sink.ts'
import { GivenPorts } from './given-ports.ts'
import { orders, startMs } from './orders.ts'

const byId = (...indices: readonly number[]): TestStep => {
  const ids = indices.map((index) => eventId(startMs + index * 7_000, partition(0), offset(index)))
  return remove({ project: 'ann', filters: [{ property_name: 'keen.id', operator: 'in', property_value: ids }] })
}
const byKind = (kind: string): TestStep =>
  remove({ project: 'bob', filters: [{ property_name: 'kind', operator: 'eq', property_value: kind }] })

/** What is left when deletes come after the log has dropped its beginning. */
const leftOf = async (deletes: readonly TestStep[], before: number, rows = (one: RowStore): RowStore => one) => {
  const given = new GivenPorts()
  given.append(orders(0, 60))
  await given.run(everySink)
  given.log.expire(partition(0), offset(before))
  given.append(deletes)
  given.resources = { ...given.resources, rows: rows(given.resources.rows) }
  const run = await given.start(everySink, { untilCaughtUp: true })
  expect(await given.drive(run.ended)).toMatchObject({ state: 'caughtUp' })
  const told = (await Array.fromAsync(run)).filter((one) => one.kind === 'delete').map((one) => one.fields)
  return { told, everything: await everythingIn(given.resources) }
}

const expired = (told: Awaited<ReturnType<typeof leftOf>>['told']): number =>
  told.reduce((sum, fields) => sum + Number(fields?.['expired'] ?? 0), 0)

describe.each(
  Object.entries({
    'by property': [byKind('a')],
    'by id': [byId(3, 30, 57)],
    'of a whole project, and of some of it before': [byId(6), remove({ project: 'ann' })],
  }),
)('a delete %s', (_, deletes) => {
  test.each([20, 60])('takes out what the log had up to %i, as if it were there', async (before) => {
    const wanted = await leftOf(deletes, 0)
    const found = await leftOf(deletes, before)
    expect(found.everything).toEqual(wanted.everything)
    expect(expired(found.told)).toBe(0)
  })
})

test('an event store that fails in the middle is read again from the beginning', async () => {
  let scans = 0
  const failing = (rows: RowStore): RowStore => ({
    name: rows.name,
    ensureTable: (table) => rows.ensureTable(table),
    read: (table, keys) => rows.read(table, keys),
    write: (table, some, stamps) => rows.write(table, some, stamps),
    close: () => rows.close(),
    scan: async function* (table, range) {
      if (table.name === 'store' && [1, 3].includes(scans++))
        throw errors.storeUnavailable({ store: 'rows', reason: 'away' })
      yield* rows.scan(table, range)
    },
  })
  const found = await leftOf([byKind('a')], 60, failing)
  expect(scans).toBeGreaterThan(3)
  expect(found.everything).toEqual((await leftOf([byKind('a')], 0)).everything)
})
