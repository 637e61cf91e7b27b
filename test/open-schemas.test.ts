import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineTopology, log } from 'spillway'
import { eventRows } from 'spillway/sinks'
import { afterAll, expect, test } from 'vitest'
import type { LogOptions } from '../topology/model/topology.ts'
import { openSchemas } from '../topology/open-schemas.ts'
import { fingerprintOf, purchase } from './spouts/decode/avro/avro-values.ts'

const folder = mkdtempSync(join(tmpdir(), 'spillway-schemas-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A folder of schemas beside the topology. */
const given = (name: string, files: Readonly<Record<string, string>>): string => {
  mkdirSync(join(folder, name))
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text)
  return name
}

const openWith = (options: LogOptions) =>
  openSchemas(
    defineTopology('shop', (t) => t.spout('events', log(options)).sink('events', eventRows())),
    join(folder, 'topology.ts'),
  )

test('a folder is found beside the topology, and its schemas by their fingerprints', async () => {
  const schemas = given('good', { 'purchase.avsc': JSON.stringify(purchase), 'readme.md': 'not read' })
  const opened = (await openWith({ format: 'avro', schemas })).get('events')
  expect(opened?.known(fingerprintOf(purchase))).toBeTypeOf('function')
  expect(opened?.known(1n)).toBe('none of the 1 schemas of the folder has it')
})

test('a registry is not asked before a record names a schema', async () => {
  const opened = await openWith({ format: 'avro', registry: 'http://127.0.0.1:1' })
  expect(opened.get('events')?.framing).toBe('registry')
})

test('a spout of JSON has no schemas', async () => {
  expect((await openWith({})).size).toBe(0)
})

test.each([
  ['none', undefined, 'the folder'],
  ['empty', {}, 'holds no .avsc file'],
  ['broken', { 'a.avsc': '{' }, 'a.avsc'],
  ['nameless', { 'b.avsc': '{"type":"record","fields":[]}' }, 'b.avsc: a record has no name'],
  ['invalid', { 'c.avsc': '{"type":"record","name":"1x","fields":[]}' }, 'c.avsc: invalid name'],
  ['inherited', { 'e.avsc': '{"type":"array","items":"toString"}' }, '"toString" is not defined'],
  [
    'dangling',
    { 'd.avsc': '{"type":"record","name":"D","fields":[{"name":"a","type":"Other"}]}' },
    '"Other" is not defined',
  ],
])('a folder that cannot be used (%s) is told before anything is read', async (name, files, text) => {
  const schemas = files === undefined ? name : given(name, files)
  const failure = await openWith({ format: 'avro', schemas }).catch((error: unknown) => error)
  expect(failure).toMatchObject({
    errorClass: 'stop',
    message: expect.stringContaining(files === undefined ? 'ENOENT' : text),
  })
})
