/** What a person is told when a bucket cannot be used: one sentence, soon, without a secret. */
import { beforeAll, describe, expect, test } from 'vitest'
import { createBucket, openS3Objects, type S3Options } from '../../../../sinks/objects/s3/s3-objects.ts'
import { SpillwayError } from '../../../../topology/model/spillway-error.ts'
import { type Fault, scriptedFaults, seededFaults, slowDown } from '../../../drills/fault-proxy.ts'
import { bodyOf, bucket, knobsOf, makeBucket, openProxy, openStore, s3Options, s3Server } from './given-s3.ts'

const failureOf = async (more: Partial<S3Options>): Promise<SpillwayError> => {
  const outcome = await openS3Objects(s3Options(more)).catch((error: unknown) => error)
  if (outcome instanceof SpillwayError) return outcome
  throw new Error('no error of ours', { cause: outcome })
}

const wrong: readonly (readonly [string, Partial<S3Options>, string, RegExp])[] = [
  ['a secret that is not the key', { secretAccessKey: 'not-the-secret' }, 'SPW-0321', /refuses these credentials/],
  ['a key that nobody knows', { accessKeyId: 'nobody' }, 'SPW-0321', /refuses these credentials/],
  ['a bucket that is not there', { bucket: 'spillway-no-such-bucket' }, 'SPW-0322', /no bucket spillway-no-such/],
  ['an unknown host', { endpoint: 'http://spillway.invalid:9' }, 'SPW-0320', /at spillway\.invalid:9: E[A-Z_]+/],
  ['a port that nobody listens on', { endpoint: 'http://127.0.0.1:1' }, 'SPW-0320', /at 127\.0\.0\.1:1: ECONNREFUSED/],
]

describe.skipIf(s3Server === undefined)('opening a bucket', () => {
  beforeAll(makeBucket)

  test.concurrent.for(wrong)('%s is told in one sentence within 10 s', async ([, more, code, text]) => {
    const error = await failureOf(more)
    expect(error).toMatchObject({ code, errorClass: 'stop' })
    expect(error.message).toMatch(text)
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain(s3Options(more).secretAccessKey)
  })

  test.concurrent('a server that does not answer is given up within 10 s', async ({ expect }) => {
    const proxy = await openProxy({ plan: () => 'hang' })
    expect(await failureOf({ endpoint: proxy.url })).toMatchObject({ code: 'SPW-0320' })
    await proxy.close()
  }, 12_000)

  test.concurrent('a credential in the endpoint is not shown', async ({ expect }) => {
    const error = await failureOf({ endpoint: 'http://me:hush@127.0.0.1:1' })
    expect(`${error.message}${error.stack}`).not.toContain('hush')
  })

  test('making a bucket twice finds it the second time', async () => {
    const options = s3Options({ bucket: `${bucket}-${Date.now()}` })
    expect([await createBucket(options), await createBucket(options)]).toEqual(['created', 'exists'])
  })

  test.for([1, 2, 3])('requests that fail at times are repeated, seed %i', async (seed) => {
    const proxy = await openProxy({ plan: seededFaults(seed, 0.15, [slowDown, 'resetBefore', 'halfRequest']) })
    const store = await openStore({ endpoint: proxy.url })
    await store.close()
    await proxy.close()
  })
})

const onlyFor =
  (method: string, isMeant: (header: (name: string) => string | undefined) => boolean, fault: Fault) =>
  (request: { method: string; headers: Readonly<Record<string, unknown>> }): Fault =>
    request.method === method && isMeant((name) => request.headers[name] as string | undefined) ? fault : 'pass' // a header of one value

describe.skipIf(s3Server === undefined)('the probe of a run', () => {
  beforeAll(makeBucket)

  test.for([
    ['If-None-Match on puts', 'PUT', 'if-none-match', /ignores If-None-Match when an object is put/],
    ['If-Match on puts', 'PUT', 'if-match', /ignores If-Match when an object is put/],
    ['If-None-Match on parts', 'POST', 'if-none-match', /ignores If-None-Match when parts are put together/],
    ['If-Match on parts', 'POST', 'if-match', /ignores If-Match when parts are put together/],
  ] as const)('refuses a store that ignores %s', async ([, method, name, text]) => {
    const proxy = await openProxy({ plan: onlyFor(method, (header) => header(name) !== undefined, 'ignoreCondition') })
    const error = await failureOf({ endpoint: proxy.url })
    expect([error.code, error.errorClass]).toEqual(['SPW-0323', 'stop'])
    expect(error.message).toMatch(text)
    await proxy.close()
  })

  test('refuses a store that does not know the condition', async () => {
    const unknown: Fault = { status: 501, code: 'NotImplemented' }
    const proxy = await openProxy({ plan: onlyFor('PUT', (header) => header('if-none-match') !== undefined, unknown) })
    expect((await failureOf({ endpoint: proxy.url })).message).toMatch(/does not know If-None-Match/)
    await proxy.close()
  })

  test('may be made by many at once, over and over, and leaves nothing to see', async () => {
    const options = s3Options()
    const stores = await Promise.all(Array.from({ length: 8 }, () => openS3Objects(options)))
    expect(await Array.fromAsync(stores[0]!.list(''))).toEqual([])
    await Promise.all(stores.map((store) => store.close()))
  })

  test('is left out by those who only read or append', async () => {
    const proxy = await openProxy()
    for (const mode of ['read', 'write'] as const) await (await openStore({ endpoint: proxy.url, mode })).close()
    expect(proxy.seen.map(({ method }) => method)).toEqual(['GET', 'GET'])
    await proxy.close()
  })
})

describe.skipIf(s3Server === undefined)('while a run is under way', () => {
  beforeAll(makeBucket)

  test.for([
    [403, 'AccessDenied'],
    [401, 'Unauthorized'],
    [400, 'ExpiredToken'],
    [503, 'SlowDown'],
    [500, 'InternalError'],
    [429, 'TooManyRequests'],
  ] as const)('%i %s is waited for, and heals (P6)', async ([status, code]) => {
    const proxy = await openProxy()
    const store = await openStore({ endpoint: proxy.url })
    proxy.plan = () => ({ status, code })
    const create = (): Promise<string> => store.create('key', bodyOf('bytes'), {})
    await expect(create()).rejects.toMatchObject({ code: 'SPW-0302', errorClass: 'retry' })
    proxy.plan = () => 'pass'
    expect(await create()).toBe('created')
    await store.close()
    await proxy.close()
  })

  test('A10: a server that hangs is given up at the deadline, which a run may change', async () => {
    const proxy = await openProxy()
    const store = await openStore({ endpoint: proxy.url })
    store.useKnobs?.(knobsOf({ 'objects.deadlineMs': 300 }))
    proxy.plan = scriptedFaults(['hang', 'hang', 'hang', 'hang'])
    await expect(store.head('key')).rejects.toMatchObject({ errorClass: 'retry' })
    await store.close()
    await proxy.close()
  })

  test('encryption is asked for with each write', async () => {
    const proxy = await openProxy()
    const encryption = { algorithm: 'aws:kms', kmsKeyId: 'key-1' } as const
    const store = await openStore({
      endpoint: proxy.url,
      mode: 'write',
      encryption,
      knob: knobsOf({ 'objects.partBytes': 5_242_880 }),
    })
    proxy.plan = () => ({ status: 400, code: 'InvalidArgument' })
    for (const size of [1, 6_000_000])
      await store.create('key', bodyOf(new Uint8Array(size)), {}).catch(() => undefined)
    const asked = proxy.seen
      .slice(1)
      .map(({ method, headers }) => [
        method,
        headers['x-amz-server-side-encryption'],
        headers['x-amz-server-side-encryption-aws-kms-key-id'],
      ])
    expect(asked).toEqual([
      ['PUT', 'aws:kms', 'key-1'],
      ['POST', 'aws:kms', 'key-1'],
    ])
    await store.close()
    await proxy.close()
  })
})
