import { expect, test } from 'vitest'
import { deleteScopes } from '../../topology/engine/delete-scopes.ts'
import { eventId } from '../../topology/model/event-id.ts'
import type { JsonObject } from '../../topology/model/json.ts'
import { offset, partition } from '../../topology/model/position.ts'

const scopes = (...requests: readonly JsonObject[]) =>
  deleteScopes(
    requests.map((request, at) => ({ offset: at, request: { id: `d${at}`, project: 'shop', ...request } })),
    0,
  )

const frame = (start: string, end: string) => ({ timeframe: { start, end } })
const times = (startMs: number, endMs: number) => ({ startMs, endMs })
const byId = (...ids: readonly string[]) => ({
  filters: [{ property_name: 'keen.id', operator: 'in', property_value: ids }],
})

test('a scope is the project, the collection and the time that a request names', () => {
  expect(scopes({ collection: 'orders', ...frame('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z') }, {})).toEqual([
    { project: 'shop', collection: 'orders', timeframe: times(Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2)) },
    { project: 'shop', collection: undefined, timeframe: undefined },
  ])
})

test('scopes of one collection are joined; one without a time takes all times', () => {
  const [first, second] = [
    frame('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
    frame('2025-01-01T00:00:00Z', '2025-01-02T00:00:00Z'),
  ]
  expect(scopes(first, second)).toMatchObject([{ timeframe: times(Date.UTC(2025, 0, 1), Date.UTC(2026, 0, 2)) }])
  expect(scopes(first, {}, second)).toMatchObject([{ timeframe: undefined }])
})

test('ids name their times; those of other partitions count for nothing', () => {
  const idAt = (timeMs: number, of = 0): string => eventId(timeMs, partition(of), offset(7))
  expect(scopes(byId(idAt(5_000), idAt(9_000), idAt(1, 1)))).toMatchObject([{ timeframe: times(5_000, 9_001) }])
  expect(scopes(byId(idAt(5_000, 1)), byId('none'))).toEqual([])
})
