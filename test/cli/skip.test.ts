/** A log whose retention was too short: what is lost is shown, let go by a person, and told of from then on. */
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../topology/engine/shell/system-clock.ts'
import { offset, partition } from '../../topology/model/position.ts'
import { openFileLog } from '../../topology/spouts/file/file-log.ts'
import { type CliWorld, createWorld } from './cli-world.ts'

const file = `import { defineTopology, log } from 'spillway'
import { eventRows } from 'spillway/sinks'
export default defineTopology('shop', (t) => {
  t.spout('events', log()).sink('store', eventRows())
})
`

const twoSinks = file
  .replace('{ eventRows }', '{ eventRows, objects }')
  .replace(
    "t.spout('events', log()).sink(",
    "const events = t.spout('events', log())\n  events.sink('lines', objects())\n  events.sink(",
  )

/** Appends to a log of one partition whose segments hold a record each; `kept` of all stay when retention has passed. */
const append = async (world: CliWorld, count: number, kept?: number): Promise<void> => {
  const folder = join(world.folder, 'data/log')
  const later = { ...systemClock, nowMs: () => systemClock.nowMs() + 3_600_000 }
  const options = { folder, partitions: 1, segmentBytes: 1_024, retentionMs: 60_000 }
  const log = await openFileLog({ ...options, clock: systemClock })
  const value = new TextEncoder().encode(JSON.stringify({ text: 'x'.repeat(1_500) }))
  for (let index = 0; index < count; index++) await log.append([{ key: 'a', headers: [], value }])
  await log.close()
  if (kept === undefined) return
  const dropping = await openFileLog({ ...options, clock: later })
  const { end } = await dropping.bounds(partition(0))
  await dropping.release(partition(0), offset(end - kept))
  await dropping.close()
}

const given = async (text = file): Promise<CliWorld> => {
  const world = createWorld()
  world.write('shop.mts', text)
  await append(world, 3)
  expect(await world.topology('run shop.mts --until-caught-up')).toMatchObject({ exit: 0 })
  return world
}

test('topology skip shows what is lost, lets it go with --yes, and a run goes on behind it', async () => {
  const world = await given()
  await append(world, 6, 2)
  const stopped = await world.topology('run shop.mts --until-caught-up')
  expect([stopped.exit, stopped.stderr]).toEqual([1, expect.stringMatching(/4 records are lost \(SPW-0201\)/)])
  for (const line of ['skip', 'skip --yes --dry-run']) {
    const { exit, stdout, stderr } = await world.topology(line)
    expect([exit, stdout]).toEqual([0, expect.stringMatching(/events\/0 +store +0 +all +\[3, 7\) +4/)])
    expect(stderr).toContain('4 offsets in 1 lane lost, and nothing was changed')
  }
  const done = await world.topology("skip --yes --reason 'too short' --json", { env: { USER: 'ann' } })
  expect(JSON.parse(done.stdout)).toMatchObject({
    skipped: true,
    lost: [{ sink: 'store', from: 3, to: 7, offsets: 4 }],
  })
  expect(await world.topology('run shop.mts --until-caught-up')).toMatchObject({ exit: 0 })
  const { stdout } = await world.topology('status')
  expect(stdout).toMatch(/lost: 4 offsets of events\/0 \[3, 7\) on store, let go .* ago by ann: too short/)
  const { lost, sinks } = JSON.parse((await world.topology('status --json')).stdout)
  expect(lost).toMatchObject([{ sink: 'store', partition: 0, from: 3, to: 7, by: 'ann', reason: 'too short' }])
  expect(sinks).toMatchObject([{ sink: 'store', received: 5 }])
})

test('what several sinks have lost counts once', async () => {
  const world = await given(twoSinks)
  await append(world, 6, 2)
  const { exit, stderr } = await world.topology('run shop.mts --until-caught-up')
  expect([exit, stderr]).toEqual([1, expect.stringMatching(/sink \w+ stopped: .*\nerror: sink \w+ stopped as well\n/)])
  expect((await world.topology('skip')).stderr).toContain('4 offsets in 2 lanes lost')
  const { stdout } = await world.topology('skip --yes --json', { env: {} })
  expect(JSON.parse(stdout)).toMatchObject({ skipped: true })
  const { lost } = JSON.parse((await world.topology('status --json')).stdout)
  expect(lost).toMatchObject([{ by: userInfo().username }, { by: userInfo().username }])
})

test('topology skip says so where nothing is lost, and where the words are wrong', async () => {
  const world = await given()
  const { exit, stdout, stderr } = await world.topology('skip --yes')
  expect([exit, stdout, stderr]).toEqual([0, '', expect.stringContaining('nothing is lost')])
  expect((await world.topology('skip --partition x')).exit).toBe(2)
})
