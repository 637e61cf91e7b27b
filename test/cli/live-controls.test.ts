/** Live controls as a person meets them: what each command says, and what stands in the control table behind it. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readAudit } from '../../sinks/rows/audit.ts'
import { readControls } from '../../sinks/rows/controls.ts'
import { writeRunPositions } from '../../sinks/rows/run-positions.ts'
import { askRun } from '../../topology/ask-run.ts'
import { openRows } from '../../topology/resources.ts'
import { standingControls } from '../../topology/standing-controls.ts'
import { type CliWorld, createWorld, removeWorld } from './cli-world.ts'

/** A project that has run once. */
const shop = async (keep = false): Promise<CliWorld> => {
  const world = createWorld(keep)
  await world.topology('init')
  await world.topology('ingest sample/purchases.ndjson -c purchases -p shop')
  await world.topology('run topology.ts --until-caught-up')
  return world
}

const inRows = async <T>(
  world: CliWorld,
  use: (rows: Awaited<ReturnType<typeof openRows>>['rows']) => Promise<T>,
): Promise<T> => {
  const opened = await openRows(`sqlite:${join(world.folder, 'data/rows.db')}`)
  try {
    return await use(opened.rows)
  } finally {
    await opened.close()
  }
}

const standing = (world: CliWorld): Promise<ReturnType<typeof standingControls>> =>
  inRows(world, async (rows) => standingControls(await readControls(rows, 'shop'), Date.now()))

/** Somebody has told a moment ago that it runs the topology. */
const withRunning = (world: CliWorld, ...names: readonly string[]): Promise<void> =>
  inRows(world, async (rows) => {
    for (const name of names)
      await writeRunPositions(rows, 'shop', name, { process: name, lanes: [], waitingFor: [], nowMs: Date.now() })
  })

describe('each command writes what it says, and how it is undone', () => {
  test.each([
    [
      'pause archive --for 2h --because "the bucket is moved"',
      /^archive is paused: it keeps its place, .* over by itself in 2 h 0 min .*\nno process runs shop now: .*\nundo: topology resume archive\n$/,
      'branch archive running -> paused',
    ],
    ['pause purchases', /^bolt purchases \(revenue_by_country\) is paused/, 'branch purchases running -> paused'],
    ['resume archive', /^archive is not paused; /, 'branch archive running -> running'],
    ['pause archive --tenant acme', /^archive takes nothing of acme: /, 'tenant acme in archive free -> blocked'],
    [
      'tenant limit acme 30k/min --by ann',
      /^acme is limited to 500 events\/s: what is above waits in the log\n[\s\S]*undo: topology tenant clear acme\n$/,
      'tenant acme free -> limited to 500/s',
    ],
    ['tenant block acme', /^acme is blocked: .* over by itself in 4 h 0 min/, 'tenant acme free -> blocked'],
    [
      'tune set epoch.ageMs 5s --because "fewer commits"',
      /^epoch\.ageMs is 5,000 ms \(before: 1,000 ms\); over by itself in 4 h 0 min .*\n.*danger: .*\n/,
      'knob epoch.ageMs not set by hand -> 5000',
    ],
    ['tune profile protect', /^profile protect: /, 'knob profile.mode not set by hand -> protect'],
  ])('topology %s', async (line, said, changed) => {
    const world = await shop()
    const { exit, stdout, stderr } = await world.topology(line)
    expect([exit, stderr, stdout]).toEqual([0, '', expect.stringMatching(said)])
    const [entry] = await inRows(world, (rows) => readAudit(rows, 'shop', { nowMs: Date.now(), limit: 9 }))
    expect(`${entry?.kind} ${entry?.name} ${entry?.before} -> ${entry?.after}`).toBe(changed)
    expect((await world.topology('tune log')).stdout).toContain(changed.split(' -> ')[1])
  })
})

describe('what cannot be is refused with what is wrong, and nothing is asked for', () => {
  let world: CliWorld
  beforeAll(async () => {
    world = await shop(true)
  })
  afterAll(() => removeWorld(world.folder))

  test.each([
    ['pause archiv', 'shop has no branch "archiv"; did you mean "archive"?'],
    ['pause archive --for soon', '--for: "soon" is not a duration'],
    ['pause archive --for 0', '--for: 0 is not between 1 second and a year'],
    ['tenant limit acme fast', 'RATE: "fast" is not a rate such as 500/s'],
    ['tenant limit acme 0/s', 'Say `topology tenant block acme`.'],
    ['tenant limit acme 5/s --branch archiv', '--branch: shop has no branch "archiv"; did you mean "archive"?'],
    ['tenant clear acme', 'nothing holds for "acme"'],
    ['tune set epoch.agMs 10', 'no knob is named epoch.agMs; did you mean "epoch.ageMs"?'],
    ['tune set epoch.ageMs 10MiB', '10MiB is a size; epoch.ageMs takes a time such as 500, 5s or 2m.'],
    ['tune set memory.budgetBytes 5s', '5s is a time; memory.budgetBytes takes bytes.'],
    ['tune set tenant.shareRatio 40%', 'A share is written from 0 to 1: 0.4.'],
    ['tune set epoch.ageMs 1', 'it is a whole number of ms from 100 to 600,000'],
    ['tune unset epoch.ageMs', 'epoch.ageMs is not set by hand'],
    ['tune profile protekt', 'no profile is named "protekt"; did you mean "protect"?'],
    ['drain host#1', 'No process runs shop now.'],
    ['undrain host#1', 'host#1 is not drained'],
  ])('topology %s: exit 2, %s', async (line, said) => {
    const { exit, stdout, stderr } = await world.topology(line)
    expect([exit, stdout, stderr]).toEqual([2, '', expect.stringContaining(said)])
    expect(await inRows(world, (rows) => readControls(rows, 'shop'))).toEqual([])
  })
})

test('a sink that is paused with its bolt is not said to run: the bolt is named', async () => {
  const world = await shop()
  await world.topology('pause purchases')
  const { stdout } = await world.topology('resume revenue_by_country')
  expect(stdout).toMatch(
    /^revenue_by_country stays paused, with bolt purchases: `topology resume purchases`\nno process runs shop now: .*\n$/,
  )
  await world.topology('pause revenue_by_country')
  expect((await world.topology('resume purchases')).stdout).toMatch(
    /^revenue_by_country stays paused by itself: `topology resume revenue_by_country`\n/,
  )
})

test('values that disagree are refused together with the one that can be changed; what gives way is told', async () => {
  const world = await shop()
  await world.topology('tune set fetch.totalBytes 64MiB')
  const refused = await world.topology('tune set memory.budgetBytes 128MiB')
  expect([refused.exit, refused.stderr]).toEqual([2, expect.stringContaining('fetch.totalBytes')])
  await world.topology('tune unset fetch.totalBytes')
  const { stdout } = await world.topology('tune set catchUp.afterMs 60s')
  expect(stdout).toMatch(
    /lowers catchUp\.leaveMs from 1 min 0 s to 30,000 ms, so that catchUp\.leaveMs <= catchUp\.afterMs/,
  )
  expect((await world.topology('tune list --changed')).stdout).toMatch(/catchUp\.leaveMs +30,000 ms +lowered/)
})

test('tune profile auto lets the topology choose also where spillway.yaml fixes a profile, and says what holds after', async () => {
  const world = await shop()
  world.write('spillway.yaml', 'knobs:\n  profile.mode: protect\n')
  const auto = (await world.topology('tune profile auto --for 30m')).stdout
  expect(auto).toMatch(
    /^profile auto: the topology chooses .*; over by itself in 30 min .*\nthen profile protect holds again, as it is set for the run\n[\s\S]*undo: topology tune unset profile\.mode\n$/,
  )
  expect((await standing(world)).pins).toMatchObject([{ knob: 'profile.mode', value: 'auto' }])
  const realtime = (await world.topology('tune profile realtime')).stdout
  expect(realtime).toMatch(/undo: topology tune unset profile\.mode\n$/)
  world.write('spillway.yaml', 'knobs: {}\n')
  expect((await world.topology('tune profile auto')).stdout).not.toContain('over by itself')
  expect((await standing(world)).pins).toEqual([])
})

test('tune list tells value, source, author, reason and the time that is left; --json has it all', async () => {
  const world = await shop()
  world.write('spillway.yaml', 'knobs:\n  batch.records: 700\n')
  await world.topology('tune set epoch.ageMs 5s --by ann --because "fewer commits" --for 2h')
  const { stdout } = await world.topology('tune list --changed')
  expect(stdout).toMatch(/batch\.records +700 records +settings/)
  expect(stdout).toMatch(/epoch\.ageMs +5,000 ms +ann for [12] h \d+ min, "fewer commits"/)
  const json: readonly Record<string, unknown>[] = JSON.parse((await world.topology('tune list --json')).stdout)
  expect(json.length).toBeGreaterThan(50)
  expect(json.find(({ knob }) => knob === 'epoch.ageMs')).toMatchObject({
    ...{ value: 5_000, initial: 1_000, unit: 'ms', min: 100, max: 600_000, at: 'epoch', source: 'pin' },
    ...{ author: 'ann', reason: 'fewer commits', until: expect.stringMatching(/Z$/) },
  })
})

test('tenant list shows what stands; clear takes all rules of a tenant back, or those of one branch', async () => {
  const world = await shop()
  await world.topology('tenant limit acme 500/s --by ann --because "their importer loops"')
  await world.topology('tenant block acme --branch archive --for 1h')
  expect((await world.topology('tenant list')).stdout).toMatch(
    /^TENANT +BRANCH +RULE +FOR +BY +BECAUSE\nacme +all +500\/s +until cleared +ann +their importer loops\nacme +archive +blocked +1 h 0 min +\S+\n$/,
  )
  await world.topology('tenant clear acme --branch archive')
  expect((await standing(world)).rules.map(({ rule }) => rule)).toEqual(['limit'])
  await world.topology('tenant clear acme')
  expect((await world.topology('tenant list')).stdout).toBe('no tenant is limited or blocked\n')
})

test('a process that runs is named, and drained; its answer in JSON has stable keys', async () => {
  const world = await shop()
  await withRunning(world, 'host#1', 'host#2')
  expect((await world.topology('drain hots#1')).stderr).toContain('no process or worker is named hots#1; did you mean')
  const { stdout } = await world.topology('drain host#1 --json')
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ topology: 'shop', kind: 'drain', name: 'host#1', before: 'running', after: 'drained', reason: '' },
    ...{ until: null, processes: 2 },
  })
  expect((await standing(world)).drains).toMatchObject([{ name: 'host#1', process: 'host#1' }])
  expect((await world.topology('undrain host#1')).stdout).toMatch(
    /^host#1 takes lanes again\n2 running processes will hear of it within a second\nundo: topology drain host#1\n$/,
  )
})

test('a drained process that has ended is not said to take lanes again', async () => {
  const world = await shop()
  const wish = { kind: 'drain', name: 'host#1', isDrained: true, process: 'earlier' } as const
  await inRows(world, (rows) => askRun(rows, 'shop', wish, { author: 'ann', reason: '', nowMs: Date.now() }))
  await withRunning(world, 'host#1')
  expect((await world.topology('undrain host#1')).stdout).toMatch(
    /^host#1 is drained no more; of its process nothing is heard, and a new one of that name was never drained\n$/,
  )
  expect((await standing(world)).drains).toEqual([])
})

test('the change log is bounded, and begins where it is asked to', async () => {
  const world = await shop()
  expect((await world.topology('tune log')).stdout).toBe('nothing was changed\n')
  for (const rate of [1, 2, 3]) await world.topology(`tenant limit acme ${rate}/s`)
  const log = async (more: string): Promise<readonly Record<string, unknown>[]> =>
    JSON.parse((await world.topology(`tune log --json ${more}`)).stdout)
  expect((await log('--limit 2')).map(({ after }) => after)).toEqual(['limited to 2/s', 'limited to 3/s'])
  expect(await log('--since 1h')).toHaveLength(3)
  expect(await log('--since 0')).toEqual([])
})
