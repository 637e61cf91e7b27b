/**
 * The one file that speaks with the AWS client: single tries of single requests, in our words. The package is an optional
 * dependency and slow to load, so it is imported when a client is made.
 *
 * The client repeats nothing by itself and sends every body with its CRC32, which the store compares; parts and their
 * completion name the same checksum, as servers demand.
 */
import type { S3Client as AwsS3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import { errors } from '../../../topology/model/errors.ts'
import type { ListedObject, ObjectMetadata, StoredObject } from '../../../topology/model/ports/object-store.ts'
import { decodeMetadata, encodeMetadata } from './metadata-text.ts'
import type {
  OpenUpload,
  S3Client,
  S3ClientOptions,
  S3Encryption,
  S3Page,
  UploadedPart,
  UploadName,
  WriteCondition,
} from './s3-client.ts'
import { failureOf, S3Failure } from './s3-failure.ts'
import type { RequestTry } from './s3-requests.ts'

const connectionMs = 3_000
const socketsMax = 64

type Aws = typeof import('@aws-sdk/client-s3')

const loadAws = async (): Promise<Aws> => {
  try {
    return await import('@aws-sdk/client-s3')
  } catch (error) {
    const fields = error as { code?: unknown } // Node attaches the code
    if (fields.code === 'ERR_MODULE_NOT_FOUND') throw errors.objectDriverMissing({}, error)
    throw error
  }
}

export const createAwsClient = async (options: S3ClientOptions): Promise<S3Client> =>
  new AwsClient(await loadAws(), options)

const configurationOf = (options: S3ClientOptions): S3ClientConfig => {
  const { region, endpoint, accessKeyId, secretAccessKey, sessionToken } = options
  const agent = { keepAlive: true, maxSockets: socketsMax }
  const session = sessionToken === undefined ? {} : { sessionToken }
  const isKnown = accessKeyId !== undefined && secretAccessKey !== undefined
  return {
    ...(region !== undefined ? { region } : endpoint === undefined ? {} : { region: 'us-east-1' }),
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(isKnown ? { credentials: { accessKeyId, secretAccessKey, ...session } } : {}),
    maxAttempts: 1,
    // It would open a connection of its own for every large body.
    expectContinueHeader: false,
    requestChecksumCalculation: 'WHEN_SUPPORTED',
    responseChecksumValidation: 'WHEN_SUPPORTED',
    requestHandler: { connectionTimeout: connectionMs, httpAgent: agent, httpsAgent: agent },
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  }
}

interface EncryptionInput {
  readonly ServerSideEncryption?: S3Encryption['algorithm']
  readonly SSEKMSKeyId?: string
}

class AwsClient implements S3Client {
  readonly #aws: Aws
  readonly #client: AwsS3Client
  readonly #bucket: string
  readonly #encryption: EncryptionInput

  constructor(aws: Aws, options: S3ClientOptions) {
    this.#aws = aws
    this.#client = new aws.S3Client(configurationOf(options))
    this.#bucket = options.bucket
    const { algorithm, kmsKeyId } = options.encryption ?? {}
    this.#encryption = {
      ...(algorithm === undefined ? {} : { ServerSideEncryption: algorithm }),
      ...(kmsKeyId === undefined ? {} : { SSEKMSKeyId: kmsKeyId }),
    }
  }

  put(
    key: string,
    bytes: Uint8Array,
    metadata: ObjectMetadata,
    condition: WriteCondition,
    { signal }: RequestTry,
  ): Promise<void> {
    return during(async () => {
      const content = { Body: bytes, ContentLength: bytes.length, ...this.#written(metadata) }
      const command = new this.#aws.PutObjectCommand({ ...this.#at(key), ...content, ...conditionOf(condition) })
      await this.#client.send(command, { abortSignal: signal })
    })
  }

  head(key: string, { signal }: RequestTry): Promise<StoredObject> {
    return during(async () => {
      const command = new this.#aws.HeadObjectCommand(this.#at(key))
      return storedObject(key, await this.#client.send(command, { abortSignal: signal }))
    })
  }

  get(key: string, { signal, extend }: RequestTry): Promise<StoredObject & { readonly bytes: Uint8Array }> {
    return during(async () => {
      const found = await this.#client.send(new this.#aws.GetObjectCommand(this.#at(key)), { abortSignal: signal })
      extend(found.ContentLength ?? 0)
      const bytes = (await found.Body?.transformToByteArray()) ?? new Uint8Array(0)
      if (bytes.length !== found.ContentLength) throw new S3Failure('passing', 'half an object', key)
      return { ...storedObject(key, found), bytes }
    })
  }

  list(prefix: string, from: string | undefined, most: number, { signal }: RequestTry): Promise<S3Page<ListedObject>> {
    return during(async () => {
      const start = from === undefined ? {} : { ContinuationToken: from }
      const input = { Bucket: this.#bucket, Prefix: prefix, MaxKeys: most, EncodingType: 'url' as const, ...start }
      const page = await this.#client.send(new this.#aws.ListObjectsV2Command(input), { abortSignal: signal })
      const keyOf = page.EncodingType === 'url' ? decodedKey : (key: string): string => key
      const items = (page.Contents ?? []).map((one) => ({
        key: keyOf(one.Key ?? ''),
        etag: one.ETag ?? '',
        byteLength: one.Size ?? 0,
      }))
      return { items, next: page.IsTruncated === true ? page.NextContinuationToken : undefined }
    })
  }

  createUpload(key: string, metadata: ObjectMetadata, { signal }: RequestTry): Promise<string> {
    return during(async () => {
      const command = new this.#aws.CreateMultipartUploadCommand({ ...this.#at(key), ...this.#written(metadata) })
      const { UploadId } = await this.#client.send(command, { abortSignal: signal })
      return present(UploadId, 'an upload without an id')
    })
  }

  putPart(upload: UploadName, number: number, bytes: Uint8Array, { signal }: RequestTry): Promise<UploadedPart> {
    return during(async () => {
      const content = { PartNumber: number, Body: bytes, ContentLength: bytes.length, ...crc32 }
      const command = new this.#aws.UploadPartCommand({ ...this.#of(upload), ...content })
      const { ETag, ChecksumCRC32 } = await this.#client.send(command, { abortSignal: signal })
      return { number, etag: present(ETag, 'a part without an etag'), crc32: ChecksumCRC32 }
    })
  }

  completeUpload(
    upload: UploadName,
    parts: readonly UploadedPart[],
    condition: WriteCondition,
    { signal }: RequestTry,
  ): Promise<void> {
    return during(async () => {
      const Parts = parts.map(({ number, etag, crc32: sum }) => ({
        PartNumber: number,
        ETag: etag,
        ...(sum === undefined ? {} : { ChecksumCRC32: sum }),
      }))
      const input = { ...this.#of(upload), MultipartUpload: { Parts }, ...conditionOf(condition) }
      await this.#client.send(new this.#aws.CompleteMultipartUploadCommand(input), { abortSignal: signal })
    })
  }

  abortUpload(upload: UploadName, { signal }: RequestTry): Promise<void> {
    return during(async () => {
      const command = new this.#aws.AbortMultipartUploadCommand(this.#of(upload))
      await this.#client.send(command, { abortSignal: signal })
    })
  }

  listUploads(prefix: string, { signal }: RequestTry): Promise<readonly OpenUpload[]> {
    return during(async () => {
      const command = new this.#aws.ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: prefix })
      const page = await this.#client.send(command, { abortSignal: signal })
      return (page.Uploads ?? []).map((one) => ({
        key: one.Key ?? '',
        uploadId: one.UploadId ?? '',
        beganMs: one.Initiated?.getTime() ?? Number.POSITIVE_INFINITY,
      }))
    })
  }

  createBucket({ signal }: RequestTry): Promise<'created' | 'exists'> {
    return during(async () => {
      try {
        await this.#client.send(new this.#aws.CreateBucketCommand({ Bucket: this.#bucket }), { abortSignal: signal })
        return 'created'
      } catch (error) {
        if (failureOf(error).code !== 'BucketAlreadyOwnedByYou') throw error
        return 'exists'
      }
    })
  }

  close(): void {
    this.#client.destroy()
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: key }
  }

  #of({ key, uploadId }: UploadName): { Bucket: string; Key: string; UploadId: string } {
    return { ...this.#at(key), UploadId: uploadId }
  }

  #written(metadata: ObjectMetadata): EncryptionInput & typeof crc32 & { Metadata: Record<string, string> } {
    return { Metadata: encodeMetadata(metadata), ...this.#encryption, ...crc32 }
  }
}

/** Keys of strangers may hold what XML cannot. */
const decodedKey = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '))

const crc32 = { ChecksumAlgorithm: 'CRC32' } as const

const ignore = (): void => {}

const conditionOf = (condition: WriteCondition): { IfNoneMatch: string } | { IfMatch: string } =>
  'etag' in condition ? { IfMatch: condition.etag } : { IfNoneMatch: '*' }

const during = async <Result>(call: () => Promise<Result>): Promise<Result> => {
  try {
    return await call()
  } catch (error) {
    throw failureOf(error)
  }
}

const present = (value: string | undefined, what: string): string => {
  if (value === undefined) throw new S3Failure('passing', 'half an answer', what)
  return value
}

const storedObject = (
  key: string,
  found: {
    readonly ETag?: string | undefined
    readonly ContentLength?: number | undefined
    readonly Metadata?: Record<string, string> | undefined
  },
): StoredObject => ({
  key,
  etag: present(found.ETag, 'an object without an etag'),
  byteLength: found.ContentLength ?? 0,
  metadata: decodeMetadata(found.Metadata),
})
