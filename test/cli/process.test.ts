/** What only a process of its own can show: exit codes, pipes, an old Node. */
import { spawnSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { createWorld } from './cli-world.ts'

const bin = resolve(import.meta.dirname, '../../topology/cli/bin.ts')
const flags = ['--conditions=spillway-source']

test('the program answers, and its exit code is that of the command', () => {
  const { status, stdout } = spawnSync(process.execPath, [...flags, bin, '--version'], { encoding: 'utf8' })
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)])
  expect(spawnSync(process.execPath, [...flags, bin, 'qury']).status).toBe(2)
})

test('an old Node gets one clear line and exit 1', () => {
  const world = createWorld()
  const old = "data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.11.1'}})"
  // Node 20 runs the built file, which differs from the source by its name alone: there is no type in it.
  const copy = join(world.folder, 'bin.mjs')
  copyFileSync(bin, copy)
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', old, copy], { encoding: 'utf8' })
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^topology needs Node\.js 24\.15 or newer; this is v.*\n$/)
})

test('a reader that goes away (`| head`) ends the command without a complaint', async () => {
  const world = createWorld()
  world.write('a.ndjson', '{"a":"some text to fill the pipe"}\n'.repeat(20_000))
  await world.topology('ingest a.ndjson')
  const node = [process.execPath, ...flags, bin].map((word) => `'${word}'`).join(' ')
  const script = `set -o pipefail; ${node} log tail -n 20000 | head -n 1`
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: world.folder, encoding: 'utf8' })
  expect([status, stderr, stdout.split('\n').length]).toEqual([0, '', 2])
})

test('drivers are loaded by the URLs that need them; one that is not installed is told with what to do', () => {
  const world = createWorld()
  const hook = `import { registerHooks } from 'node:module'
const drivers = new Set(['kafkajs', 'cassandra-driver', '@aws-sdk/client-s3'])
registerHooks({ resolve: (specifier, context, next) => {
  if (!drivers.has(specifier)) return next(specifier, context)
  throw Object.assign(new Error('no package ' + specifier), { code: 'ERR_MODULE_NOT_FOUND' })
} })`
  world.write('no-drivers.mjs', hook)
  const topology = (...words: string[]) =>
    spawnSync(process.execPath, [...flags, '--import', './no-drivers.mjs', bin, ...words], {
      cwd: world.folder,
      encoding: 'utf8',
    })
  world.write('a.ndjson', '{"a":1}\n')
  expect(topology('ingest', 'a.ndjson')).toMatchObject({ status: 0, stderr: '1 appended, 0 refused\n' })
  expect(topology('init', '--bucket', '--objects', 's3://some-bucket')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^topology init: s3: needs the package .* `npm install @aws-sdk\/client-s3`.*\n$/),
  })
})

const ownAggregate = `import { defineAggregate, defineTopology, log } from 'spillway'
import { rollup } from 'spillway/operators'
import { tableRows } from 'spillway/sinks'
const letters = () => defineAggregate<number>({
  name: 'letters', doc: 'Letters.', order: 'commutative', retraction: 'exact', path: ['word'], options: {},
  columnType: 'integer', start: () => 0, add: (sum, word, weight) => sum + weight * String(word).length,
  merge: (left, right) => left + right, read: (sum) => ({ value: sum, approximate: false }),
  encode: (sum) => sum, decode: (json) => Number(json), sizeBytes: () => 8,
})
export default defineTopology('words', (t) => {
  const words = t.spout('events', log())
  words.bolt('lengths', rollup({ window: '1 day', values: { letters: letters() } })).sink('letters', tableRows())
})
`

test("a rollup of the user's own is read through its file, and not when the file has changed since", async () => {
  const world = createWorld()
  world.write('words.mts', ownAggregate)
  world.write('a.ndjson', '{"word":"tea"}\n{"word":"kettle"}\n')
  await world.topology('ingest a.ndjson')
  const topology = (...words: string[]) =>
    spawnSync(process.execPath, [...flags, bin, ...words], { cwd: world.folder, encoding: 'utf8' })
  expect(topology('run', 'words.mts', '--until-caught-up')).toMatchObject({ status: 0, stdout: '' })
  expect(topology('query', 'letters', '--json').stdout).toContain('{"result":{"letters":9},')
  world.write('words.mts', ownAggregate.replace('1 day', '1 hour'))
  expect(topology('query', 'letters')).toMatchObject({ status: 2, stderr: expect.stringContaining('otherwise than') })
  expect(topology('run', 'words.mts')).toMatchObject({ status: 2, stderr: expect.stringContaining('SPW-0404') })
})
