/** Rows of a rollup in a running topology: late events, deletes, ties by id. */
import { mergeMap } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, countUnique, first, last, rollup, selectUnique, sum } from 'spillway/operators'
import { tableRows } from 'spillway/sinks'
import { CRASH, cut, put, remove, settle, type TestStep, testTopology } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { seeded, shuffled } from '../../topology/testing/conformance/operator-under-test.ts'

const shop = defineTopology('shop', (t) => {
  t.spout('events', log())
    .bolt(
      'sums',
      rollup({
        window: ['1 minute', '1 hour'],
        by: ['country'],
        values: {
          n: count(),
          total: sum('price'),
          users: countUnique('user'),
          names: selectUnique('user', { exactValues: 100 }),
          first: first('user'),
          last: last('user'),
        },
      }),
    )
    .sink('sums', tableRows())
})

const nine = Date.parse('2026-01-31T09:00:00Z')
const order = (minute: number, user: string, country = 'NZ'): TestStep =>
  put({ country, user, price: 0.1, keen: { timestamp: new Date(nine + minute * 60_000).toISOString() } })
const rowsOf = async (steps: readonly TestStep[]): Promise<readonly unknown[]> =>
  (await testTopology(shop).run(steps)).rows('sums')

describe('a row', () => {
  test('is opened again by a late event, in each of its windows', async () => {
    const rows = await rowsOf([order(0, 'ann'), order(59, 'bob'), settle, order(0.5, 'late'), settle])
    expect(rows).toHaveLength(3)
    expect(rows).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ window: '1 minute', window_start: nine, n: 2, users: 2, first: 'ann', last: 'late' }),
        expect.objectContaining({ window: '1 hour', window_start: nine, n: 3, users: 3, first: 'ann', last: 'bob' }),
      ]),
    )
    expect(rows).toContainEqual(expect.objectContaining({ window: '1 hour', names: '["ann","bob","late"]' }))
  })

  test('is gone when its last event is deleted, with its fragments (I-3)', async () => {
    const byUser = remove({ filters: [{ property_name: 'user', operator: 'eq', property_value: 'ann' }] })
    const rows = await rowsOf([order(0, 'ann'), order(30, 'bob'), order(0, 'ann', 'DE'), settle, byUser, settle])
    expect(rows).toEqual([
      expect.objectContaining({ window: '1 hour', country: 'NZ', n: 1, users: 1, first: 'bob', last: 'bob' }),
      expect.objectContaining({ window: '1 minute', country: 'NZ', n: 1, users: 1, total: 0.1 }),
    ])
  })

  test('is the same for every cut and crash (I-1)', async () => {
    const users = Array.from({ length: 60 }, (_, i) => order((i * 17) % 50, `user-${(i * 7) % 40}`))
    const whole = await rowsOf([...users, settle])
    const pieces = [...users.slice(0, 20), CRASH, ...users.slice(20), settle, cut('sums', 3), CRASH, settle]
    expect(await rowsOf(pieces)).toEqual(whole)
  })
})

test('A12: an outage that is resent shuffled, with its own event times, gives the rollup of a sorted log', async () => {
  const sorted = Array.from({ length: 90 }, (_, i) => order(i, `user-${i % 11}`, `c${i % 3}`))
  const [before, outage, after] = [sorted.slice(0, 30), sorted.slice(30, 60), sorted.slice(60)]
  const resent = [...before, settle, ...after, settle, ...shuffled(outage, seeded(12)), settle]
  const inOrder = await rowsOf([...sorted, settle])
  expect(await rowsOf(resent)).toEqual(inOrder)
  expect(inOrder).toHaveLength(96)
})

test('events that stand beside tuples of a bolt keep their order by keen.id', async () => {
  const mixed = defineTopology('mixed', (t) => {
    t.spout('events', log())
      .bolt(
        'twice',
        mergeMap((event) => (event.body['isSplit'] === true ? [event, { timestamp: nine, user: 'zoe' }] : [event])),
      )
      .bolt('sums', rollup({ window: '1 hour', values: { n: count(), last: last('user') } }))
      .sink('sums', tableRows())
  })
  const at = new Date(nine).toISOString()
  const event = (user: string, isSplit: boolean): TestStep => put({ user, isSplit, keen: { timestamp: at } })
  const result = await testTopology(mixed).run([event('b', true), event('a', false), event('c', true), settle])
  expect(await result.rows('sums')).toMatchObject([{ n: 5, last: 'c' }])
})
