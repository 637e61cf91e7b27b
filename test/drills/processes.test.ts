/** Several processes on one set of embedded resources, old Nodes, and Ctrl-C: with the real program. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { delimiter, join, resolve } from 'node:path'
import { openLog } from 'spillway'
import { expect, onTestFinished, test, vi } from 'vitest'
import { partition } from '../../topology/model/position.ts'
import { tempFolders } from '../conformance/temp-folder.ts'
import { CliProcess, topology } from './cli-process.ts'
import { orphansOf, signalWorker, workersOf } from './worker-processes.ts'

const newFolder = tempFolders()
// A command takes half a second, several when the machine has other work.
vi.setConfig({ testTimeout: 60_000 })
const repository = resolve(import.meta.dirname, '../..')
const drill = join(import.meta.dirname, 'drill-topology.ts')
const stuck = join(import.meta.dirname, 'stuck-topology.ts')

const start = (folder: string, ...words: readonly string[]): CliProcess => {
  const child = new CliProcess(folder, words)
  onTestFinished(async () => void (await child.kill()))
  return child
}
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `{"number":${from + index},"kind":"k","amount":1}\n`).join('')
const ingest = (folder: string, from: number, to: number) => {
  const name = `${from}.ndjson`
  writeFileSync(join(folder, name), lines(from, to))
  return topology(folder, ['ingest', name, '-c', 'things', '-p', 'ann'])
}
const numbersIn = async (folder: string): Promise<readonly number[]> => {
  const { stdout } = await topology(folder, ['events', 'things', '--limit', '100000'])
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line): number => JSON.parse(line).number)
}
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index)

test('a second run on the same resources gets one line and exit 1, and touches nothing', async () => {
  const folder = newFolder()
  await ingest(folder, 0, 10)
  const first = start(folder, 'run', drill, '--log-level', 'debug')
  await first.said(/drill runs on/)
  const second = await topology(folder, ['run', drill, '--until-caught-up'])
  expect([second.code, second.stdout]).toEqual([1, ''])
  expect(second.stderr.trim().split('\n')).toEqual([expect.stringMatching(/another .topology run. works on/)])
  await first.said(/checkpoint events\/\d at 10/)
  first.signal('SIGINT')
  expect((await first.ended).code).toBe(0)
  expect(await numbersIn(folder)).toEqual(upTo(10))
})

test('Ctrl-C once finishes what was read; the next run finds nothing to do', async () => {
  const folder = newFolder()
  await ingest(folder, 0, 500)
  const first = start(folder, 'run', drill, '--log-level', 'debug')
  await first.said(/checkpoint events\/\d at 500/)
  first.signal('SIGINT')
  const { code, stderr } = await first.ended
  expect([code, stderr.trim().split('\n').at(-1)]).toEqual([0, expect.stringMatching(/^stopped: 500 records /)])
  const verified = await topology(folder, ['objects', '--verify', '--json'])
  expect(JSON.parse(verified.stdout)).toMatchObject({ events: 500, problem_count: 0 })
  const { stdout } = await topology(folder, ['run', drill, '--until-caught-up', '--json'])
  expect(JSON.parse(stdout)).toMatchObject({ state: 'caughtUp', records: 0 })
})

test('what a killed run has spilled lies beside the rows, and the next run removes it', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'long.ndjson'), `{"pad":"${'x'.repeat(10_000)}"}\n`.repeat(1_000))
  await topology(folder, ['ingest', 'long.ndjson', '-c', 'things'])
  const child = start(folder, 'run', drill, '--log-level', 'debug')
  await child.said(/checkpoint events\/\d at 1000/)
  await child.kill()
  const spilled = (): readonly string[] => readdirSync(join(folder, 'data')).filter((name) => name.endsWith('-spill'))
  const left = spilled().flatMap((name) => readdirSync(join(folder, 'data', name)))
  expect((await topology(folder, ['run', drill, '--until-caught-up'])).code).toBe(0)
  const after = spilled().flatMap((name) => readdirSync(join(folder, 'data', name)))
  expect([left.length > 0, after]).toEqual([true, []])
})

test.each(['SIGKILL', 'SIGSTOP'] as const)(
  'a worker that gets %s is replaced; killed, its run leaves no worker behind, and nothing is lost',
  async (signal) => {
    const folder = newFolder()
    writeFileSync(join(folder, 'spillway.yaml'), 'knobs:\n  worker.heartbeatMs: 3000\n')
    await ingest(folder, 0, 500)
    const child = start(folder, 'run', drill, '--workers', '2', '--log-level', 'debug')
    await child.said(/checkpoint events\/\d at/)
    const [victim = 0] = await workersOf(child.pid)
    expect(signalWorker(victim, signal)).toBe(true)
    expect(await child.said(/worker \d is replaced/)).toBe(true)
    const workers = await workersOf(child.pid)
    await child.kill()
    expect([workers.length > 0, workers.includes(victim), await orphansOf(workers)]).toEqual([true, false, []])
    expect((await topology(folder, ['run', drill, '--until-caught-up'])).code).toBe(0)
    expect([...(await numbersIn(folder))].sort((left, right) => left - right)).toEqual(upTo(500))
  },
)

test('a bounded run that Ctrl-C ends early exits with 1', async () => {
  const folder = newFolder()
  await ingest(folder, 0, 10)
  writeFileSync(join(folder, 'spillway.yaml'), 'knobs:\n  shutdown.drainMs: 100\n')
  const child = start(folder, 'run', stuck, '--until-caught-up', '--log-level', 'debug')
  await child.said(/checkpoint events/)
  child.signal('SIGINT')
  const { code, stderr } = await child.ended
  expect([code, stderr.trim().split('\n').at(-1)]).toEqual([1, expect.stringMatching(/^stopped: /)])
})

test('Ctrl-C twice ends a run at once, and nothing is lost', async () => {
  const folder = newFolder()
  await ingest(folder, 0, 10)
  const child = start(folder, 'run', stuck, '--log-level', 'debug')
  await child.said(/checkpoint events/)
  child.signal('SIGINT')
  await child.said(/finishing; Ctrl-C again/)
  child.signal('SIGINT')
  expect((await child.ended).code).toBe(130)
  const { stdout } = await topology(folder, ['events', 'things'])
  expect(stdout.trim().split('\n')).toHaveLength(10)
  const next = start(folder, 'run', stuck)
  expect(await next.said(/stuck runs on/)).toBe(true)
})

test('ingest, query, schema, events and log tail work beside a running run', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'spillway.yaml'), 'knobs:\n  epoch.schemaMs: 1000\n')
  await ingest(folder, 0, 100)
  const child = start(folder, 'run', drill, '--log-level', 'debug')
  await child.said(/checkpoint totals\/\d at 100/)
  const query = await topology(folder, ['query', 'totals', '--json'])
  expect(JSON.parse(query.stdout).result.lines).toBe(100)
  const ingests = await Promise.all([ingest(folder, 100, 200), ingest(folder, 200, 300)])
  expect(ingests.map(({ code }) => code)).toEqual([0, 0])
  await child.said(/checkpoint totals\/\d at 300/)
  await child.said(/checkpoint events\/\d at 300/)
  await child.said(/checkpoint schemas\/\d at 300/)
  const answers = await Promise.all([
    topology(folder, ['query', 'totals', '--json']),
    topology(folder, ['schema', 'things', '--json']),
    topology(folder, ['log', 'tail', '--json']),
  ])
  expect(answers.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
  ])
  expect(JSON.parse(answers[0]!.stdout).result).toMatchObject({ lines: 300, total: 300 })
  expect([...(await numbersIn(folder))].sort((left, right) => left - right)).toEqual(upTo(300))
})

test('a delete that is appended beside a running run leaves every sink', async () => {
  const folder = newFolder()
  // Deletes are not gathered, and what is under way at the stop is left to the next run.
  const knobs = ['delete.coalesceMs: 0', 'delete.rewriteMs: 0', 'shutdown.drainMs: 1000']
  writeFileSync(join(folder, 'spillway.yaml'), `knobs:\n${knobs.map((knob) => `  ${knob}\n`).join('')}`)
  await ingest(folder, 0, 100)
  const child = start(folder, 'run', drill, '--log-level', 'debug')
  await child.said(/checkpoint events\/\d at 100/)
  const filters = [{ property_name: 'number', operator: 'gte', property_value: 60 }]
  const request = { id: 'd1', project: 'ann', filters, allowScan: true }
  const log = await openLog(`file:${join(folder, 'data/log')}`)
  const value = Buffer.from(JSON.stringify(request))
  const headers = [['spillway-kind', 'delete']] as const
  const places = Array.from({ length: log.partitions }, (_, index) => partition(index))
  await log.append(places.map((place) => ({ key: null, headers, value, partition: place })))
  await log.close()
  await child.said(/delete @100 is done on events/)
  child.signal('SIGINT')
  expect((await child.ended).code).toBe(0)
  expect((await topology(folder, ['run', drill, '--until-caught-up'])).code).toBe(0)
  expect(await numbersIn(folder)).toEqual(upTo(60))
  const { result } = JSON.parse((await topology(folder, ['query', 'totals', '--json'])).stdout)
  expect(result).toMatchObject({ lines: 60, total: 60 })
  expect(JSON.parse((await topology(folder, ['schema', 'things', '--json'])).stdout).events).toBe(60)
  const verdict = JSON.parse((await topology(folder, ['objects', '--verify', '--json'])).stdout)
  expect(verdict).toMatchObject({ events: 60, problem_count: 0 })
})

test('Ctrl-C ends an ingest that waits for its input: what it has taken is durable, and it says where to go on', async () => {
  const folder = newFolder()
  const child = start(folder, 'ingest', '-', '-c', 'things', '--log-level', 'debug')
  child.write(lines(0, 3))
  await child.said(/3 lines durable/)
  child.signal('SIGINT')
  const { code, stderr } = await child.ended
  expect(code).toBe(1)
  expect(stderr).toContain('interrupted; `--skip 3` goes on from here')
})

test('lines that come slowly are appended as they come', async () => {
  const folder = newFolder()
  const child = start(folder, 'ingest', '-', '-c', 'things', '--log-level', 'debug')
  for (const count of [1, 2, 3]) {
    child.write(lines(count - 1, count))
    expect(await child.said(new RegExp(`${count} lines durable`))).toBe(true)
  }
  child.end()
  expect((await child.ended).code).toBe(0)
})

/** A Node of another age, outside of this package's own. */
const oldNode = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .find((path) => {
    const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' })
    const [, major = ''] = /^v(\d+)\./.exec(stdout ?? '') ?? []
    return Number(major) >= 16 && Number(major) < 24
  })

test.skipIf(oldNode === undefined)('an old Node (left out where PATH has none) gets one line and exit 1', () => {
  // As the build does it: the types are taken out, nothing else.
  const text = stripTypeScriptTypes(readFileSync(join(repository, 'topology/cli/bin.ts'), 'utf8'))
  const folder = newFolder()
  mkdirSync(join(folder, 'cli'))
  const bin = join(folder, 'cli/bin.mjs')
  writeFileSync(bin, text)
  const { status, stdout, stderr } = spawnSync(oldNode!, [bin, 'run', 'topology.ts'], { encoding: 'utf8' })
  const version = execFileSync(oldNode!, ['--version'], { encoding: 'utf8' }).trim()
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toBe(`topology needs Node.js 24.15 or newer; this is ${version} (${oldNode}).\n`)
})
