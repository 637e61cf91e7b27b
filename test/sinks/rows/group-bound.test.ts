/** A rollup with more groups than it keeps: what is written, and that the answer is one for every cut. */
import { beforeEach, describe, expect, test } from 'vitest'
import { count, countUnique, rollup, sum } from '../../../operators/index.ts'
import { hashOfGroup } from '../../../operators/rollup/group-edge.ts'
import { createMemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import { readRollup } from '../../../sinks/rows/read-rollup.ts'
import { stateTable } from '../../../sinks/rows/state-table.ts'
import type { RowStore } from '../../../topology/model/ports/row-store.ts'
import { seeded, shuffled } from '../../../topology/testing/conformance/operator-under-test.ts'
import { fill, type Order } from './given-orders.ts'

const sink = 'revenue'
const groups = 100
const operator = rollup({
  window: '1 hour',
  by: ['country'],
  groups,
  values: { orders: count(), revenue: sum('price'), prices: countUnique('price') },
})

const at = '2026-01-31T09:15:10Z'
/** Two orders of each of 400 countries, among them all that have the smallest hashes. */
const orders: readonly Order[] = Array.from({ length: 800 }, (_, i) => ({
  at,
  country: `c${i % 400}`,
  price: (i * 7) % 64,
}))
const smallest = (list: readonly Order[]): ReadonlySet<string> =>
  new Set(
    [...new Set(list.map(({ country }) => country!))]
      .sort((left, right) => hashOfGroup(JSON.stringify([left])) - hashOfGroup(JSON.stringify([right])))
      .slice(0, groups),
  )

/** The slow way: groups beyond the bound count together. */
const expected = (list: readonly Order[], kept = smallest(list)): readonly unknown[] => {
  const found = new Map<string, Order[]>()
  for (const order of list) {
    const name = kept.has(order.country!) ? order.country! : '(other)'
    found.set(name, [...(found.get(name) ?? []), order])
  }
  return [...found]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([country, of]) => ({
      country,
      orders: of.length,
      revenue: of.reduce((total, { price }) => total + price!, 0),
      prices: new Set(of.map(({ price }) => price)).size,
    }))
}

const answer = async (rows: RowStore): Promise<unknown> =>
  (await readRollup({ rows, sink, operator, groupBy: ['country'], nowMs: 0 })).result

let rows: RowStore
beforeEach(() => {
  rows = createMemoryRows()
})

const mainRows = async (slot?: number): Promise<number> => {
  let found = 0
  for await (const page of rows.scan(stateTable(sink, operator)))
    for (const row of page) if (row[5] === 0 && (slot === undefined || row[8] === slot)) found += 1
  return found
}

describe('more groups than are kept', () => {
  test.each([1, 2, 3])('are those with the smallest hashes and (other), whatever the cut: seed %i', async (seed) => {
    const random = seeded(seed)
    const list = shuffled(orders, random)
    for (let from = 0, seq = 1; from < list.length; seq += 1) {
      const size = 1 + Math.floor(random() * 300)
      const part = list.slice(from, from + size)
      const middle = Math.floor(part.length * random())
      await fill(rows, sink, operator, [part.slice(0, middle), part.slice(middle)], 1, seq)
      from += size
    }
    expect(await answer(rows)).toEqual(expected(orders))
  })

  test('leave a bounded number of rows, however many epochs bring new ones', async () => {
    for (let seq = 1; seq <= 40; seq += 1) {
      const fresh = Array.from({ length: 100 }, (_, i) => ({ at, country: `g${seq * 100 + i}`, price: 1 }))
      await fill(rows, sink, operator, [fresh], 1, seq)
    }
    // 100 x (1 + ln(4000 / 100)) are met below the edge while it falls.
    expect(await mainRows(0)).toBeLessThan(650)
  })

  test('are left out of the epoch that brings them, and of the one that takes them away', async () => {
    await fill(rows, sink, operator, [orders])
    expect(await mainRows()).toBe(groups + 1)
    await fill(rows, sink, operator, [orders.slice(0, 500)], -1, 2)
    expect(await mainRows()).toBe(groups + 1)
  })

  test('are measured with those that are there already and those that come', async () => {
    const early = orders.slice(0, 80)
    await fill(rows, sink, operator, [early], 1, 1)
    await fill(rows, sink, operator, [orders.slice(80)], 1, 2)
    const beyond = early.filter(({ country }) => !smallest(orders).has(country!))
    expect(await mainRows()).toBe(groups + beyond.length + 1)
  })

  test('that leave again leave from where they had gone (I-3)', async () => {
    const [early, late] = [orders.slice(0, 250), orders.slice(250)]
    await fill(rows, sink, operator, [early], 1, 1)
    await fill(rows, sink, operator, [late], 1, 2)
    await fill(rows, sink, operator, [early], -1, 3)
    expect(await answer(rows)).toEqual(expected(late, smallest(orders)))
    await fill(rows, sink, operator, [late], -1, 4)
    expect(await answer(rows)).toEqual([])
  })

  test('are told as such', async () => {
    await fill(rows, sink, operator, [orders])
    const grouped = await readRollup({ rows, sink, operator, groupBy: ['country'], nowMs: 0 })
    expect(grouped).toMatchObject({ other: true, approximate: ['prices'] })
    const { result } = await readRollup({ rows, sink, operator, nowMs: 0 })
    expect(result).toMatchObject({ orders: 800 })
  })
})

test('up to the bound every group is its own, and other windows do not count', async () => {
  const few = orders.filter(({ country }) => Number(country!.slice(1)) < 100)
  const hours = ['2026-01-31T09:15:10Z', '2026-01-31T10:15:10Z', '2026-01-31T11:15:10Z']
  const list = hours.flatMap((hour, i) => few.map((order) => ({ ...order, at: hour, country: `${i}${order.country}` })))
  await fill(rows, sink, operator, [list.slice(0, 333), list.slice(333)])
  expect(await answer(rows)).toEqual(expected(list, new Set(list.map(({ country }) => country))))
})

test('an epoch that is written again by another owner gives the same rows (I-4)', async () => {
  await fill(rows, sink, operator, [orders.slice(0, 250)], 1, 1)
  await fill(rows, sink, operator, [orders.slice(250)], 1, 2)
  const before = await Array.fromAsync(rows.scan(stateTable(sink, operator)))
  await fill(rows, sink, operator, [orders.slice(250)], 1, 2)
  expect(await Array.fromAsync(rows.scan(stateTable(sink, operator)))).toEqual(before)
})
