/**
 * Asks a store, before a run trusts it, whether it keeps its conditions: one that ignores If-None-Match or If-Match would
 * let two owners of a lane overwrite each other (PROTOCOL section 7), and nobody would notice.
 *
 * All runs use one hidden object for it, with the same bytes, since objects are never removed.
 */
import type { S3Client, WriteCondition } from './s3-client.ts'
import { failureOf } from './s3-failure.ts'
import type { S3Requests } from './s3-requests.ts'

/** Below the prefix; no list shows it. */
export const probeName = '.spillway-probe'

const bytes = Buffer.from('Spillway asks here whether the store honours conditions of writes.\n')
const metadata = { probe: 'spillway' }
const otherEtag = '"00000000000000000000000000000000"'
// Others may probe at the same moment.
const replacesMax = 5

/** A sentence about what the store does wrong. Throws `S3Failure` where it gives no answer. */
export const probeS3 = async (client: S3Client, requests: S3Requests, key: string): Promise<string | undefined> => {
  const put = (condition: WriteCondition): Promise<ProbeAnswer> =>
    asked(requests.send((request) => client.put(key, bytes, metadata, condition, request)))

  const created = await put({ isNew: true })
  if (created.outcome === 'unsupported') return `it does not know If-None-Match (${created.reason})`
  if ((await put({ isNew: true })).outcome !== 'refused') return 'it ignores If-None-Match when an object is put'
  const stale = await put({ etag: otherEtag })
  if (stale.outcome === 'unsupported') return `it does not know If-Match (${stale.reason})`
  if (stale.outcome !== 'refused') return 'it ignores If-Match when an object is put'
  if (!(await isReplaceable(client, requests, key, put))) return 'it refuses If-Match with the etag of the object'
  const parts = (condition: WriteCondition): Promise<ProbeAnswer> => putInParts(client, requests, key, condition)
  if ((await parts({ isNew: true })).outcome !== 'refused')
    return 'it ignores If-None-Match when parts are put together'
  const staleParts = await parts({ etag: otherEtag })
  return staleParts.outcome === 'refused' ? undefined : 'it ignores If-Match when parts are put together'
}

interface ProbeAnswer {
  readonly outcome: 'done' | 'refused' | 'unsupported'
  readonly reason: string
}

const asked = async (request: Promise<void>): Promise<ProbeAnswer> => {
  try {
    await request
    return { outcome: 'done', reason: '' }
  } catch (error) {
    const failure = failureOf(error)
    if (failure.kind === 'precondition') return { outcome: 'refused', reason: '' }
    if (failure.kind !== 'unsupported' && failure.kind !== 'final') throw failure
    return { outcome: 'unsupported', reason: failure.message }
  }
}

const isReplaceable = async (
  client: S3Client,
  requests: S3Requests,
  key: string,
  put: (condition: WriteCondition) => Promise<ProbeAnswer>,
): Promise<boolean> => {
  for (let tries = 0; tries < replacesMax; tries++) {
    const { etag } = await requests.send((request) => client.head(key, request))
    if ((await put({ etag })).outcome === 'done') return true
  }
  return false
}

/** Large objects are made of parts, and the condition stands in the request that completes them. */
const putInParts = async (
  client: S3Client,
  requests: S3Requests,
  key: string,
  condition: WriteCondition,
): Promise<ProbeAnswer> => {
  const uploadId = await requests.send((request) => client.createUpload(key, metadata, request))
  const upload = { key, uploadId }
  try {
    const part = await requests.send((request) => client.putPart(upload, 1, bytes, request))
    return await asked(requests.send((request) => client.completeUpload(upload, [part], condition, request)))
  } finally {
    // Without an effect where the upload was completed; what stays is found by `abortOrphans`.
    await requests.send((request) => client.abortUpload(upload, request)).catch(() => undefined)
  }
}
