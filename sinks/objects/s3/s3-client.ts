/** Single requests to a bucket in our words: what the adapter asks of a client, whichever library is behind it. */
import type { ListedObject, ObjectMetadata, StoredObject } from '../../../topology/model/ports/object-store.ts'
import type { RequestTry } from './s3-requests.ts'

export interface S3Encryption {
  /** `AES256`: keys of the store (SSE-S3). `aws:kms`: a key of KMS (SSE-KMS). */
  readonly algorithm: 'AES256' | 'aws:kms'
  /** Default: the account's own key for S3. */
  readonly kmsKeyId?: string
}

export interface S3ClientOptions {
  readonly bucket: string
  readonly region?: string
  /** Of an S3-compatible server; buckets are then addressed by path. */
  readonly endpoint?: string
  /** Default: what the AWS client finds by itself (profile, role of the machine). */
  readonly accessKeyId?: string
  readonly secretAccessKey?: string
  readonly sessionToken?: string
  readonly encryption?: S3Encryption
}

/** What a write is bound to: no object under the key, or one with this etag. */
export type WriteCondition = { readonly isNew: true } | { readonly etag: string }

export interface UploadedPart {
  readonly number: number
  readonly etag: string
  readonly crc32: string | undefined
}

export interface OpenUpload {
  readonly key: string
  readonly uploadId: string
  readonly beganMs: number
}

/** A page of a list; `next` leads to the following one. */
export interface S3Page<Item> {
  readonly items: readonly Item[]
  readonly next: string | undefined
}

/** Single requests. Each throws `S3Failure`. */
export interface S3Client {
  put(
    key: string,
    bytes: Uint8Array,
    metadata: ObjectMetadata,
    condition: WriteCondition,
    request: RequestTry,
  ): Promise<void>
  head(key: string, request: RequestTry): Promise<StoredObject>
  get(key: string, request: RequestTry): Promise<StoredObject & { readonly bytes: Uint8Array }>
  list(prefix: string, from: string | undefined, most: number, request: RequestTry): Promise<S3Page<ListedObject>>
  createUpload(key: string, metadata: ObjectMetadata, request: RequestTry): Promise<string>
  putPart(upload: UploadName, number: number, bytes: Uint8Array, request: RequestTry): Promise<UploadedPart>
  completeUpload(
    upload: UploadName,
    parts: readonly UploadedPart[],
    condition: WriteCondition,
    request: RequestTry,
  ): Promise<void>
  abortUpload(upload: UploadName, request: RequestTry): Promise<void>
  listUploads(prefix: string, request: RequestTry): Promise<readonly OpenUpload[]>
  createBucket(request: RequestTry): Promise<'created' | 'exists'>
  close(): void
}

export interface UploadName {
  readonly key: string
  readonly uploadId: string
}
