import { createMemoryRows, createVirtualClock, remove, type VirtualClock } from 'spillway/testing'
import { expect, test } from 'vitest'
import { readAudit } from '../sinks/rows/audit.ts'
import { runPositionsTable, writeRunPositions } from '../sinks/rows/run-positions.ts'
import { askRun } from '../topology/ask-run.ts'
import { type FollowOptions, followControls } from '../topology/follow-controls.ts'
import type { RowStore } from '../topology/model/ports/row-store.ts'
import type { Wish } from '../topology/standing-controls.ts'
import { drive } from '../topology/testing/drive.ts'
import { everySink } from './engine/every-sink.ts'
import { GivenPorts } from './engine/given-ports.ts'
import { orders } from './engine/orders.ts'
import { type GivenControlledRun, givenControlledRun } from './given-controlled-run.ts'

interface Followed {
  readonly rows: RowStore
  readonly clock: VirtualClock
  readonly run: GivenControlledRun
  ask(wish: Wish, forMs?: number): Promise<unknown>
  pass(ms: number): Promise<void>
}

const followed = async (options?: FollowOptions): Promise<Followed> => {
  const [rows, clock, run] = [createMemoryRows(), createVirtualClock(), givenControlledRun()]
  void followControls(run, 'shop', rows, clock, options)
  const ask = (wish: Wish, forMs?: number): Promise<unknown> => {
    const nowMs = clock.nowMs()
    const until = forMs === undefined ? {} : { untilMs: nowMs + forMs }
    return askRun(rows, 'shop', wish, { author: 'ann', reason: 'why not', nowMs, ...until })
  }
  return { rows, clock, run, ask, pass: (ms) => drive(clock, clock.sleep(ms)) }
}

const paused = { kind: 'branch', branch: 'totals', isPaused: true } as const

test('D3: every control reaches a running process within a second', async () => {
  const { run, ask, pass } = await followed({ process: 'p1' })
  await ask({ kind: 'delete', id: 'd1', isPaused: true })
  await ask(paused)
  await ask({ kind: 'tenant', tenant: 'ann', eventsPerSecond: 500 })
  await ask({ kind: 'knob', knob: 'epoch.ageMs', value: 5_000 })
  await ask({ kind: 'drain', name: 'host#1/2', isDrained: true, process: 'p1' })
  await ask({ kind: 'drain', name: 'host#2', isDrained: true, process: 'p2' })
  await pass(1_000)
  expect(run.seen).toEqual(['pauseDelete d1', 'pause totals', 'rules ann limit 500', 'pin epoch.ageMs 5000', 'drain 2'])
})

test('a drain ends with its process: one that takes its name after it reads', async () => {
  const { rows, clock, run, ask, pass } = await followed({ process: 'p1' })
  await ask({ kind: 'drain', name: 'host#1', isDrained: true, process: 'p1' })
  await pass(1_000)
  run.end()
  await rows.ensureTable(runPositionsTable)
  await writeRunPositions(rows, 'shop', 'host#1', { process: 'p2', lanes: [], waitingFor: [], nowMs: clock.nowMs() })
  const next = givenControlledRun()
  void followControls(next, 'shop', rows, clock, { process: 'p2' })
  await pass(2_000)
  expect([run.seen, next.seen]).toEqual([['drain '], []])
  await ask({ kind: 'drain', name: 'host#1', isDrained: true, process: 'p2' })
  await pass(1_000)
  expect(next.seen).toEqual(['drain '])
})

test('D3: a control acts once, is taken back by another word, and is silent when the run has ended', async () => {
  const { run, ask, pass } = await followed()
  await ask(paused)
  await pass(5_000)
  await ask({ ...paused, isPaused: false })
  await ask({ kind: 'tenant', tenant: 'ann', eventsPerSecond: 0 })
  await pass(1_000)
  await ask({ kind: 'tenant', tenant: 'ann', eventsPerSecond: null })
  await pass(1_000)
  expect(run.seen).toEqual(['pause totals', 'resume totals', 'rules ann block', 'rules '])
  run.end()
  await ask(paused)
  await pass(5_000)
  expect(run.seen).toHaveLength(4)
})

test('D3: what is asked for a while is over by itself, and the change log tells who, when, what and why', async () => {
  const { rows, clock, run, ask, pass } = await followed()
  const startedMs = clock.nowMs()
  await ask({ kind: 'knob', knob: 'epoch.ageMs', value: 5_000 }, 60_000)
  await pass(59_000)
  expect(run.seen).toEqual(['pin epoch.ageMs 5000'])
  await pass(2_000)
  expect(run.seen).toEqual(['pin epoch.ageMs 5000', 'unpin epoch.ageMs'])
  const log = await readAudit(rows, 'shop', { nowMs: clock.nowMs(), limit: 10 })
  const knob = { topology: 'shop', kind: 'knob', name: 'epoch.ageMs' }
  expect(log).toEqual([
    {
      ...{ ...knob, atMs: startedMs, author: 'ann', reason: 'why not', untilMs: startedMs + 60_000 },
      ...{ before: 'not set by hand', after: '5000' },
    },
    {
      ...{ ...knob, atMs: startedMs + 60_000, author: 'spillway', reason: 'its time was over', untilMs: null },
      ...{ before: '5000', after: 'not set by hand' },
    },
  ])
})

test('what stands when a run begins is done at once; what a run cannot do is told once and holds up nothing', async () => {
  const { rows, clock, ask } = await followed()
  await ask(paused)
  await ask({ kind: 'knob', knob: 'epoch.ageMs', value: 5_000 })
  const run = givenControlledRun()
  run.pause = () => {
    throw new Error('no branch is named totals')
  }
  void followControls(run, 'shop', rows, clock)
  await drive(clock, clock.sleep(3_000))
  expect(run.seen).toEqual(['pin epoch.ageMs 5000'])
  const log = await readAudit(rows, 'shop', { nowMs: clock.nowMs(), limit: 10 })
  expect(log.filter(({ after }) => after === 'not done').map(({ reason }) => reason)).toEqual([
    'no branch is named totals',
  ])
})

test('a pin that does not fit yet is tried until it does', async () => {
  const { run, ask, pass } = await followed()
  const pin = run.pin
  run.pin = () => {
    throw new Error('values disagree')
  }
  await ask({ kind: 'knob', knob: 'epoch.ageMs', value: 5_000 })
  await pass(2_000)
  run.pin = pin
  await pass(3_000)
  expect(run.seen).toEqual(['pin epoch.ageMs 5000'])
})

test('a store that does not answer changes nothing', async () => {
  const [clock, run] = [createVirtualClock(), givenControlledRun()]
  const rows = createMemoryRows()
  const ask = { author: 'ann', reason: '', nowMs: clock.nowMs() }
  await askRun(rows, 'shop', paused, ask)
  let isAway = false
  const scan: RowStore['scan'] = (table, range) => {
    if (isAway) throw new Error('away')
    return rows.scan(table, range)
  }
  void followControls(run, 'shop', { ...rows, scan }, clock)
  await drive(clock, clock.sleep(1_000))
  isAway = true
  await drive(clock, clock.sleep(10_000))
  expect(run.seen).toEqual(['pause totals'])
})

test('a paused delete takes nothing out until it is resumed', async () => {
  const given = new GivenPorts()
  const run = await given.start(everySink)
  const ask = (isPaused: boolean): Promise<unknown> => {
    const asking = { author: 'ann', reason: '', nowMs: given.clock.nowMs() }
    return askRun(given.resources.rows, everySink.name, { kind: 'delete', id: 'gone', isPaused }, asking)
  }
  given.append(orders(0, 6))
  await given.pass(5_000)
  await ask(true)
  await given.pass(1_000)
  given.append([remove({ id: 'gone', project: 'ann' })])
  await given.pass(60_000)
  expect(run.status().deletes).toMatchObject([{ id: 'gone', state: 'accepted', retracted: 0 }])
  await ask(false)
  await given.pass(60_000)
  expect(run.status().deletes).toMatchObject([{ id: 'gone', state: 'done', retracted: 2 }])
  await given.drive(run.stop())
})
