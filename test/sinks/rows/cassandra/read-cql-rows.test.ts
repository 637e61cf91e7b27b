import { expect, test } from 'vitest'
import { planCqlTable } from '../../../../sinks/rows/cassandra/cql-plan.ts'
import { readCqlRows } from '../../../../sinks/rows/cassandra/read-cql-rows.ts'
import { shelf } from '../../../../topology/testing/conformance/row-store/fixtures.ts'
import { clusterOn } from './cluster-on.ts'

const plan = planCqlTable('k', shelf, new Set(['room', 'row', 'place', 'side', 'title']))
const long = (value: number) => ({ toNumber: () => value })

test('an answer of several pages is read to its end: a row that were missed would pass for none', async () => {
  const keys = [1, 2, 3].map((place) => ['r', 1, place, 'l'])
  const cluster = clusterOn({
    hostsOf: () => [{ address: 'one' }],
    execute: async (_cql, _values, { pageState }) => {
      const place = 1 + (pageState?.[0] ?? 0)
      return {
        rows: [{ c0: 'r', c1: long(1), c2: long(place), c3: 'l', c4: `book ${place}` }],
        pageState: place < 3 ? Buffer.from([place]) : undefined,
        isApplied: true,
        isAgreed: true,
      }
    },
  })
  const found = await readCqlRows(cluster, plan, keys)
  expect(found.map((row) => row?.at(-1))).toEqual(['book 1', 'book 2', 'book 3'])
})
