/** `lag`, `status` and `dump` beside a topology that nobody runs: what ledger and log tell. */
import { expect, test } from 'vitest'
import { createWorld } from './cli-world.ts'

const topology = `
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { eventRows, tableRows } from 'spillway/sinks'
export default defineTopology('shop', (t) => {
  const events = t.spout('events', log())
  events.sink('events', eventRows())
  events.bolt('totals', rollup({ window: '1 day', values: { orders: count() } })).sink('totals', tableRows())
})
`

const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `{"n":${index},"pad":"${'x'.repeat(100)}"}\n`).join('')

/** A topology that has read 100 events, and behind them 900 that nobody has read. */
const behind = async () => {
  const world = createWorld()
  world.write('topology.ts', topology)
  await world.topology(`ingest ${world.write('a.ndjson', lines(100))} --collection c`)
  await world.topology('run topology.ts --until-caught-up')
  await world.topology(
    `ingest ${world.write('b.ndjson', lines(900))} --collection c --log file:./data/log?retention=7d`,
  )
  return world
}

test('without a run, lag is told from ledger and log: events, bytes and age, but no rates and no end', async () => {
  const world = await behind()
  const found = JSON.parse((await world.topology('lag events --json --log file:./data/log?retention=7d')).stdout)
  const [first] = found
  expect(Object.keys(first).slice(0, 14)).toEqual([
    ...['topology', 'branch', 'topic', 'partition', 'lane', 'tenant', 'lag_events', 'lag_bytes', 'lag_ms'],
    ...['held_events', 'held_ms', 'drain_multiple', 'eta_ms', 'retention_ms_left'],
  ])
  expect(first).toMatchObject({ topology: 'shop', branch: 'events', tenant: 'all', lag_events: 900, held_events: 0 })
  expect(first).toMatchObject({ drain_multiple: null, eta_ms: null, held_ms: 0 })
  // The bytes of the records that were looked at, times their number.
  expect(first.lag_bytes / (900 * 118)).toBeCloseTo(1, 1)
  expect(first.lag_ms).toBeGreaterThan(0)
  expect(first.retention_ms_left).toBe(7 * 86_400_000 - first.lag_ms)
  expect(
    found
      .slice(1)
      .every((one: { lag_events: number; eta_ms: number[] }) => one.lag_events === 0 && one.eta_ms[1] === 0),
  ).toBe(true)
})

test('people get a sentence for each branch that is behind, the others share one', async () => {
  const world = await behind()
  const { stdout } = await world.topology('lag')
  expect(stdout).toMatch(
    /^events is 900 events \([\d.]+ KiB, \d+ (ms|s)\) behind; nothing runs, so nothing drains it\n/,
  )
  expect((await world.topology('lag totls')).stderr).toContain('no branch "totls"; did you mean "totals"?')
})

test('a tenant whom no lane reads apart is in the lanes of all', async () => {
  const world = await behind()
  const found = JSON.parse((await world.topology('lag --tenant default --json')).stdout)
  expect(found.some((one: { lag_events: number }) => one.lag_events === 900)).toBe(true)
})

test('without a run nothing is in flight, and the status says that it is not running', async () => {
  const world = await behind()
  expect((await world.topology('dump')).stdout).toBe('topology shop is not running: nothing is in flight\n')
  expect(JSON.parse((await world.topology('dump --json')).stdout)).toEqual([])
  const found = JSON.parse((await world.topology('status --json')).stdout)
  expect(found).toMatchObject({ state: 'idle', verdict: null, branches: [], workers: [], pins: [], alerts: [] })
})

test('A16: a watch that is no terminal says a line with its time, and Ctrl-C ends it', async () => {
  const world = await behind()
  const controller = new AbortController()
  let stdout = ''
  const print = async (chunk: string | Uint8Array): Promise<void> => {
    stdout += String(chunk)
    controller.abort()
  }
  const { exit } = await world.topology('status --watch', { print, signal: controller.signal })
  expect(exit).toBe(0)
  expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z topology shop: not running now\n$/)
})
