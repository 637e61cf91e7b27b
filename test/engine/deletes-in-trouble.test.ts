/** Deletes whose source is gone, whose store fails, or whose owner ends: nobody waits for them in vain (I-3, I-9). */
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { tableRows } from 'spillway/sinks'
import { crashableResources, remove } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { deletesTable } from '../../topology/engine/shell/delete-rows.ts'
import { errors } from '../../topology/model/errors.ts'
import { eventId } from '../../topology/model/event-id.ts'
import type { DeleteEntry, DeleteText, LedgerDocument } from '../../topology/model/ledger-document.ts'
import type { Ledger } from '../../topology/model/ports/ledger.ts'
import { offset, partition } from '../../topology/model/position.ts'
import type { Resources, RunOutcome } from '../../topology/model/run-handle.ts'
import { GivenPorts } from './given-ports.ts'
import { orders, startMs } from './orders.ts'

const shop = defineTopology('shop', (t) => {
  t.spout('events', log())
    .bolt('by', rollup({ window: '1 day', values: { orders: count() } }))
    .sink('totals', tableRows())
})
const key = { topology: 'shop', spout: 'events', partition: 0 }
const forget = (id: string, project: string): ReturnType<typeof remove> => remove({ id, project })
const byId = (id: string, event: string): ReturnType<typeof remove> =>
  remove({ id, project: 'ann', filters: [{ property_name: 'keen.id', operator: 'eq', property_value: event }] })

const totalOf = async (given: GivenPorts): Promise<number> =>
  (await given.read(shop).rows('totals')).reduce((sum, row) => sum + Number(row['orders']), 0)

const deletesOf = async (given: GivenPorts): Promise<object[]> => {
  const run = await given.start(shop)
  await given.drive(run.stop())
  return run.status().deletes.map(({ id, state, remaining }) => ({ id, state, remaining }))
}

const hasTurn = (doc: LedgerDocument): boolean =>
  doc.sinks['totals']?.slots.some((slot) => slot.turn?.startsWith('D')) === true

const around = (ledger: Ledger, compareAndSet: Ledger['compareAndSet']): Ledger => ({
  read: (one) => ledger.read(one),
  keys: (topology) => ledger.keys(topology),
  close: () => ledger.close(),
  compareAndSet,
})

/** Ten orders, four of them ann's: all durable. */
const tenOrders = async (): Promise<GivenPorts> => {
  const given = new GivenPorts()
  given.append(orders(0, 10))
  await given.run(shop)
  return given
}

describe('a source that retention has dropped', () => {
  test('is left out: what the log still has is taken out, the rest is told, and later deletes go on', async () => {
    const given = await tenOrders()
    given.log.expire(partition(0), offset(5))
    given.append([forget('first', 'ann')])
    const run = await given.start(shop, { untilCaughtUp: true })
    expect(await given.drive(run.ended)).toMatchObject({ state: 'caughtUp', error: undefined })
    const told = (await Array.fromAsync(run)).filter((one) => one.kind === 'delete')
    expect(told).toMatchObject([{ level: 'warn', fields: { offset: 10, retracted: 2, expired: 5 } }])
    given.append([...orders(10, 12), forget('second', 'bob')])
    expect(await given.run(shop)).toMatchObject({ state: 'caughtUp' })
    const partial = { state: 'partial', remaining: 0 }
    expect(await deletesOf(given)).toEqual([
      { id: 'first', ...partial },
      { id: 'second', ...partial },
    ])
    // Of bob's eight, 1, 2 and 4 are gone from the log; of ann's four, 0 and 3.
    expect(await totalOf(given)).toBe(5)
  })

  test('does not touch a delete by id whose event the log still has, or whose event lies in another partition', async () => {
    const given = await tenOrders()
    given.log.expire(partition(0), offset(5))
    given.append([byId('here', eventId(startMs + 42_000, partition(0), offset(6)))])
    given.append([byId('elsewhere', eventId(startMs, partition(3), offset(0)))])
    expect(await given.run(shop)).toMatchObject({ state: 'caughtUp' })
    expect((await deletesOf(given)).map((one) => Object.values(one))).toEqual([
      ['here', 'done', 0],
      ['elsewhere', 'done', 0],
    ])
    expect(await totalOf(given)).toBe(9)
  })

  test('is left out of an epoch that another owner has declared; its turn comes free', async () => {
    const given = await tenOrders()
    given.append([forget('first', 'ann')])
    await dieWithTurn(given)
    given.log.expire(partition(0), offset(5))
    given.append(orders(10, 12))
    expect(await given.run(shop)).toMatchObject({ state: 'caughtUp' })
    expect(await deletesOf(given)).toEqual([{ id: 'first', state: 'partial', remaining: 0 }])
    expect(await totalOf(given)).toBe(10)
  })
})

/** Runs until a delete holds a turn, and dies before anything of its epoch is written. */
const dieWithTurn = async (given: GivenPorts): Promise<void> => {
  const { resources } = given
  const { ledger } = resources
  const watched = around(ledger, async (one, expected, next) => {
    const answer = await ledger.compareAndSet(one, expected, next)
    if (hasTurn(next)) ports.crash()
    return answer
  })
  const ports = crashableResources({ ...resources, ledger: watched })
  given.resources = ports
  await given.drive(Promise.race([given.start(shop), ports.crashed]).then(() => ports.crashed))
  given.resources = resources
}

test('the log keeps what an unfinished delete has still to read; what it drops then is noted', async () => {
  const given = await tenOrders()
  const released: number[] = []
  given.log.release = async (_, before) => void released.push(before)
  const run = await given.start(shop)
  run.pause('totals')
  given.append([forget('first', 'ann')])
  await given.pass(11_000)
  run.resume('totals')
  await given.pass(11_000)
  expect([...new Set(released)]).toEqual([0, 11])
  given.log.expire(partition(0), offset(5))
  await given.pass(11_000)
  await given.drive(run.stop())
  expect(await given.resources.ledger.read(key)).toMatchObject({ start: 5 })
})

/** Rows that cannot be written while a delete holds the turn. */
const failingWithTurn = ({ rows, ledger }: Resources): Resources['rows'] => ({
  name: rows.name,
  ensureTable: (table) => rows.ensureTable(table),
  read: (table, keys) => rows.read(table, keys),
  scan: (table, range) => rows.scan(table, range),
  close: () => rows.close(),
  write: async (table, written, stamps) => {
    const doc = await ledger.read(key)
    if (table.name === 'totals' && hasTurn(doc!)) throw errors.rowsShape({ table: 'totals', reason: 'broken' })
    return rows.write(table, written, stamps)
  },
})

test('a delete that stops with the turn in its hands stops the lanes of its sink: a bounded run ends', async () => {
  const given = await tenOrders()
  given.append([forget('first', 'ann'), ...orders(10, 600)])
  given.resources = { ...given.resources, rows: failingWithTurn(given.resources) }
  const outcome: RunOutcome = await given.run(shop, { knobs: { 'epoch.records': 50, 'batch.records': 50 } })
  expect(outcome).toMatchObject({ state: 'failed', error: { code: 'SPW-0304' } })
})

const storeText = async ({ resources }: GivenPorts, text: DeleteText): Promise<string> => {
  await resources.rows.write(deletesTable, [['shop', 'events', 0, 'by hand', JSON.stringify(text)]], 1)
  return 'by hand'
}

test('an owner finishes the delete that holds a turn before it begins an earlier one (I-9)', async () => {
  const given = await tenOrders()
  given.append([forget('first', 'ann')])
  await dieWithTurn(given)
  const { ledger } = given.resources
  const doc = (await ledger.read(key))!
  const held = { ...doc.deletes[0]!, n: 1 }
  const waiting = { state: 'waiting', todo: [], at: 0, declared: null, seq: 0, retracted: 0 } as const
  const text = { records: [{ offset: 9, request: { id: 'earlier', project: 'nobody', allowScan: true } }], refused: [] }
  const stored = await storeText(given, text)
  const earlier: DeleteEntry = { ...held, n: 0, offsets: [[9, 10]], stored, work: { totals: waiting } }
  const slots = doc.sinks['totals']!.slots.map((slot) => (slot.turn === null ? slot : { ...slot, turn: 'D1:totals' }))
  const sinks = { totals: { ...doc.sinks['totals']!, slots } }
  const changed = { ...doc, ver: doc.ver + 1, nextDelete: 2, sinks, deletes: [earlier, held] }
  await ledger.compareAndSet(key, doc.ver, changed)
  expect(await given.run(shop)).toMatchObject({ state: 'caughtUp' })
  expect(await totalOf(given)).toBe(6)
})

test('a stop does not wait for the turn of a delete that nobody goes on with', async () => {
  const given = await tenOrders()
  const { resources } = given
  const stopping: Promise<RunOutcome>[] = []
  const lossy = around(resources.ledger, async (one, expected, next) => {
    const answer = await resources.ledger.compareAndSet(one, expected, next)
    if (!hasTurn(next) || stopping.length > 0) return answer
    stopping.push(run.stop())
    throw errors.storeUnavailable({ store: 'ledger', reason: 'reply lost' })
  })
  given.resources = { ...resources, ledger: lossy }
  const knobs = { 'epoch.ageMs': 60_000, 'shutdown.drainMs': 30_000, 'delete.coalesceMs': 0 }
  const run = await given.start(shop, { knobs })
  given.append([forget('first', 'ann'), ...orders(10, 12)])
  const beganMs = given.clock.nowMs()
  await given.pass(2_000)
  expect(await given.drive(stopping[0]!)).toMatchObject({ state: 'stopped' })
  expect(given.clock.nowMs() - beganMs).toBeLessThan(10_000)
  given.resources = resources
  expect(await given.run(shop)).toMatchObject({ state: 'caughtUp' })
  expect(await totalOf(given)).toBe(8)
})
