import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bytes, createWorld } from './cli-world.ts'

test('bad lines are refused with FILE:LINE, good ones are appended, exit 1', async () => {
  const world = createWorld()
  world.write('a.ndjson', '{"a":1}\nnope\n[1]\n{"keen":{"id":"x"}}\n{"a": 2}\n')
  const { exit, stdout, stderr } = await world.topology('ingest a.ndjson -c things --json')
  expect(exit).toBe(1)
  expect(JSON.parse(stdout)).toEqual({ appended: 2, refused: 3, lines: 5 })
  expect(stderr.match(/a\.ndjson:\d+/g)).toEqual(['a.ndjson:2', 'a.ndjson:3', 'a.ndjson:4'])
})

test('the bytes of a line are the value of its record', async () => {
  const world = createWorld()
  await world.topology('ingest - -c things -p shop', { stdin: bytes('  {"n":12345678901234567890, "a" : 1.0}\n') })
  const { stdout } = await world.topology('log tail')
  expect(stdout).toMatch(/shop {2}project=shop collection=things {4}\{"n":12345678901234567890, "a" : 1\.0\}\n$/)
})

test('time, id and key become headers and key of the record', async () => {
  const world = createWorld()
  const text = '{"at":"2026-01-02","ref":7,"user":"ann"}\n{"ref":"x","user":"ann"}\n'
  await world.topology('ingest - --time at --id ref --key user', { stdin: bytes(text) })
  const { stdout } = await world.topology('log tail --json')
  const records = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(records.map(({ key }) => key)).toEqual(['ann', 'ann'])
  expect(records.map(({ headers }) => headers)).toEqual([
    { project: 'default', 'spillway-time': '2026-01-02T00:00:00.000Z', 'spillway-id': '7' },
    { project: 'default', 'spillway-id': 'x' },
  ])
})

test('a time that is none is refused; a number needs its unit', async () => {
  const world = createWorld()
  const input = { stdin: bytes('{"at":"soon"}\n{"at":1700000000}\n') }
  expect((await world.topology('ingest - --time at --json', input)).stdout).toContain('"refused":2')
  await world.topology('ingest - --time at --time-unit s', { stdin: bytes('{"at":1700000000}') })
  expect((await world.topology('log tail')).stdout).toContain('spillway-time=2023-11-14T22:13:20.000Z')
})

test('--skip goes on after a break, over all inputs', async () => {
  const world = createWorld()
  world.write('a.ndjson', '{"a":1}\n\n{"a":2}\n')
  world.write('b.csv', 'a\n3\n4\n')
  const { stdout } = await world.topology('ingest a.ndjson b.csv --skip 4 --json')
  expect(JSON.parse(stdout)).toEqual({ appended: 1, refused: 0, lines: 5 })
  expect((await world.topology('log tail')).stdout).toContain('{"a":4}')
})

test('--keep-bad appends bad lines as they are', async () => {
  const world = createWorld()
  const { exit, stdout } = await world.topology('ingest - --keep-bad --json', { stdin: bytes('nope\n{"a":1}\n') })
  expect(exit).toBe(1)
  expect(JSON.parse(stdout)).toEqual({ appended: 2, refused: 1, lines: 2 })
  expect((await world.topology('log tail')).stdout).toMatch(/ {2}nope\n/)
})

test('--keep-bad keeps an unreadable time where a spout finds it', async () => {
  const world = createWorld()
  const stdin = bytes('{"at":"soon"}\n{"at":5}\n{"at":"2026-01-01","keen":5}\n')
  await world.topology('ingest - --keep-bad --time at', { stdin })
  const { stdout } = await world.topology('log tail')
  for (const time of ['soon', '5', '2026-01-01']) expect(stdout).toContain(`spillway-time=${time} `)
})

test.each(['../x', '', 'a$b', '_a', 'x'.repeat(300), 'caf\u00e9', '\u{1f600}'])(
  'collection %j is refused before anything is appended',
  async (name) => {
    const world = createWorld()
    const { exit, stderr } = await world.topology(`ingest - -c '${name}'`, { stdin: bytes('{"a":1}') })
    expect([exit, stderr]).toEqual([2, expect.stringContaining('--collection: ')])
    expect((await world.topology('log tail')).stderr).toContain('there is no log')
  },
)

test('an interrupted ingest says where it goes on', async () => {
  const world = createWorld()
  const stop = new AbortController()
  async function* slow(): AsyncIterable<Uint8Array> {
    yield Buffer.from('{"a":1}\n{"a":2}\n')
    stop.abort()
    yield Buffer.from('{"a":3}\n')
    yield Buffer.from('{"a":4}\n')
  }
  const { exit, stderr } = await world.topology('ingest -', { stdin: slow(), signal: stop.signal })
  expect([exit, stderr]).toEqual([1, expect.stringMatching(/interrupted; `--skip (\d)` goes on from here/)])
})

test('a silent pipe does not keep an interrupted ingest', async () => {
  const world = createWorld()
  const stop = new AbortController()
  async function* silent(): AsyncIterable<Uint8Array> {
    yield Buffer.from('{"a":1}\n')
    setImmediate(() => stop.abort())
    await new Promise(() => {})
  }
  const { exit, stdout } = await world.topology('ingest - --json', { stdin: silent(), signal: stop.signal })
  expect([exit, JSON.parse(stdout)]).toEqual([1, { appended: 1, refused: 0, lines: 1 }])
})

test.each([
  ['gzip', [0x1f, 0x8b, 8, 0, 10, 10], 'compressed with gzip: `zcat a.bin | topology ingest -`'],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd, 10], 'compressed with zstd: `zstdcat a.bin | topology ingest -`'],
  ['UTF-16', [0xff, 0xfe, 0x7b, 0, 10, 0], 'UTF-16, not UTF-8: `iconv -f UTF-16 -t UTF-8 a.bin | topology ingest -`'],
])('%s is told once, with what reads it', async (_, magic, said) => {
  const world = createWorld()
  writeFileSync(join(world.folder, 'a.bin'), Uint8Array.from(magic))
  world.write('b.ndjson', '{"a":1}\n')
  const { exit, stdout, stderr } = await world.topology('ingest a.bin b.ndjson --keep-bad --json')
  expect([exit, JSON.parse(stdout)]).toEqual([1, { appended: 1, refused: 1, lines: 2 }])
  expect(stderr.split('\n')[0]).toBe(`warning: a.bin:1: is ${said}`)
})
