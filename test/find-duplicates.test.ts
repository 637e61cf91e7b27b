/** Which events are duplicates, and which of them stays. */
import { createMemoryRows } from 'spillway/testing'
import { expect, test } from 'vitest'
import { type Duplicates, findDuplicates } from '../topology/find-duplicates.ts'
import type { Path } from '../topology/model/path.ts'
import { partition } from '../topology/model/position.ts'
import { type StoredEvent, storeEvents } from './store-events.ts'

const search = async (events: readonly StoredEvent[], ...paths: readonly Path[]): Promise<Duplicates> =>
  findDuplicates({
    rows: await storeEvents(createMemoryRows(), events),
    sink: 'events',
    project: 'shop',
    collection: 'visits',
    paths,
  })

/** Places in the list of those that would go. */
const goneOf = ({ places }: Duplicates, of = 0): readonly number[] =>
  Array.from(places.idsOf(partition(of)), (id) => Number.parseInt(id.slice(-12), 16))

test('the earliest by event time stays, whatever came first into the log', async () => {
  const found = await search(
    [
      { at: 7_200, body: '{"order":1}' },
      { at: 3_600, body: '{"order":1}' },
      { at: 0, body: '{"order":2}' },
      { at: 10, body: '{"order":1}' },
    ],
    ['order'],
  )
  expect([found.events, found.without, goneOf(found)]).toEqual([4, 0, [1, 0]])
})

test('at the same time the one with the smaller id stays', async () => {
  const found = await search(
    [
      { at: 0, body: '{"a":1}', partition: 1 },
      { at: 0, body: '{"a":1}' },
    ],
    ['a'],
  )
  expect([goneOf(found, 0), goneOf(found, 1)]).toEqual([[], [0]])
})

test('events of one client id are equal in keen.client_id', async () => {
  const events = ['x', 'y', undefined, 'x'].map((id, at) => ({ at, body: '{}', ...(id && { clientId: id }) }))
  expect(goneOf(await search(events, ['keen', 'client_id']))).toEqual([3])
})

/** Has both properties, as one event of the collection must. */
const other = '{"a":"other","b":"other"}'

test.each([
  ['{"a":1,"b":2}', '{"b":2,"a":1}'],
  ['{"a":1}', '{"a":1.0}'],
  ['{"a":{"x":1,"y":[2]}}', '{"a":{"y":[2],"x":1}}'],
  ['{"a":12345678901234567890}', '{"a":12345678901234567890}'],
])('%s and %s are equal in a and b', async (left, right) => {
  const events = [left, right, other].map((body, at) => ({ at, body }))
  expect(goneOf(await search(events, ['a'], ['b']))).toEqual([1])
})

test.each([
  ['{"a":1}', '{"a":"1"}'],
  ['{"a":1,"b":null}', '{"a":1}'],
  ['{"a":1}', '{"b":1}'],
  ['{"a":[1,2]}', '{"a":[2,1]}'],
  ['{"a":12345678901234567890}', '{"a":12345678901234567891}'],
])('%s and %s differ in a or b', async (left, right) => {
  const events = [left, right, other].map((body, at) => ({ at, body }))
  expect(goneOf(await search(events, ['a'], ['b']))).toEqual([])
})

test('an event that has none of the properties stays, and so does one that is deleted already', async () => {
  const found = await search(
    [
      { at: 0, body: '{"a":1}', isDead: true },
      { at: 1, body: '{"a":1}' },
      { at: 2, body: '{"c":1}' },
      { at: 3, body: '{"c":1}' },
    ],
    ['a'],
  )
  expect([found.events, found.without, goneOf(found)]).toEqual([3, 2, []])
})

test('what only the store knows of an event can be compared as well', async () => {
  const events = [0, 0, 5].map((at) => ({ at, body: '{"a":1}' }))
  expect(goneOf(await search(events, ['a'], ['keen', 'timestamp']))).toEqual([1])
})

test('a property that no event has is a slip of the hand, also beside one that they have', async () => {
  const events = [1, 2].map((order, at) => ({ at, body: `{"order":${order},"day":1}` }))
  await expect(search(events, ['ordr'])).rejects.toThrow('no event of visits has ordr')
  await expect(search(events, ['ordr'], ['day'])).rejects.toThrow('no event of visits has ordr')
})
