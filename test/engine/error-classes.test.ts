/** Each class of error has one answer: `retry` waits and repeats, `reject` leaves the record out, `stop` stops the lane. */
import { map } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { eventRows, tableRows } from 'spillway/sinks'
import { createFaultyEventLog, createFaultyRowStore, remove, seededRandom } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { errors } from '../../topology/model/errors.ts'
import type { Event } from '../../topology/model/event.ts'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import { offset, partition } from '../../topology/model/position.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { GivenPorts } from './given-ports.ts'
import { bad, order, orders } from './orders.ts'

/** A picky branch beside one that takes everything. */
const topologyOf = (pick: (event: Event) => Event): Topology =>
  defineTopology('shop', (t) => {
    const events = t.spout('events', log())
    events.sink('store', eventRows())
    events
      .bolt('picky', map(pick))
      .bolt('by_kind', rollup({ window: '1 day', by: ['kind'], values: { orders: count() } }))
      .sink('totals', tableRows())
  })

const plain: Topology = topologyOf((event) => event)
const numberOf = (event: Event): number => Number(event.body['number'])

const totalOf = async (given: GivenPorts): Promise<number> =>
  (await given.read(plain).rows('totals')).reduce((sum, row) => sum + Number(row['orders']), 0)

const storedIn = async (given: GivenPorts): Promise<number> => {
  const result = given.read(plain)
  return (await result.events('store', 'new')).length + (await result.events('store', 'old')).length
}

describe('C11: reject', () => {
  const picky = topologyOf((event) => {
    if (numberOf(event) % 7 === 3) throw new Error(`number ${numberOf(event)}`)
    return event
  })

  test('a record that a bolt fails on is kept with cause and raw bytes; everything else is applied (I-2)', async () => {
    const given = new GivenPorts()
    given.append(orders(0, 20))
    expect(await given.run(picky)).toMatchObject({ state: 'caughtUp', deadLetters: 3 })
    const letters = await given.read(picky).deadLetters()
    expect(letters.map((one) => [one.offset, one.sink, one.cause, one.message])).toEqual([
      [3, 'totals', 'BoltError', 'bolt picky: number 3'],
      [10, 'totals', 'BoltError', 'bolt picky: number 10'],
      [17, 'totals', 'BoltError', 'bolt picky: number 17'],
    ])
    expect(JSON.parse(new TextDecoder().decode(letters[0]!.raw))).toMatchObject({ number: 3 })
    expect([await totalOf(given), await storedIn(given)]).toEqual([17, 20])
  })

  test('a record that is no event is kept once for all sinks, and counted once', async () => {
    const given = new GivenPorts()
    given.append([order(0), bad('{'), order(1)])
    expect(await given.run(plain)).toMatchObject({ records: 3, deadLetters: 1 })
    expect(await given.read(plain).deadLetters()).toMatchObject([{ offset: 1, sink: '*', cause: 'InvalidEventError' }])
    expect([await totalOf(given), await storedIn(given)]).toEqual([2, 2])
  })

  test('more than half of 100 records is no poison: the lane stops, nothing was skipped, other sinks go on', async () => {
    const broken = topologyOf((event) => {
      if (numberOf(event) % 5 > 1) throw new Error('a bug')
      return event
    })
    const given = new GivenPorts()
    given.append(orders(0, 150))
    const outcome = await given.run(broken)
    expect(outcome.state).toBe('failed')
    expect(outcome.error).toMatchObject({ code: 'SPW-0402' })
    expect([await totalOf(given), await storedIn(given)]).toEqual([0, 150])
    expect(await given.read(broken).deadLetters()).toEqual([])
    await given.run(plain)
    expect(await totalOf(given)).toBe(150)
  })

  test('a lane that stops ends no run that lives on: the other sinks take what comes', async () => {
    const broken = topologyOf(() => {
      throw new Error('a bug')
    })
    const given = new GivenPorts()
    given.append(orders(0, 150))
    const run = await given.start(broken)
    run.caughtUp.catch(() => undefined)
    await given.drive(given.clock.sleep(10_000))
    given.append(orders(150, 160))
    await given.drive(given.clock.sleep(5_000))
    expect(run.status().state).toBe('running')
    expect(await storedIn(given)).toBe(160)
    expect(await given.drive(run.stop())).toMatchObject({ state: 'failed' })
  })

  test('a bolt that fails on a batch but on none of its records is not a function of the record: class stop', async () => {
    let calls = 0
    const moody = topologyOf((event) => {
      calls += 1
      if (calls === 5) throw new Error('moody')
      return event
    })
    const given = new GivenPorts()
    given.append(orders(0, 10))
    const outcome = await given.run(moody)
    expect(outcome.error).toMatchObject({ code: 'SPW-0401' })
    expect(await storedIn(given)).toBe(10)
  })
})

describe('C11: retry', () => {
  test('a bolt that says retry is asked again', async () => {
    let failures = 3
    const waiting = topologyOf((event) => {
      if (failures-- > 0) throw errors.storeUnavailable({ store: 'lookup', reason: 'away' })
      return event
    })
    const given = new GivenPorts()
    given.append(orders(0, 10))
    expect(await given.run(waiting)).toMatchObject({ state: 'caughtUp', deadLetters: 0 })
    expect(await totalOf(given)).toBe(10)
  })

  test('a bolt that says retry while a delete takes its events out again is asked again (I-3)', async () => {
    let failures = 0
    const waiting = topologyOf((event) => {
      if (failures-- > 0) throw errors.storeUnavailable({ store: 'lookup', reason: 'away' })
      return event
    })
    const given = new GivenPorts()
    given.append(orders(0, 10))
    await given.run(waiting)
    given.append([remove({ project: 'ann' })])
    failures = 3
    expect(await given.run(waiting)).toMatchObject({ state: 'caughtUp' })
    expect([await totalOf(given), await storedIn(given)]).toEqual([6, 6])
  })

  test.each([
    ['stores that refuse', errors.storeUnavailable({ store: 'rows', reason: 'away' })],
    ['a full disk', errors.diskFull({ path: 'rows.db' })],
  ])('%s are asked again until they take the rows, told in one line', async (_, error) => {
    const given = new GivenPorts()
    given.append(orders(0, 10))
    given.resources = { ...given.resources, rows: refusing(given.resources.rows, 'totals', 4, error) }
    const run = await given.start(plain, { untilCaughtUp: true })
    expect(await given.drive(run.ended)).toMatchObject({ state: 'caughtUp' })
    const told = (await Array.fromAsync(run)).filter((one) => one.kind === 'retrying')
    expect(told.map((one) => one.text)).toEqual([`sink totals: ${error.message}`])
    expect(await totalOf(given)).toBe(10)
  })

  test('log and rows that fail now and then only make it slower (I-9)', async () => {
    const given = new GivenPorts()
    given.append(orders(0, 40))
    const random = seededRandom(5)
    const faults = { reads: 0.3, empty: 0.2, short: 0.3 }
    const chances = { before: 0.2, after: 0.2 }
    const rows = createFaultyRowStore({ store: given.resources.rows, random, chances })
    const faultyLog = createFaultyEventLog(given.log, { random, faults, clock: given.clock })
    given.resources = { ...given.resources, rows, logs: { default: faultyLog } }
    expect(await given.run(plain)).toMatchObject({ state: 'caughtUp' })
    Object.assign(rows.chances, { before: 0, after: 0 })
    expect([await totalOf(given), await storedIn(given)]).toEqual([40, 40])
  })
})

describe('C11: stop', () => {
  test('offsets that the log has dropped stop the lanes', async () => {
    const given = new GivenPorts()
    given.append(orders(0, 10))
    await given.run(plain)
    given.append(orders(10, 20))
    given.log.expire(partition(0), offset(15))
    const outcome = await given.run(plain)
    expect(outcome).toMatchObject({ state: 'failed', error: { code: 'SPW-0201' } })
    expect(await totalOf(given)).toBe(10)
  })

  test('a log that ends before what was read of it is not taken for caught up, but told with both numbers (I-1)', async () => {
    const given = new GivenPorts()
    given.append(orders(0, 10))
    await given.run(plain)
    given.log.truncate(partition(0), offset(7))
    const refused = {
      code: 'SPW-0202',
      message: 'offset 10 of events/0 is beyond the end 7: the log was truncated or made anew',
    }
    await expect(given.run(plain)).rejects.toMatchObject(refused)
  })

  test('a sink that cannot write stops alone; the others go on to the end', async () => {
    const given = new GivenPorts()
    given.append(orders(0, 10))
    const problem = errors.rowsShape({ table: 'totals', reason: 'of another program' })
    given.resources = { ...given.resources, rows: refusing(given.resources.rows, 'totals', 1_000, problem) }
    expect(await given.run(plain)).toMatchObject({ state: 'failed', error: { code: 'SPW-0304' } })
    expect(await storedIn(given)).toBe(10)
  })
})

/** Refuses the first writes of a table. */
const refusing = (rows: RowStore, name: string, count: number, error: Error): RowStore => {
  let left = count
  return {
    name: rows.name,
    ensureTable: (table) => rows.ensureTable(table),
    read: (table, keys) => rows.read(table, keys),
    scan: (table, range) => rows.scan(table, range),
    close: () => rows.close(),
    write: async (table, written, stamps) => {
      if (table.name === name && left-- > 0) throw error
      return rows.write(table, written, stamps)
    },
  }
}
