import { describe, expect, test } from 'vitest'
import { compileDeletes } from '../../topology/engine/delete-matcher.ts'
import { type DeleteFacts, type ObjectFact, planDelete, type ScanBudget } from '../../topology/engine/delete-plan.ts'
import { readDeleteRange } from '../../topology/engine/shell/delete-source.ts'
import { type DeleteRequest, readDeleteRequest, requireDeleteRequest } from '../../topology/model/delete-request.ts'
import { eventId } from '../../topology/model/event-id.ts'
import type { JsonObject } from '../../topology/model/json.ts'
import { offset, partition } from '../../topology/model/position.ts'

const idAt = (place: number, at: number): string => eventId(1_000, partition(place), offset(at))
const byId = (operator: string, value: JsonObject[string]): JsonObject => ({
  property_name: 'keen.id',
  operator,
  property_value: value,
})
const request = (more: JsonObject): DeleteRequest => requireDeleteRequest({ id: 'one', project: 'shop', ...more })
const object = (more: Partial<ObjectFact>): ObjectFact => ({
  partition: 0,
  project: 'shop',
  collection: 'orders',
  firstOffset: 0,
  lastOffset: 99,
  ...more,
})
const facts = (more: Partial<DeleteFacts> = {}): DeleteFacts => ({
  log: [
    { start: 10, end: 1_000 },
    { start: 0, end: 500 },
  ],
  objects: [object({}), object({ firstOffset: 100, lastOffset: 200 }), object({ project: 'other' })],
  scanRecords: 1_000,
  ...more,
})

describe('the class of a delete', () => {
  test('B15: a filter on keen.id is by id and costs one read an id, whatever the log holds', () => {
    const plan = planDelete(request({ filters: [byId('in', [idAt(0, 12), idAt(0, 150), idAt(0, 12)])] }), facts())
    expect(plan).toEqual({ class: 'by-id', estimate: { reads: 2, objects: 2 }, lane: 'delete' })
  })

  test('ids that the log cannot have cost nothing', () => {
    const ids = [idAt(0, 5), idAt(0, 1_000), idAt(7, 20), 'something else']
    expect(planDelete(request({ filters: [byId('in', ids)] }), facts()).estimate).toEqual({ reads: 0, objects: 0 })
  })

  test('a timeframe makes it a time range, whose whole part of the log is read', () => {
    const timeframe = { start: '2026-01-01T00:00:00Z', end: '2026-01-02T00:00:00Z' }
    const plan = planDelete(request({ timeframe }), facts({ scanRecords: 0 }))
    expect(plan).toMatchObject({ class: 'time-range', estimate: { reads: 1_490, objects: 2 }, lane: 'delete' })
    expect(plan).toHaveProperty('budget')
  })

  test('of objects only those of its project and collection may be rewritten', () => {
    const objects = [object({}), object({ collection: 'visits' })]
    expect(planDelete(request({ collection: 'visits' }), facts({ objects })).estimate.objects).toBe(1)
  })
})

describe('a scan', () => {
  const scan = { filters: [{ property_name: 'kind', operator: 'eq', property_value: 'a' }] }

  test('within the budget gets the token', () => {
    expect(planDelete(request(scan), facts({ scanRecords: 1_490 }))).toHaveProperty('budget.records', 1_490)
  })

  test('B15: above the budget is refused with its class, estimate and alternatives', () => {
    const plan = planDelete(request(scan), facts())
    expect(plan).toMatchObject({
      class: 'scan',
      refusal: {
        publicName: 'DeleteTooExpensiveError',
        message: expect.stringContaining('class scan would read 1490'),
      },
    })
    expect(plan).not.toHaveProperty('budget')
    expect(plan).toHaveProperty('refusal.hint', expect.stringContaining('--allow-scan'))
  })

  test('that is permitted gets the token, whatever it costs', () => {
    expect(planDelete(request({ ...scan, allowScan: true }), facts())).toHaveProperty('budget')
  })

  test('B18: does not compile without the token, and nobody else can make one', () => {
    const read = (budget: ScanBudget): unknown => [budget]
    const never = (): void => {
      // @ts-expect-error a range is read with a budget only
      read()
      // @ts-expect-error a budget is not any object
      read({ records: 1_000 })
      const byIdPlan = planDelete(request({ filters: [byId('eq', idAt(0, 1))] }), facts())
      // @ts-expect-error a plan may have none
      read(byIdPlan.budget)
      // @ts-expect-error reading a range for a delete takes the token
      readDeleteRange({}, { from: 0, to: 1 })
      // @ts-expect-error the token has no constructor
      read(new ScanBudget(1))
    }
    expect(never).toBeTypeOf('function')
  })
})

describe('what deletes cannot do', () => {
  test('an operator that is none of theirs is an UnsupportedDeleteFilterError', () => {
    const filters = [{ property_name: 'a', operator: 'not_contains', property_value: 'b' }]
    expect(() => request({ filters })).toThrow(expect.objectContaining({ publicName: 'UnsupportedDeleteFilterError' }))
  })

  test('one property is not removed, with the reason; its record matches nothing', () => {
    const json = { id: 'one', project: 'shop', property: 'email' }
    expect(() => requireDeleteRequest(json)).toThrow('does not commute with filters')
    expect(readDeleteRequest(json)).toContain('one property cannot be removed')
    expect(compileDeletes).toBeTypeOf('function')
  })
})
