/** What is taken as a request to delete, and what is not. */
import { expect, test } from 'vitest'
import { nameDelete, readDeleteInput } from '../topology/delete-input.ts'

const nowMs = Date.UTC(2026, 2, 14)
const filter = { property_name: 'a', operator: 'eq', property_value: 1 }

test.each([
  [5, 'a delete request is a JSON object'],
  [{ collection: 'a', filter: [] }, 'has no member "filter"; did you mean "filters"?'],
  [{ filters: [{ ...filter, value: 2 }] }, 'a filter has no member "value"'],
  [{ filters: [{ property_name: 'a', operator: 'eq' }] }, 'the filter on a has no property_value'],
  [{ filters: [{ ...filter, operator: 'in' }] }, 'in takes a list'],
  [{ filters: [{ ...filter, operator: 'exists' }] }, 'exists takes true or false'],
  [{ filters: [{ ...filter, operator: 'not_contains' }] }, 'operator not_contains cannot be used in a delete'],
  [{ filters: filter }, 'filters is a list'],
  [{ collection: 'a', property: 'b' }, 'one property cannot be removed'],
  [{ collection: 'a', timeframe: 5 }, 'timeframe is a text'],
  [{ collection: 'a', timeframe: 'soon' }, 'timeframe "soon" is none'],
  [{ collection: 'a', timeframe: { start: '2026-01-02', end: '2026-01-01' } }, 'the earlier one first'],
  [{ collection: 'a$b' }, 'holds a $'],
  [{ project: 7, collection: 'a' }, 'project is a text'],
  [{ collection: 'a', allowScan: 'yes' }, 'all and allowScan are true or false'],
  [{ collection: 'a', id: 'x\ny' }, 'no control characters'],
  [{ project: 'shop' }, 'it would take every event of project shop'],
  [{ collection: 'a', all: true }, 'all means every event of a project'],
])('%j is refused: %s', (json, said) => {
  expect(() => nameDelete(readDeleteInput(json), nowMs)).toThrow(said)
})

test('equal requests have equal texts, whatever the order of their members', () => {
  const one = nameDelete({ collection: 'a', filters: [filter] }, nowMs)
  const other = nameDelete(
    { filters: [{ property_value: 1, operator: 'eq', property_name: 'a' }], project: 'default', collection: 'a' },
    nowMs,
  )
  expect(one.text).toBe(other.text)
})

test('a whole project needs to be meant', () => {
  expect(nameDelete({ project: 'shop', all: true }, nowMs)).toMatchObject({ project: 'shop', collection: undefined })
})
