import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { AvroSchemas } from '../../../../topology/spouts/decode/avro/avro-schemas.ts'
import {
  openSchemaRegistry,
  type RegistryCredentials,
} from '../../../../topology/spouts/decode/avro/schema-registry.ts'
import { batchOf } from '../records.ts'
import { avroBytes, avroDecoder, wired } from './avro-values.ts'

const schema = { type: 'record', name: 'N', fields: [{ name: 'n', type: 'long' }] }
const record = (id: number, n: number) => ({ value: wired(id, avroBytes(schema, { n })) })

interface Answer {
  readonly status: number
  readonly body: unknown
}

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** A registry on the loopback device. */
const registryThat = async (answer: (id: string) => Answer, credentials: RegistryCredentials = {}) => {
  const asked: string[] = []
  const authorized: (string | undefined)[] = []
  const server = createServer((request, response) => {
    const id = /^\/base\/schemas\/ids\/(.*)$/.exec(request.url ?? '')?.[1] ?? ''
    asked.push(id)
    authorized.push(request.headers.authorization)
    const { status, body } = answer(id)
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo // it listens on a port
  const schemas = openSchemaRegistry(`http://127.0.0.1:${port}/base/`, credentials)
  return { schemas, asked, authorized }
}

const good = (): Answer => ({ status: 200, body: { schema: JSON.stringify(schema) } })

const decodeWith = async (schemas: AvroSchemas, ...ids: readonly number[]) => {
  const decoder = avroDecoder(schemas)
  const batch = batchOf(ids.map((id, n) => record(id, n)))
  await decoder.prepare?.(batch)
  return decoder.decode(batch)
}

test('records in the wire format are read with the schema that their id names, which is asked for once', async () => {
  const { schemas, asked } = await registryThat(good)
  const [first, second] = await Promise.all([decodeWith(schemas, 7, 7, 9), decodeWith(schemas, 9, 7)])
  expect([0, 1, 2].map((i) => first.events.event(i).body)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }])
  expect(second.events.length).toBe(2)
  expect(asked.sort()).toEqual(['7', '9'])
})

test('nothing is waited for when the schemas are at hand', async () => {
  const { schemas } = await registryThat(good)
  const decoder = avroDecoder(schemas)
  const batch = batchOf([record(7, 1)])
  await decoder.prepare?.(batch)
  expect(decoder.prepare?.(batch)).toBeUndefined()
})

const noSchema = { status: 404, body: { error_code: 40403, message: 'Schema not found' } }

test.each([
  ['an id that the registry does not know', () => noSchema, 'id 5: the registry has no such schema'],
  [
    'a schema of another kind',
    () => ({ status: 200, body: { schema: '{}', schemaType: 'PROTOBUF' } }),
    'PROTOBUF, not Avro',
  ],
  ['a schema that is none', () => ({ status: 200, body: { schema: '{"type":"record"}' } }), 'a record has no name'],
])('%s makes a dead letter of the record', async (_name, answer, cause) => {
  const { schemas } = await registryThat((id) => (id === '5' ? answer() : good()))
  const { events, rejects } = await decodeWith(schemas, 4, 5)
  expect(events.length).toBe(1)
  expect(`${rejects[0]?.cause} ${rejects[0]?.message}`).toContain(cause)
  expect(rejects[0]?.cause).toBe('UnknownSchemaError')
})

test.each([
  ['a failing registry', 503, {}, 'retry'],
  ['a busy registry', 429, {}, 'retry'],
  ['refused credentials', 401, {}, 'stop'],
  ['a page that is not found', 404, '<html>', 'stop'],
  ['an answer that is no schema', 200, 'hello', 'stop'],
])('%s is no dead letter', async (_name, status, body, errorClass) => {
  const { schemas } = await registryThat(() => ({ status, body }), { username: 'ann', password: 'hidden-word' })
  const failure = await decodeWith(schemas, 1).catch((error: unknown) => error)
  expect(failure).toMatchObject({ errorClass })
  expect(String(failure)).not.toContain('hidden-word')
})

test('a registry that is away is asked again', async () => {
  let isAway = true
  const { schemas } = await registryThat(() => (isAway ? { status: 500, body: {} } : good()))
  await expect(decodeWith(schemas, 1)).rejects.toMatchObject({ errorClass: 'retry' })
  isAway = false
  expect((await decodeWith(schemas, 1)).events.length).toBe(1)
})

test('a server that is not there is waited for', async () => {
  const schemas = openSchemaRegistry('http://127.0.0.1:1')
  await expect(decodeWith(schemas, 1)).rejects.toMatchObject({
    errorClass: 'retry',
    message: expect.stringContaining('127.0.0.1'),
  })
})

test('credentials are sent as the registry wants them', async () => {
  const basic = await registryThat(good, { username: 'ann', password: 'secret' })
  await decodeWith(basic.schemas, 1)
  const bearer = await registryThat(good, { token: 'abc' })
  await decodeWith(bearer.schemas, 1)
  expect([...basic.authorized, ...bearer.authorized]).toEqual([`Basic ${btoa('ann:secret')}`, 'Bearer abc'])
})
