/** What the drills say of lanes: a drill without lanes beside the live ones proves nothing, and says so. */
import type { Client } from 'cassandra-driver'
import { expect, test } from 'vitest'
import { emptyDocument } from '../../topology/engine/ledger/document.ts'
import type { LaneState, LedgerDocument, SinkState } from '../../topology/model/ledger-document.ts'
import { missingLanes } from './lane-crowd.ts'
import { LedgerWatch } from './ledger-watch.ts'

const none = { received: 0, applied: 0, deadLettered: 0, dropped: 0 }
const sink = (more: Partial<SinkState> = {}): SinkState => ({
  kind: 'rows',
  from: 0,
  to: null,
  fingerprint: '',
  retired: false,
  slots: [],
  homes: [],
  counters: none,
  ...more,
})
const lane = (more: Partial<LaneState>): LaneState => ({
  sink: 'totals',
  from: 0,
  to: null,
  tenants: { kind: 'all' },
  at: 0,
  declared: null,
  seq: 0,
  slot: 0,
  code: '',
  partBytes: 0,
  counters: none,
  tries: 0,
  committedAtMs: 0,
  ...more,
})
const origin = { namespace: 'past', fromMs: 0, toMs: 1, of: 'totals' }
const documentWith = (lanes: LedgerDocument['lanes']): LedgerDocument => ({
  ...emptyDocument('events', 0),
  sinks: { totals: sink(), 'totals@past': sink({ to: 50, replay: origin }) },
  lanes,
})

/** A watch that has seen these documents, one after the other. */
const watched = async (...docs: readonly LedgerDocument[]): Promise<LedgerWatch> => {
  const texts = docs.map((doc) => JSON.stringify(doc))
  let looks = 0
  const execute = async (): Promise<unknown> => {
    const doc = texts[Math.min(looks++, texts.length - 1)]
    return { rows: [{ topology: 'drill', log_partition: 0, doc }] }
  }
  const client = { execute } as unknown as Pick<Client, 'execute'> // the watch asks for rows alone
  const watch = new LedgerWatch(client, 'drill')
  // The look that has begun last may not be taken in yet.
  await watch.until(() => looks > texts.length, 5_000)
  await watch.end()
  return watch
}

const [south, loud] = [
  { kind: 'only', names: ['south/west'] },
  { kind: 'only', names: ['loud'] },
] as const
const replayed = lane({ sink: 'totals@past', to: 50 })

test('a drill in which only live lanes were seen tells which kinds were missing', async () => {
  const watch = await watched(documentWith({ 1: lane({}), 2: replayed }))
  expect(missingLanes(watch)).toEqual(['backlog', 'tenant loud', 'tenant south/west'])
  expect(watch.problems).toEqual([])
})

test('a drill with ranges, a replay and lanes of both tenants misses nothing, whenever they were there', async () => {
  const ranges = { 1: lane({ to: 10 }), 2: lane({ from: 10, to: 20 }), 3: lane({ from: 20 }), 4: replayed }
  const rest = { kind: 'except', names: ['loud', 'south/west'] } as const
  const tenants = { 5: lane({ tenants: south }), 6: lane({ tenants: loud }), 7: lane({ tenants: rest }), 4: replayed }
  const watch = await watched(documentWith(ranges), documentWith(tenants))
  expect([missingLanes(watch), watch.problems]).toEqual([[], []])
  expect(watch.text).toBe('backlog 2, replay 1, tenant loud 1, tenant south/west 1')
})

test('a sink that lacks a range is seen, and what is left to do is named', async () => {
  const watch = await watched(documentWith({ 1: lane({ to: 10, at: 4 }), 2: lane({ from: 12, at: 30 }), 3: replayed }))
  expect(watch.problems).toEqual([expect.stringContaining('sink totals has no range for 10 to 12')])
  expect(watch.behind([{ partition: 0, end: 30 }])).toEqual([
    'totals/0 lane 1 [0, 10) in slot 0 at 4 of 30',
    'totals@past/0 lane 3 [0, 50) in slot 0 at 0 of 30',
  ])
})
