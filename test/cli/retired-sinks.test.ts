/** A topology loses a sink, and later a spout: what they have written can still be read. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bytes, type CliWorld, createWorld, removeWorld } from './cli-world.ts'

const file = (...lines: readonly string[]): string => `import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { eventRows, tableRows } from 'spillway/sinks'
export default defineTopology('shop', (t) => {
  const events = t.spout('events', log())
  ${lines.join('\n  ')}
})
`
const one = "events.sink('one', eventRows())"
const two = [
  "events.sink('two', eventRows())",
  "events.bolt('counts', rollup({ window: '1 day', values: { orders: count() } })).sink('totals', tableRows())",
]

let world: CliWorld

beforeAll(async () => {
  world = createWorld(true)
  world.write('before.mts', file(...two))
  world.write('after.mts', file(one))
  await world.topology('ingest - -c x', { stdin: bytes('{"a":1}\n{"a":2}\n') })
  await world.topology('run before.mts --until-caught-up')
  await world.topology('ingest - -c x', { stdin: bytes('{"a":3}\n') })
  await world.topology('run after.mts --until-caught-up')
})

afterAll(() => removeWorld(world.folder))

test('their rows are read by name, as they were', async () => {
  expect((await world.topology('events x --sink two')).stdout.trim().split('\n')).toHaveLength(2)
  const { exit, stdout, stderr } = await world.topology('query totals')
  expect([exit, stdout, stderr]).toEqual([0, expect.stringContaining('2'), expect.stringContaining('behind the log')])
})

test('without a name the declared sink is meant, and lists tell which are retired', async () => {
  expect((await world.topology('events x')).stdout.trim().split('\n')).toHaveLength(3)
  expect((await world.topology('events x --sink six')).stderr).toContain('There are one, two (retired).')
})

test('status: a retired sink has no lag, and its lanes are not counted', async () => {
  const { sinks, lanes } = JSON.parse((await world.topology('status --json')).stdout)
  expect(sinks).toContainEqual(expect.objectContaining({ sink: 'two', retired: true, received: 2, lag_events: 0 }))
  expect(new Set(lanes.map(({ sink }: { sink: string }) => sink))).toEqual(new Set(['one']))
  expect((await world.topology('status')).stdout).toMatch(/two \(retired\) .*\n4 of 4 lanes are caught up\n$/s)
})

test('a spout that is gone retires its sinks', async () => {
  world.write('other.mts', file(one).replaceAll("'events'", "'orders'").replaceAll("'one'", "'three'"))
  expect(await world.topology('run other.mts --until-caught-up')).toMatchObject({ exit: 0 })
  await world.topology('ingest - -c x', { stdin: bytes('{"a":4}\n') })
  const { sinks } = JSON.parse((await world.topology('status --json')).stdout)
  expect(sinks).toContainEqual(expect.objectContaining({ sink: 'one', retired: true, received: 3, lag_events: 0 }))
  expect((await world.topology('query totals')).stderr).toContain('sink totals is retired, and so is its spout events')
})
