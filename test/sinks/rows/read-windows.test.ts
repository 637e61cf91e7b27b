/** What reading an answer costs: rows in proportion to its cells, and none for an answer that is refused. */
import { describe, expect, test } from 'vitest'
import { count, queryRollup, rollup, sum } from '../../../operators/index.ts'
import { createMemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import { type RollupRead, readAnswer, readRollup } from '../../../sinks/rows/read-rollup.ts'
import { stateLayout, stateTable } from '../../../sinks/rows/state-table.ts'
import type { Row, RowStore } from '../../../topology/model/ports/row-store.ts'
import { rollupRows } from '../../operators/fold-rows.ts'
import { fill, type Order } from './given-orders.ts'

const operator = rollup({
  window: ['1 minute', '1 day'],
  by: ['country'],
  values: { orders: count(), revenue: sum('price') },
})
const sink = 'revenue'
const startMs = Date.parse('2026-01-31T09:00:00Z')
const countries = 10
const minutes = 6 * 60

/** Each country orders each minute of six hours, in two projects. */
const orders = Array.from(
  { length: minutes * countries },
  (_, i): Order => ({
    at: new Date(startMs + Math.floor(i / countries) * 60_000).toISOString(),
    country: `c${i % countries}`,
    price: i,
    project: i % 3 === 0 ? 'other' : 'shop',
  }),
)

const given = async (): Promise<RowStore> => {
  const rows = createMemoryRows()
  await fill(rows, sink, operator, [orders])
  return rows
}

/** The same rows one at a time, and how many were handed over. */
const counted = (rows: RowStore): { readonly store: RowStore; readonly seen: () => number } => {
  let seen = 0
  const store: RowStore = {
    ...rows,
    async *scan(table, range) {
      for await (const page of rows.scan(table, range)) {
        for (const row of page) {
          seen += 1
          yield [row]
        }
      }
    },
  }
  return { store, seen: () => seen }
}

const read = async (rows: RowStore, more: Partial<RollupRead>) =>
  readRollup({ rows, sink, operator, nowMs: 0, ...more })

describe('C9: a dense answer', () => {
  const hour = { project: 'shop', timeframe: '2026-01-31T10:00/2026-01-31T11:00', groupBy: ['country'] }

  test('of a project and a time reads the rows of its cells and no others', async () => {
    const { store, seen } = counted(await given())
    const { result } = await read(store, { ...hour, interval: 'minutely' })
    const cells = Object(result).flatMap(({ value }: { value: unknown[] }) => value)
    const present = cells.filter(({ orders: n }: { orders: number | null }) => n !== null).length
    expect([cells.length, seen()]).toEqual([60 * countries, present])
  })

  test('of twice the time reads twice the rows', async () => {
    const { store, seen } = counted(await given())
    await read(store, { ...hour, interval: 'minutely' })
    const once = seen()
    await read(store, { ...hour, interval: 'minutely', timeframe: '2026-01-31T10:00/2026-01-31T12:00' })
    expect(seen()).toBe(3 * once)
  })

  test('of days reads the rows of days', async () => {
    const { store, seen } = counted(await given())
    await read(store, { project: 'shop', timeframe: '2026-01-31/2026-02-01', interval: 'daily', groupBy: ['country'] })
    expect(seen()).toBe(countries)
  })

  test('is what all rows together say', async () => {
    const tuples = orders.map(({ at, ...body }) => ({ timestamp: Date.parse(at), body, project: body.project }))
    const all = { interval: 'hourly', timeframe: '2026-01-31T08:00/2026-01-31T16:00', groupBy: ['country'], nowMs: 0 }
    expect(await read(await given(), all)).toEqual(queryRollup(operator, rollupRows(operator, tuples), all))
  })
})

describe('C5: an answer with too many cells', () => {
  /** Rows whose states cannot be read: whoever decodes one fails. */
  const sealed = async (): Promise<RowStore> => {
    const rows = createMemoryRows()
    await fill(rows, sink, operator, [orders])
    const { state } = stateLayout(operator)
    const broken = rows.dump(stateTable(sink, operator)).map((row): Row => row.with(state, 'sealed'))
    await rows.write(stateTable(sink, operator), broken, Number.MAX_SAFE_INTEGER)
    return rows
  }
  const asked = { groupBy: ['country'], interval: 'minutely', isStrict: true, limits: { cells: 5 * minutes } }
  const timeframe = '2026-01-31T09:00/2026-01-31T15:00'

  test('is refused from keys, before a state is read, however many rows follow', async () => {
    const { store, seen } = counted(await sealed())
    const refused = read(store, { ...asked, timeframe })
    await expect(refused).rejects.toMatchObject({ publicName: 'QueryTooLargeError' })
    expect(seen()).toBeLessThan(50)
  })

  test('is refused without a timeframe as soon as first and last row say so', async () => {
    const { store } = counted(await sealed())
    await expect(read(store, asked)).rejects.toMatchObject({ publicName: 'QueryTooLargeError' })
  })

  test('is refused before anything is read where its intervals alone are too many', async () => {
    const { store, seen } = counted(await sealed())
    const refused = read(store, { ...asked, timeframe: '2025-01-01/2026-01-01' })
    await expect(refused).rejects.toThrow('more than 2500 intervals')
    expect(seen()).toBe(0)
  })

  test('is answered unfilled where the query is not strict', async () => {
    const rows = await given()
    const answer = await read(rows, { ...asked, timeframe, isStrict: false })
    expect(answer).toMatchObject({ filled: false, reason: 'cells', cells: minutes * countries })
    expect(answer.result).toEqual((await read(rows, { ...asked, timeframe, fill: 'none' })).result)
  })

  test('groups whose events are deleted are not counted', async () => {
    const rows = await given()
    const gone = orders.filter(({ country }) => country !== 'c1')
    await fill(rows, sink, operator, [gone], -1, 2)
    const answer = await readAnswer({ rows, sink, operator, nowMs: 0, ...asked, timeframe })
    expect(answer.groups).toEqual([['c1']])
  })
})

describe('a window with more groups than the rollup keeps', () => {
  const few = rollup({ window: '1 minute', by: ['country'], values: { orders: count() }, groups: 100 })
  const many = Array.from({ length: 300 }, (_, i): Order => ({ at: '2026-01-31T09:00:00Z', country: `c${i}` }))
  const filled = async (cuts: readonly (readonly Order[])[]): Promise<RowStore> => {
    const rows = createMemoryRows()
    await fill(rows, sink, few, cuts)
    return rows
  }
  const asked = { sink, operator: few, nowMs: 0, groupBy: ['country'] }

  test('counts the others together, the same for every cut (I-1)', async () => {
    const whole = await readRollup({ ...asked, rows: await filled([many]) })
    const cut = await readRollup({
      ...asked,
      rows: await filled([many.slice(0, 90), many.slice(90, 150), many.slice(150)]),
    })
    expect(whole).toEqual(cut)
    const others = Object(whole.result).find(({ country }: { country: string }) => country === '(other)')
    expect([Object(whole.result).length, others.orders, whole.other]).toEqual([101, 200, true])
  })

  test('shows of a filtered group what it shows of it without a filter', async () => {
    const rows = await filled([many.slice(0, 100), many.slice(100)])
    const all: { country: string }[] = Object((await readRollup({ ...asked, rows })).result)
    const shown = new Set(all.map(({ country }) => country))
    for (let i = 0; i < 300; i += 17) {
      const where = [{ path: ['country'], operator: 'eq' as const, value: `c${i}` }]
      const { result } = await readRollup({ ...asked, rows, where })
      expect(result).toHaveLength(shown.has(`c${i}`) ? 1 : 0)
    }
  })
})
