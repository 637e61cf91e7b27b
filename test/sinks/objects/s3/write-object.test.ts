/** Objects of several parts: whole or absent, and no part is left behind (PEERS P5). */
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { beforeAll, describe, expect, test } from 'vitest'
import type { S3Options } from '../../../../sinks/objects/s3/s3-objects.ts'
import { openS3Objects } from '../../../../sinks/objects/s3/s3-objects.ts'
import { systemClock } from '../../../../topology/engine/shell/system-clock.ts'
import type { ObjectStore } from '../../../../topology/model/ports/object-store.ts'
import * as proxy from '../../../drills/fault-proxy.ts'
import { bodyOf, bucket, knobsOf, makeBucket, openProxy, patient, s3Options, s3Server } from './given-s3.ts'

const partBytes = 5 * 1_048_576
const large = Buffer.alloc(2 * partBytes + 17, 'large ')
const large2 = Buffer.alloc(2 * partBytes, 'other ')

const uploadsOf = async ({ prefix }: S3Options): Promise<readonly string[]> => {
  const { accessKeyId = '', secretAccessKey = '', endpoint = '', region = '' } = s3Server ?? {}
  const credentials = { accessKeyId, secretAccessKey }
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials })
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix }))
  client.destroy()
  return Uploads.map(({ UploadId }) => UploadId ?? '')
}

interface Given {
  readonly store: ObjectStore
  readonly options: S3Options
  readonly proxy: proxy.FaultProxy
}

const withStore = async (run: (given: Given) => Promise<void>): Promise<void> => {
  const faulty = await openProxy({ slowMs: 20 })
  const options = s3Options({ endpoint: faulty.url, knob: knobsOf({ 'objects.partBytes': partBytes }) })
  const store = await openS3Objects(options)
  try {
    await run({ store, options, proxy: faulty })
    faulty.plan = () => 'pass'
    await store.close()
    expect(await uploadsOf(options)).toEqual([])
  } finally {
    await faulty.close()
  }
}

const textOf = async (store: ObjectStore): Promise<Uint8Array | undefined> => (await store.read('key'))?.bytes

const steps: Readonly<Record<string, (request: proxy.SeenRequest) => boolean>> = {
  create: ({ method, path }) => method === 'POST' && path.includes('uploads'),
  part: ({ method, path }) => method === 'PUT' && path.includes('partNumber'),
  complete: ({ method, path }) => method === 'POST' && path.includes('uploadId='),
  head: ({ method }) => method === 'HEAD',
}
const faults: readonly proxy.Fault[] = [
  proxy.slowDown,
  proxy.internalError,
  'resetBefore',
  'halfRequest',
  'slow',
  proxy.conflict,
  { status: 412, code: 'PreconditionFailed' },
]
const lost: readonly proxy.Fault[] = ['resetAfter', 'errorAfter', 'halfResponse']

describe.skipIf(s3Server === undefined)('an object of several parts', () => {
  beforeAll(makeBucket)

  test('is created once, and replaced if nobody changed it', () =>
    withStore(async ({ store }) => {
      expect(await store.create('key', bodyOf(large), { by: 'first' })).toBe('created')
      expect(await store.create('key', bodyOf(large2), { by: 'second' })).toBe('exists')
      const found = await store.read('key')
      expect([Buffer.compare(large, found?.bytes ?? large2), found?.metadata['by']]).toEqual([0, 'first'])
      expect(await store.replace('key', '"0"', bodyOf(large2), {})).toBe('refused')
      expect(await store.replace('key', found?.etag ?? '', bodyOf(large2), { by: 'third' })).toBe('replaced')
      expect(Buffer.compare(large2, (await textOf(store)) ?? large)).toBe(0)
    }))

  test.for([
    ['one part', large.subarray(0, 9)],
    ['several', large],
  ] as const)('of %s is not taken for written where no answer comes', ([, bytes]) =>
    withStore(async ({ store, proxy: faulty }) => {
      faulty.plan = (request) => (request.method === 'GET' || request.method === 'HEAD' ? 'pass' : 'resetBefore')
      await expect(store.create('key', bodyOf(bytes), {})).rejects.toMatchObject({ errorClass: 'retry' })
      expect(await store.head('key')).toBeUndefined()
    }),
  )

  test('is written anew when somebody has taken its parts away', () =>
    withStore(async ({ store, proxy: faulty }) => {
      let times = 1
      const isGone = (request: proxy.SeenRequest): boolean => steps['complete']!(request) && times-- > 0
      faulty.plan = (request) => (isGone(request) ? { status: 404, code: 'NoSuchUpload' } : 'pass')
      expect(await store.create('key', bodyOf(large), {})).toBe('created')
      expect(await textOf(store)).toEqual(Uint8Array.from(large))
    }))

  test('of many creators one wins', () =>
    withStore(async ({ store }) => {
      const answers = await Promise.all([large, large2, large].map((body) => store.create('key', bodyOf(body), {})))
      expect(answers.filter((answer) => answer === 'created')).toHaveLength(1)
    }))

  test('is not there, nor any part of it, when its body breaks off', () =>
    withStore(async ({ store }) => {
      const broken = async function* (): AsyncIterable<Uint8Array> {
        yield large
        throw new Error('the body broke off')
      }
      await expect(store.create('key', broken, {})).rejects.toThrow('the body broke off')
      expect(await store.head('key')).toBeUndefined()
    }))

  for (const [step, isMeant] of Object.entries(steps).slice(0, 3)) {
    test.for([...faults, ...(step === 'create' ? [] : lost)])(
      `%j at ${step} loses nothing and leaves no part`,
      (fault) =>
        withStore(async ({ store, proxy: faulty }) => {
          faulty.plan = proxy.scriptedFaults([fault, 'pass', fault], isMeant)
          const answer = await patient(store).create('key', bodyOf(large), {})
          const whole = await textOf(store)
          if (whole !== undefined) expect(Buffer.compare(large, whole)).toBe(0)
          expect([whole === undefined, answer]).not.toEqual([true, 'created'])
        }),
    )
  }

  test('parts that could not be taken away are taken away when the store answers again', () =>
    withStore(async ({ store, options, proxy: faulty }) => {
      faulty.plan = (request) => (steps['part']!(request) || request.method === 'DELETE' ? proxy.internalError : 'pass')
      await expect(store.create('key', bodyOf(large), {})).rejects.toMatchObject({ errorClass: 'retry' })
      expect(await uploadsOf(options)).toHaveLength(1)
    }))
})

describe.skipIf(s3Server === undefined)('parts that a killed owner left', () => {
  beforeAll(makeBucket)

  /** Leaves an upload behind, as a process does that is killed. */
  const leaveParts = async (): Promise<S3Options> => {
    const faulty = await openProxy()
    const options = s3Options({ knob: knobsOf({ 'objects.partBytes': partBytes, 'objects.deadlineMs': 300 }) })
    const store = await openS3Objects({ ...options, endpoint: faulty.url })
    faulty.plan = (request) => (steps['complete']!(request) || request.method === 'DELETE' ? 'resetBefore' : 'pass')
    await store.create('key', bodyOf(large), {}).catch(() => undefined)
    await faulty.close()
    expect(await uploadsOf(options)).toHaveLength(1)
    return options
  }
  const dayMs = 86_400_000
  const later = (ms: number): S3Options['clock'] => ({ ...systemClock, nowMs: () => systemClock.nowMs() + ms })

  test.for([
    [0, 1],
    [dayMs - 60_000, 1],
    [dayMs + 60_000, 0],
  ])('%i ms later a run leaves %i of them', async ([ms = 0, left]) => {
    const options = await leaveParts()
    await (await openS3Objects({ ...options, clock: later(ms) })).close()
    expect(await uploadsOf(options)).toHaveLength(left ?? 0)
    await (await openS3Objects({ ...options, clock: later(2 * dayMs) })).close()
  })
})
