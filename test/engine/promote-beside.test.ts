/** What readers see when replies of the ledger are lost, and when deletes, promotions and drops go on beside. */
import { crashableResources, createMemoryLog, remove } from 'spillway/testing'
import { expect, test } from 'vitest'
import { beginReplay } from '../../topology/begin-replay.ts'
import { systemRandom } from '../../topology/engine/shell/system-clock.ts'
import { errors } from '../../topology/model/errors.ts'
import type { LedgerDocument } from '../../topology/model/ledger-document.ts'
import type { Ledger, LedgerKey } from '../../topology/model/ports/ledger.ts'
import { dropNamespace, type Promotion, promoteNamespace } from '../../topology/promote-namespace.ts'
import { readServed, type Served } from '../../topology/served.ts'
import { everySink } from './every-sink.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'

type Act = (key: LedgerKey, next: LedgerDocument) => Promise<unknown> | undefined

/** The same, and somebody acts around its compare-and-sets. */
const beside = (ledger: Ledger, acts: { readonly before?: Act; readonly after?: Act }): Ledger => ({
  read: (key) => ledger.read(key),
  keys: (topology) => ledger.keys(topology),
  close: () => ledger.close(),
  compareAndSet: async (key, expected, next) => {
    await acts.before?.(key, next)
    const answer = await ledger.compareAndSet(key, expected, next)
    await acts.after?.(key, next)
    return answer
  },
})

/** Acts where the first such document is written. */
const once = (isMeant: (key: LedgerKey, next: LedgerDocument) => boolean, act: () => Promise<unknown>): Act => {
  let isOver = false
  return (key, next) => {
    if (isOver || !isMeant(key, next)) return undefined
    isOver = true
    return act()
  }
}
const isCatalogue = (_key: LedgerKey, { served }: LedgerDocument): boolean => served !== undefined

const never = new AbortController().signal
const key: LedgerKey = { topology: 'every', spout: 'events', partition: 0 }
const portsOf = (given: GivenPorts, ledger = given.resources.ledger) => ({
  ...{ ledger, logs: given.resources.logs, clock: given.clock, random: systemRandom },
})
const promoteBy = (given: GivenPorts, to: string, ledger?: Ledger, by = 'ann'): Promise<Promotion> => {
  const how = to === 'undo' ? ('undo' as const) : { namespace: to }
  const request = { to: how, leave: [], isPartial: false, by, reason: 'a test' }
  return promoteNamespace(portsOf(given, ledger), 'every', request, never)
}
const promote = (given: GivenPorts, to: string, ledger?: Ledger): Promise<Promotion> =>
  given.drive(promoteBy(given, to, ledger))
const read = async ({ resources: { ledger } }: GivenPorts): Promise<Served['sinks']> =>
  (await readServed(ledger, 'every')).sinks
const all = (namespace: string): object => ({
  ...{ archive: namespace, schemas: namespace, store: namespace, totals: namespace },
})
const documentOf = async (given: GivenPorts): Promise<LedgerDocument> => (await given.resources.ledger.read(key))!
const promotedIn = async (given: GivenPorts): Promise<readonly string[]> =>
  Object.entries((await documentOf(given)).sinks).flatMap(([name, { replay }]) => (replay?.isPromoted ? [name] : []))
const write = async ({ resources: { ledger } }: GivenPorts, doc: LedgerDocument): Promise<unknown> =>
  ledger.compareAndSet(key, (await ledger.read(key))!.ver, { ...doc, ver: (await ledger.read(key))!.ver + 1 })

const follow = (given: GivenPorts, namespace: string, ledger?: Ledger): Promise<unknown> =>
  given.drive(beginReplay(everySink, portsOf(given, ledger), { namespace, fromMs: 0, toMs: null }, never))

/** Everything is read, and namespaces without an end have read it too. */
const followed = async (...namespaces: readonly string[]): Promise<GivenPorts> => {
  const given = new GivenPorts()
  given.append([
    ...orders(0, 8),
    remove({ project: 'bob', filters: [{ property_name: 'number', operator: 'eq', property_value: 4 }] }),
  ])
  await given.run(everySink)
  for (const namespace of namespaces) await follow(given, namespace)
  await given.run(everySink)
  return given
}

/** The change of what readers see is applied, and its reply lost. */
const losing = (given: GivenPorts): Ledger =>
  beside(given.resources.ledger, {
    after: once(isCatalogue, () => Promise.reject(errors.storeUnavailable({ store: 'ledger', reason: 'no reply' }))),
  })

test('a way back whose reply is lost is gone once, and told as a change', async () => {
  const given = await followed('v2', 'v3')
  await promote(given, 'v2')
  await promote(given, 'v3')
  expect(await promote(given, 'undo', losing(given))).toMatchObject({
    ...{ kind: 'done', isChanged: true, before: { sinks: all('v3') }, after: { sinks: all('v2') } },
  })
  expect(await read(given)).toEqual(all('v2'))
})

test('a promotion whose reply is lost is told as a change', async () => {
  const given = await followed('v2')
  expect(await promote(given, 'v2', losing(given))).toMatchObject({
    ...{ kind: 'done', isChanged: true, before: { sinks: {} }, after: { sinks: all('v2') } },
  })
})

test('two that go back at once go back once', async () => {
  const given = await followed('v2', 'v3')
  await promote(given, 'v2')
  await promote(given, 'v3')
  const both = await given.drive(Promise.all(['ann', 'bob'].map((by) => promoteBy(given, 'undo', undefined, by))))
  expect(both.map((one) => one.kind === 'done' && one.isChanged).sort()).toEqual([false, true])
  expect(await read(given)).toEqual(all('v2'))
})

test('a delete that what was read is done with while it was judged leads readers back, until the namespace is done too', async () => {
  const given = await followed('v2')
  const doc = await documentOf(given)
  expect(doc.deletes).toHaveLength(1)
  const [entry] = doc.deletes
  await write(given, { ...doc, deletes: [] })
  const waiting = { ...entry!.work['totals@v2']!, state: 'waiting' } as const
  const listed = { ...doc, deletes: [{ ...entry!, work: { ...entry!.work, 'totals@v2': waiting } }] }
  const ledger = beside(given.resources.ledger, { before: once(isCatalogue, () => write(given, listed)) })
  const promotion = await promote(given, 'v2', ledger)
  expect(promotion).toMatchObject({ kind: 'refused', isPassing: true, obstacles: [{ obstacle: { kind: 'deletes' } }] })
  expect([await read(given), await promotedIn(given)]).toEqual([{}, []])
  await write(given, doc)
  expect(await promote(given, 'v2')).toMatchObject({ kind: 'done', isChanged: true })
})

test('a way back to the declared sinks that was broken off is completed by the next run', async () => {
  const given = await followed('v2')
  await promote(given, 'v2')
  expect(await promotedIn(given)).toHaveLength(4)
  const ports = crashableResources(given.resources, { effect: 1, side: 'after' })
  await given.drive(Promise.race([promoteBy(given, 'live', ports.ledger), ports.crashed]))
  expect([await read(given), (await promotedIn(given)).length]).toEqual([{}, 4])
  await given.run(everySink)
  expect(await promotedIn(given)).toEqual([])
})

test('of two promotions the slower one does not mark what readers see no more', async () => {
  const given = await followed('v2', 'v3')
  const isPartition = (one: LedgerKey): boolean => one.spout === key.spout
  const ledger = beside(given.resources.ledger, { before: once(isPartition, () => promoteBy(given, 'v3')) })
  await promote(given, 'v2', ledger)
  expect(await read(given)).toEqual(all('v3'))
  expect((await promotedIn(given)).every((name) => name.endsWith('@v3'))).toBe(true)
  expect(await promotedIn(given)).toHaveLength(4)
})

test('a replay that is begun again while its namespace is dropped is out of service everywhere', async () => {
  const given = new GivenPorts()
  const log = createMemoryLog({ clock: given.clock, partitions: 2, topic: 'events', id: 'log' })
  given.resources = { ...given.resources, logs: { default: log } }
  await given.run(everySink)
  const ports = crashableResources(given.resources, { effect: 1, side: 'after' })
  await Promise.race([follow(given, 'v2', ports.ledger), given.drive(ports.crashed)])
  const ledger = beside(given.resources.ledger, {
    before: once(
      ({ partition }) => partition === 1,
      () => dropNamespace(portsOf(given), 'every', 'v2', never),
    ),
  })
  await expect(follow(given, 'v2', ledger)).rejects.toThrow('namespace v2 was dropped')
  const second = (await given.resources.ledger.read({ ...key, partition: 1 }))!
  const lapsed = Object.entries(second.sinks).filter(([name]) => name.endsWith('@v2'))
  expect(lapsed.map(([, { lapsed, retired }]) => [lapsed, retired])).toEqual(lapsed.map(() => [true, true]))
})

test('a partition that comes while a namespace is dropped is left by it too', async () => {
  const given = await followed('v2')
  const second = { ...key, partition: 1 }
  const { ledger } = given.resources
  const comes = async (): Promise<unknown> => ledger.compareAndSet(second, undefined, await documentOf(given))
  const ports = portsOf(given, beside(ledger, { before: once(isCatalogue, comes) }))
  await given.drive(dropNamespace(ports, 'every', 'v2', never))
  expect((await ledger.read(second))!.sinks['totals@v2']).toMatchObject({ retired: true, lapsed: true })
})
