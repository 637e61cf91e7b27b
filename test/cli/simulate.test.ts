/** `topology simulate` on topologies that are right, that are wrong, and that cannot be played. */
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type CliWorld, createWorld } from './cli-world.ts'

const topologyWith = (bolts: string): string => `import { filter, map } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { tableRows } from 'spillway/sinks'
export default defineTopology('orders', (t) => {
  t.spout('events', log())${bolts}
    .bolt('by_kind', rollup({ window: '1 minute', by: ['kind'], values: { orders: count() } }))
    .sink('totals', tableRows())
})
`
const right = topologyWith('')
// Never twice the same, so it fails in whatever is drawn.
const wrong = topologyWith(".bolt('marked', map((event) => ({ ...event, kind: Math.random() })))")

const worldWith = (text: string): CliWorld => {
  const world = createWorld()
  world.write('orders.ts', text)
  return world
}

test('a topology that is right passes, and what was tried is told', async () => {
  const { exit, stdout } = await worldWith(right).topology('simulate orders.ts --seeds 6')
  expect(stdout).toMatch(/^6 histories, [\d,]+ steps in .* histories a second\n/)
  expect(stdout).toMatch(/^TRIED +TIMES/m)
  expect(stdout).toContain('Every view was what the log says.')
  expect(exit).toBe(0)
}, 30_000)

test('the same seeds are the same histories, for programs too', async () => {
  const world = worldWith(right)
  const reports = await Promise.all(
    [1, 2].map(async () => JSON.parse((await world.topology('simulate orders.ts --seeds 4 --json')).stdout)),
  )
  expect(reports[0]).toMatchObject({ histories: 4, failure: null })
  const [first, second] = reports.map(({ elapsed_ms: _, ...rest }) => rest)
  expect(second).toEqual(first)
}, 30_000)

test('a trace is the same to the letter', async () => {
  const world = worldWith(right)
  const traces = [
    await world.topology('simulate orders.ts --seed 3 --trace'),
    await world.topology('simulate orders.ts --seed 3 --trace'),
  ]
  expect(traces[0]!.stdout).toMatch(/^step +\d+ +\+0\.000 s /)
  expect(traces[1]).toEqual(traces[0])
  const { stdout } = await world.topology('simulate orders.ts --seed 3 --trace --json')
  const entries = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(entries[0]).toMatchObject({ ms: 0, who: expect.any(String), what: expect.any(String) })
}, 30_000)

test('a topology that is wrong fails with a story, and its seed is kept and played first', async () => {
  const world = worldWith(wrong)
  const { exit, stdout, stderr } = await world.topology('simulate orders.ts --seeds 50')
  expect(exit).toBe(1)
  const seed = /^seed (\d+) breaks I-\d: /m.exec(stdout)![1]
  expect(stdout).toContain('to blame: the bolt "marked"')
  expect(stdout).toContain(`topology simulate orders.ts --seed ${seed}\n`)
  expect(stderr).toContain(`seed ${seed} is kept in orders.seeds.json`)
  const file = join(world.folder, 'orders.seeds.json')
  expect(JSON.parse(readFileSync(file, 'utf8')).seeds).toMatchObject([{ seed: Number(seed) }])
  const again = await world.topology('simulate orders.ts --seed-start 1000000 --json')
  expect(JSON.parse(again.stdout)).toMatchObject({ histories: 1, failure: { seed: Number(seed) } })
}, 60_000)

test('the trace of a failing seed says how it ended, and is shorter for its shortest history', async () => {
  const world = worldWith(wrong)
  const { seed } = JSON.parse((await world.topology('simulate orders.ts --no-keep --json')).stdout).failure
  const whole = await world.topology(`simulate orders.ts --seed ${seed} --trace`)
  expect(whole.exit).toBe(1)
  expect(whole.stderr).toMatch(/^error: seed \d+ breaks I-1: bolt marked /)
  const smallest = await world.topology(`simulate orders.ts --seed ${seed} --trace --smallest`)
  expect(smallest.stdout.length).toBeLessThan(whole.stdout.length)
}, 60_000)

test('a person may end it, and that is no success', async () => {
  const signal = AbortSignal.abort()
  const { exit, stdout, stderr } = await worldWith(right).topology('simulate orders.ts', { signal })
  expect(stdout).toMatch(/^0 histories/)
  expect(stderr).toContain('interrupted before all histories were played')
  expect(exit).toBe(1)
})

test('a seed that cannot be kept is told of, and the failure all the same', async () => {
  const world = worldWith(wrong)
  symlinkSync('no-folder/seeds.json', join(world.folder, 'orders.seeds.json'))
  const { exit, stdout, stderr } = await world.topology('simulate orders.ts --seeds 50')
  expect(stdout).toContain('to blame: the bolt "marked"')
  expect(stderr).toContain('could not be kept in orders.seeds.json')
  expect(exit).toBe(1)
}, 60_000)

test('no seed is kept where nobody wants it', async () => {
  const world = worldWith(wrong)
  expect((await world.topology('simulate orders.ts --seeds 50 --no-keep')).exit).toBe(1)
  expect(existsSync(join(world.folder, 'orders.seeds.json'))).toBe(false)
}, 60_000)

test('a bolt that lets nothing through is told, and sample events help', async () => {
  const world = worldWith(topologyWith(".bolt('vip', filter((event) => String(event.body['tier']).length === 23))"))
  const { stderr } = await world.topology('simulate orders.ts --seeds 3')
  expect(stderr).toContain('the bolt "vip" never let anything through: nothing below it was tested')
  expect(stderr).toContain('--events')
  world.write('samples.ndjson', `${JSON.stringify({ kind: 'a', tier: 'x'.repeat(23) })}\n`)
  const helped = await world.topology('simulate orders.ts --seeds 3 --events samples.ndjson')
  expect(helped.stderr).not.toContain('never let anything through')
}, 60_000)

test('a bolt that throws on whatever it gets is told with what it threw', async () => {
  const world = worldWith(topologyWith(".bolt('vip', filter(() => { throw new Error('no vip') }))"))
  const { stderr } = await world.topology('simulate orders.ts --seeds 3')
  expect(stderr).toContain('never let anything through: nothing below it was tested; it threw "no vip"')
}, 60_000)

test.each([
  ['simulate orders.ts --trace', '--trace: stands with --seed'],
  ['simulate orders.ts --seed 3 --seeds 9', '--seeds: does not stand with --seed'],
  ['simulate orders.ts --seeds 0', '--seeds: "0" is no whole number from 1'],
  ['simulate orders.ts --smallest', '--smallest: stands with --trace'],
  ['simulate orders.ts --events nowhere.ndjson', '--events: there is no file "nowhere.ndjson"'],
  ['simulate orders.ts --events bad.ndjson', 'bad.ndjson:2: is no JSON'],
  ['simulate broken.ts', 'broken.ts'],
])('%s is wrong usage: %s', async (line, problem) => {
  const world = worldWith(right)
  world.write('bad.ndjson', '{"a":1}\nnot json\n')
  world.write('broken.ts', 'export default 1\n')
  const { exit, stderr } = await world.topology(line)
  expect(stderr).toContain(problem)
  expect(exit).toBe(2)
})

test('a file of kept seeds that holds something else is told', async () => {
  const world = worldWith(right)
  world.write('orders.seeds.json', '{"seeds":["17"]}')
  const { exit, stderr } = await world.topology('simulate orders.ts --seeds 1')
  expect(stderr).toContain('orders.seeds.json: does not hold seeds that were kept')
  expect(exit).toBe(2)
})
