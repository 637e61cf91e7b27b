/** A domain event asks for a delete: its request goes into the log, and every view equals the recomputation (I-1, I-3). */
import { defineTopology, log } from 'spillway'
import { count, inferSchema, rollup } from 'spillway/operators'
import { eventRows, objects, type PropagateDeletesOptions, propagateDeletes, tableRows } from 'spillway/sinks'
import { CRASH, createMemoryRows, put, settle, TestResult, type TestStep, testTopology } from 'spillway/testing'
import { expect, test } from 'vitest'
import { propagatedTable } from '../../sinks/propagate-deletes.ts'
import { offset, partition } from '../../topology/model/position.ts'
import type { NewRecord } from '../../topology/model/record.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { everyCountOf } from '../engine/every-count-of.ts'
import { playPhases } from '../engine/play-phases.ts'
import { readWholeLog } from '../oracle/read-whole-log.ts'
import { schemaCounts } from '../oracle/recompute-schema.ts'
import { decode } from '../spouts/decode/records.ts'
import { epochOf, never } from './objects/given-objects.ts'
import { contextOf } from './rows/given-state.ts'

const whoForgets: PropagateDeletesOptions = {
  when: (event) => event.collection === 'forgotten',
  matches: ({ body }) => [{ property_name: 'user', operator: 'eq', property_value: body['gone'] }],
}

const shop = (options: PropagateDeletesOptions = whoForgets): Topology =>
  defineTopology('shop', (t) => {
    const events = t.spout('events', log())
    events.sink('store', eventRows())
    events.bolt('schema', inferSchema()).sink('schemas', tableRows())
    events.bolt('by_user', rollup({ window: '1 day', by: ['user'], values: { n: count() } })).sink('users', tableRows())
    events.sink('archive', objects({ compression: 'none' }))
    events.sink('forget', propagateDeletes(options))
  })

const buy = (user: string, number: number, place = 0): TestStep =>
  put({ user, number }, { project: 'ann', collection: 'bought', partition: place })
const forget = (gone: unknown, number = 0): TestStep =>
  put(JSON.stringify({ gone, number }), { project: 'ann', collection: 'forgotten', partition: 0 })

const numbersIn = (events: readonly object[]): readonly number[] =>
  events.map((event) => Number(Reflect.get(event, 'number'))).sort((left, right) => left - right)

const expectTruth = async (result: TestResult, label = ''): Promise<void> => {
  const source = result.resources.logs['events'] ?? result.resources.logs['default']!
  const found = await readWholeLog(source)
  const alive = found.alive.map(({ body }) => body)
  const stored = await Promise.all(['bought', 'forgotten'].map((one) => result.events('store', one)))
  expect(numbersIn(stored.flat()), `${label} event rows`).toEqual(numbersIn(alive))
  expect(numbersIn(Object.values(await result.objects()).flat()), `${label} objects`).toEqual(numbersIn(alive))
  expect(await everyCountOf(result, 'schemas'), `${label} schema`).toEqual(schemaCounts(alive))
  const living = Map.groupBy(found.alive, ({ project, body }) => `${project} ${String(body['user'] ?? null)}`)
  const counts = (await result.rows('users')).map(({ project, user, n }) => [`${project} ${user}`, Number(n)])
  expect(counts.sort(), `${label} rollup`).toEqual([...living].map(([key, list]) => [key, list.length]).sort())
}

const requestsIn = async (
  result: TestResult,
): Promise<readonly { readonly at: string; readonly request: unknown }[]> => {
  const found: { at: string; request: unknown }[] = []
  const source = result.resources.logs['events'] ?? result.resources.logs['default']!
  for (let place = 0; place < source.partitions; place++) {
    const { records } = await source.fetch(partition(place), offset(0), { maxBytes: 1e9, waitMs: 0 })
    for (const { headers, bytes, start, end } of records) {
      if (!headers.some(([name]) => name === 'spillway-kind')) continue
      found.push({ at: String(place), request: JSON.parse(Buffer.from(bytes.subarray(start, end)).toString()) })
    }
  }
  return found
}

test('an event that asks for it takes every earlier event of the user out of every view', async () => {
  const steps = [buy('u1', 1), buy('u2', 2, 1), buy('u1', 3, 1), forget('u1', 4), settle, buy('u1', 5)]
  const result = await testTopology(shop()).run([...steps, settle])
  expect(numbersIn(await result.events('store', 'bought'))).toEqual([2, 5])
  await expectTruth(result)
})

test('the request stands once in every partition, named for the event', async () => {
  const result = await testTopology(shop()).run([forget('u1'), settle, settle])
  const [event] = await result.events('store', 'forgotten')
  const { id } = event!['keen'] as { id: string } // as readers show it
  const request = {
    id: `propagated-${id}`,
    project: 'ann',
    filters: [{ property_name: 'user', operator: 'eq', property_value: 'u1' }],
    allowScan: true,
  }
  expect(await requestsIn(result)).toEqual([
    { at: '0', request },
    { at: '1', request },
  ])
})

test('it stays within its project and, where one is named, its collection', async () => {
  const other = put({ user: 'u1', number: 1 }, { project: 'bob', collection: 'bought', partition: 0 })
  const kept = put({ user: 'u1', number: 2 }, { project: 'ann', collection: 'forgotten', partition: 0 })
  const topology = shop({ ...whoForgets, when: ({ body }) => body['gone'] !== undefined, collection: 'bought' })
  const result = await testTopology(topology).run([other, kept, buy('u1', 3), forget('u1', 4), settle, settle])
  expect(numbersIn(await result.events('store', 'bought'))).toEqual([1])
  expect(numbersIn(await result.events('store', 'forgotten'))).toEqual([2, 4])
  await expectTruth(result)
})

test('ids go to the partition that each names', async () => {
  const plain = await testTopology(shop()).run([buy('u1', 1), buy('u1', 2, 1)])
  const ids = (await plain.events('store', 'bought')).map(({ keen }) => (keen as { id: string }).id) // as readers show it
  const topology = shop({
    ...whoForgets,
    matches: () => [{ property_name: 'keen.id', operator: 'in', property_value: ids }],
  })
  const result = await testTopology(topology).run([buy('u1', 1), buy('u1', 2, 1), forget('-', 3), settle, settle])
  expect(
    (await requestsIn(result)).map(({ request }) => Reflect.get(Object(request), 'filters')[0].property_value),
  ).toEqual(ids.map((id) => [id]))
  expect(await result.events('store', 'bought')).toEqual([])
})

test('an event whose request cannot be told is a dead letter of this sink alone', async () => {
  const steps = [buy('u1', 1), forget(undefined, 2), buy('u2', 3), forget('u2', 4), buy('u3', 5), settle, settle]
  const result = await testTopology(shop()).run(steps)
  const letters = await result.deadLetters()
  expect(letters.map(({ sink, message }) => `${sink}: ${message}`)).toEqual([
    'forget: sink forget: the delete that the event asks for cannot be told: the filter on user has no property_value',
  ])
  await expectTruth(result)
})

test('an event that is deleted before it is taken asks for nothing', async () => {
  const gone = {
    kind: 'delete' as const,
    spout: undefined,
    request: { id: 'd', project: 'ann', collection: 'forgotten', allowScan: true },
    partition: undefined,
  }
  const result = await testTopology(shop()).run([buy('u1', 1), forget('u1', 2), gone, settle, settle])
  expect((await requestsIn(result)).map(({ request }) => Reflect.get(Object(request), 'id'))).toEqual(['d', 'd'])
  await expectTruth(result)
})

test.each(['before', 'after'] as const)('a crash %s any effect leaves every view the fold of the log', async (side) => {
  const phases = [[buy('u1', 1), buy('u2', 2), forget('u1', 3), buy('u1', 4)], [buy('u1', 5)], []]
  const plain = await playPhases(shop(), phases)
  const wanted = await requestsIn(new TestResult(shop(), plain.resources, 0))
  expect(wanted.length).toBe(1)
  for (let effect = 1; effect <= plain.effects; effect++) {
    const { resources } = await playPhases(shop(), phases, { effect, side })
    const result = new TestResult(shop(), resources, 0)
    await expectTruth(result, `${side} ${effect}`)
    const requests = await requestsIn(result)
    // A crash between an append and its row makes one more.
    expect(requests.length, `${side} ${effect}`).toBeOneOf([1, 2])
    expect(new Set(requests.map(({ request }) => JSON.stringify(request))).size).toBe(1)
  }
})

test('a repeated write appends nothing again', async () => {
  const rows = createMemoryRows()
  await rows.ensureTable(propagatedTable)
  const appended: NewRecord[] = []
  const append = async (records: readonly NewRecord[]): Promise<[]> => {
    appended.push(...records)
    return []
  }
  const writer = await propagateDeletes(whoForgets).open(contextOf(rows, { log: { partitions: 3, append } }))
  const events = decode([{ value: '{"gone":"u1"}', headers: [['collection', 'forgotten']] }]).events
  for (const length of [3, 3]) {
    const epoch = writer.openEpoch()
    epoch.add(events, 1)
    await epoch.write(epochOf(0, 1), never)
    expect(appended.map((record) => record.partition).length).toBe(length)
  }
})

test.each([1, 2, 3, 4])('crashes in between change nothing that the log does not say: seed %i', async (seed) => {
  const users = ['u1', 'u2', 'u3']
  const steps = Array.from({ length: 24 }, (_, index) => {
    if (index % 7 === 6) return forget(users[index % 3], index)
    return index % 5 === 4 ? CRASH : buy(users[(index * seed) % 3]!, index, index % 2)
  })
  await expectTruth(await testTopology(shop(), { seed }).run([...steps, settle, CRASH, settle]))
})

test('options that say nothing are refused', () => {
  expect(() => propagateDeletes({ ...whoForgets, collection: '_x' })).toThrow('collection "_x" starts with _')
  expect(() => propagateDeletes({} as PropagateDeletesOptions)).toThrow(/when is a function/) // as without types
})
