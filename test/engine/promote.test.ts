/** What readers see after a promotion, when there is none, and when two are made at once. */
import { crashableResources, remove } from 'spillway/testing'
import { afterEach, expect, test } from 'vitest'
import { beginReplay } from '../../topology/begin-replay.ts'
import { laneClassOf } from '../../topology/engine/lane-class.ts'
import { lanesOf } from '../../topology/engine/ledger/document.ts'
import { systemRandom } from '../../topology/engine/shell/system-clock.ts'
import type { LedgerDocument } from '../../topology/model/ledger-document.ts'
import { plantedFaults } from '../../topology/model/planted-faults.ts'
import type { Resources } from '../../topology/model/run-handle.ts'
import { dropLive, dropNamespace, type Promotion, promoteNamespace } from '../../topology/promote-namespace.ts'
import { readServed } from '../../topology/served.ts'
import { everySink } from './every-sink.ts'
import { GivenPorts } from './given-ports.ts'
import { orders, startMs } from './orders.ts'
import { seenOf } from './seen-in-namespace.ts'

const never = new AbortController().signal
const portsOf = (given: GivenPorts, resources: Pick<Resources, 'ledger' | 'logs'> = given.resources) => ({
  ...{ ledger: resources.ledger, logs: resources.logs, clock: given.clock, random: systemRandom },
})

const follow = (
  given: GivenPorts,
  namespace: string,
  more: { toMs?: number; tenant?: string } = {},
): Promise<unknown> => {
  const request = { namespace, fromMs: 0, toMs: null, ...more }
  return given.drive(beginReplay(everySink, portsOf(given), request, never))
}

const promote = (given: GivenPorts, to: string, more: { isPartial?: boolean } = {}): Promise<Promotion> => {
  const how = to === 'undo' ? ('undo' as const) : { namespace: to }
  const request = { to: how, leave: [], isPartial: false, by: 'ann', reason: 'a test', ...more }
  return given.drive(promoteNamespace(portsOf(given), 'every', request, never))
}
const read = async (given: GivenPorts): Promise<Readonly<Record<string, string>>> =>
  (await readServed(given.resources.ledger, 'every')).sinks
const obstacles = (promotion: Promotion): readonly string[] =>
  promotion.kind === 'done' ? [] : [...new Set(promotion.obstacles.map(({ obstacle }) => obstacle.kind))]
const documentOf = async (given: GivenPorts): Promise<LedgerDocument> =>
  (await given.resources.ledger.read({ topology: 'every', spout: 'events', partition: 0 }))!
const all = (namespace: string): object => ({
  ...{ archive: namespace, schemas: namespace, store: namespace, totals: namespace },
})

/** Everything is read, and a namespace without an end has read it too. */
const followed = async (...namespaces: readonly string[]): Promise<GivenPorts> => {
  const given = new GivenPorts()
  given.append(orders(0, 8))
  await given.run(everySink)
  for (const namespace of namespaces) await follow(given, namespace)
  await given.run(everySink)
  return given
}

afterEach(() => plantedFaults.clear())

test('a namespace that goes on is read in the place of the declared sinks, and equals them for ever', async () => {
  const given = await followed('v2')
  expect(await promote(given, 'v2')).toMatchObject({ kind: 'done', isChanged: true })
  expect(await read(given)).toEqual(all('v2'))
  const ofKind = remove({ project: 'bob', filters: [{ property_name: 'number', operator: 'eq', property_value: 4 }] })
  given.append([...orders(8, 14), ofKind])
  await given.run(everySink)
  const result = given.read(everySink)
  const live = await seenOf(result)
  expect(live.events).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13])
  expect(await seenOf(result, 'v2')).toEqual(live)
})

test('what is read is live work: its lanes are no replay any more, until something else is read', async () => {
  const given = await followed('v2')
  const classes = async (): Promise<readonly string[]> => {
    const doc = await documentOf(given)
    return lanesOf(doc, 'totals@v2').map(([, lane]) => laneClassOf(doc, lane))
  }
  expect(await classes()).toEqual(['replay'])
  await promote(given, 'v2')
  expect(await classes()).toEqual(['live'])
  await promote(given, 'undo')
  expect([await classes(), await read(given)]).toEqual([['replay'], {}])
})

test('the same again changes nothing; undo leads back and forth', async () => {
  const given = await followed('v2', 'v3')
  await promote(given, 'v2')
  const before = await documentOf(given)
  expect(await promote(given, 'v2')).toMatchObject({ kind: 'done', isChanged: false })
  expect(await documentOf(given)).toEqual(before)
  await promote(given, 'v3')
  await promote(given, 'undo')
  expect(await read(given)).toEqual(all('v2'))
  await promote(given, 'live')
  expect(await read(given)).toEqual({})
})

test('two at once: one wins, the other is judged by what then holds, and readers see one whole', async () => {
  const given = await followed('v2', 'v3')
  const both = await Promise.all(['v2', 'v3'].map((one) => promote(given, one)))
  expect(both.map(({ kind }) => kind)).toEqual(['done', 'done'])
  const { sinks, before } = await readServed(given.resources.ledger, 'every')
  expect([[all('v2'), all('v3')].filter((one) => JSON.stringify(one) === JSON.stringify(sinks))]).toHaveLength(1)
  expect([sinks, before]).toEqual(expect.arrayContaining([all('v2'), all('v3')]))
})

test('a replay that is behind is refused as such, and changes nothing', async () => {
  const given = await followed()
  await follow(given, 'v2')
  const promotion = await promote(given, 'v2')
  expect([obstacles(promotion), promotion]).toEqual([['behind'], expect.objectContaining({ isPassing: true })])
  expect(await read(given)).toEqual({})
})

test('one with an end, or of one tenant, is read only if a person accepts to see less', async () => {
  const given = await followed()
  await follow(given, 'part', { toMs: startMs + 3 * 7_000 })
  await follow(given, 'tenant', { tenant: 'ann' })
  await given.run(everySink)
  expect(obstacles(await promote(given, 'part'))).toEqual(['ended'])
  expect(obstacles(await promote(given, 'tenant'))).toEqual(['narrow'])
  expect(await promote(given, 'part', { isPartial: true })).toMatchObject({ kind: 'done', isChanged: true })
})

test('one with an end goes on by the same replay without it, and is read then', async () => {
  const given = await followed()
  await follow(given, 'v2', { toMs: startMs + 3 * 7_000 })
  await given.run(everySink)
  await follow(given, 'v2')
  await given.run(everySink)
  expect(await promote(given, 'v2')).toMatchObject({ kind: 'done' })
  expect(await seenOf(given.read(everySink), 'v2')).toEqual(await seenOf(given.read(everySink)))
})

test('D21: readers are not led to events again that a delete has taken out of what they see', async () => {
  const given = await followed('v2')
  given.append([remove({ project: 'bob', filters: [{ property_name: 'number', operator: 'eq', property_value: 4 }] })])
  await given.run(everySink)
  const doc = await documentOf(given)
  // As if the namespace had not come to it yet.
  const [entry] = doc.deletes
  const waiting = { ...entry!.work['totals@v2']!, state: 'waiting' } as const
  const deletes = [{ ...entry!, work: { ...entry!.work, 'totals@v2': waiting } }]
  const key = { topology: 'every', spout: 'events', partition: 0 }
  await given.resources.ledger.compareAndSet(key, doc.ver, { ...doc, deletes, ver: doc.ver + 1 })
  expect(obstacles(await promote(given, 'v2'))).toEqual(['deletes'])
  plantedFaults.add('promoted-unjudged')
  expect(await promote(given, 'v2')).toMatchObject({ kind: 'done' })
})

test('a process that dies at any step of a promotion leaves all of it or nothing, and the same again completes it', async () => {
  for (const effect of [1, 2]) {
    for (const side of ['before', 'after'] as const) {
      const given = await followed('v2')
      const ports = crashableResources(given.resources, { effect, side })
      const request = { to: { namespace: 'v2' }, leave: [], isPartial: false, by: 'ann', reason: '' }
      await given.drive(Promise.race([promoteNamespace(portsOf(given, ports), 'every', request, never), ports.crashed]))
      const isChanged = effect === 2 || side === 'after'
      expect(await read(given), `${side} ${effect}`).toEqual(isChanged ? all('v2') : {})
      expect(await promote(given, 'v2')).toMatchObject({ kind: 'done', isChanged: !isChanged })
      const { sinks } = await documentOf(given)
      expect(sinks['totals@v2']!.replay).toMatchObject({ isPromoted: true })
    }
  }
})

test('what is read is not dropped; what is dropped is neither read nor computed again', async () => {
  const given = await followed('v2', 'v3')
  await promote(given, 'v2')
  const drop = (namespace: string): Promise<unknown> =>
    given.drive(dropNamespace(portsOf(given), 'every', namespace, never))
  await expect(drop('v2')).rejects.toThrow('readers see namespace v2')
  await drop('v3')
  await expect(promote(given, 'v3')).rejects.toThrow('there is no namespace v3')
  await expect(follow(given, 'v3')).rejects.toThrow('namespace v3 was dropped')
  given.append(orders(8, 10))
  expect(await given.run(everySink)).toMatchObject({ state: 'caughtUp' })
  expect((await seenOf(given.read(everySink), 'v3')).events).toHaveLength(8)
  expect((await seenOf(given.read(everySink), 'v2')).events).toHaveLength(10)
})

test('a running topology lets go what is dropped beside it', async () => {
  const given = await followed('v2')
  const run = await given.start(everySink)
  await given.pass(3_000)
  await given.drive(dropNamespace(portsOf(given), 'every', 'v2', never))
  await given.pass(5_000)
  given.append(orders(8, 12))
  await given.pass(5_000)
  expect((await seenOf(given.read(everySink), 'v2')).events).toHaveLength(8)
  expect((await seenOf(given.read(everySink))).events).toHaveLength(12)
  expect(await given.drive(run.stop())).toMatchObject({ state: 'stopped' })
})

test('the declared sinks rest for good once they are dropped, and readers cannot go back', async () => {
  const given = await followed('v2')
  await expect(given.drive(dropLive(portsOf(given), 'every', never))).rejects.toThrow('readers see the declared sinks')
  await promote(given, 'v2')
  await given.drive(dropLive(portsOf(given), 'every', never))
  given.append([
    ...orders(8, 12),
    remove({ project: 'ann', filters: [{ property_name: 'kind', operator: 'eq', property_value: 'a' }] }),
  ])
  expect(await given.run(everySink)).toMatchObject({ state: 'caughtUp' })
  expect((await seenOf(given.read(everySink), 'v2')).events).toEqual([1, 2, 3, 4, 5, 7, 8, 9, 10, 11])
  expect(obstacles(await promote(given, 'undo'))).toEqual(['retired'])
})
