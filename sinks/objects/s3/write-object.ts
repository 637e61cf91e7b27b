/**
 * Writes an object under a condition: in one request, or in parts of one size where it is larger. Readers see it whole or
 * not at all, since parts become an object by one conditional request; parts that become none are taken away again.
 *
 * A write whose answer was lost is repeated. If it took effect, its repetition fails on its own condition: the answer is
 * then `unmet` though the object is ours, which callers tell by its metadata (PROTOCOL section 7).
 */
import type { ObjectBody, ObjectMetadata } from '../../../topology/model/ports/object-store.ts'
import { type BodyPart, bodyParts } from './body-parts.ts'
import type { S3Client, UploadedPart, UploadName, WriteCondition } from './s3-client.ts'
import { failureOf, S3Failure } from './s3-failure.ts'
import type { S3Requests } from './s3-requests.ts'

export interface ObjectWrite {
  readonly key: string
  readonly body: ObjectBody
  readonly metadata: ObjectMetadata
  readonly condition: WriteCondition
}

/** `unmet`: the condition did not hold. */
export type WriteAnswer = 'written' | 'unmet'

// A conflict at the completion asks for a new upload of all parts.
const uploadsMax = 3

export class ObjectWriter {
  readonly #client: S3Client
  readonly #requests: S3Requests
  readonly #partBytes: () => number
  /** Uploads that could not be aborted when they failed. One whose beginning was never answered is not known: it has no parts. */
  readonly #left = new Map<string, UploadName>()

  constructor(client: S3Client, requests: S3Requests, partBytes: () => number) {
    this.#client = client
    this.#requests = requests
    this.#partBytes = partBytes
  }

  /** Throws what the body throws, else `S3Failure`. */
  async write(what: ObjectWrite): Promise<WriteAnswer> {
    for (let uploads = 1; ; uploads++) {
      const parts = bodyParts(what.body, this.#partBytes())
      try {
        const { value: first = emptyPart } = await parts.next()
        if (first.isLast) return await this.#put(what, first.bytes)
        const answer = await this.#upload(what, first, parts)
        if (answer !== 'again') return answer
        if (uploads === uploadsMax) throw new S3Failure('conflict', 'conflict', `${uploads} uploads came to nothing`)
      } finally {
        await parts.return(undefined)
      }
    }
  }

  /** Tries once more to take away what failed writes have left. Never throws. */
  async clear(): Promise<void> {
    for (const upload of [...this.#left.values()]) await this.abort(upload)
  }

  /** Never throws: parts that stay are tried again with the next write in parts, and by whoever opens the store later. */
  async abort(upload: UploadName): Promise<void> {
    this.#left.set(upload.uploadId, upload)
    try {
      await this.#requests.send((request) => this.#client.abortUpload(upload, request))
    } catch (error) {
      const { kind } = failureOf(error)
      if (kind !== 'noUpload' && kind !== 'missing') return
    }
    this.#left.delete(upload.uploadId)
  }

  async #put({ key, metadata, condition }: ObjectWrite, bytes: Uint8Array): Promise<WriteAnswer> {
    try {
      await this.#requests.send((request) => this.#client.put(key, bytes, metadata, condition, request))
      return 'written'
    } catch (error) {
      if (isUnmet(error, condition)) return 'unmet'
      throw error
    }
  }

  async #upload(what: ObjectWrite, first: BodyPart, rest: AsyncIterator<BodyPart>): Promise<WriteAnswer | 'again'> {
    await this.clear()
    const { key, metadata } = what
    const uploadId = await this.#requests.send((request) => this.#client.createUpload(key, metadata, request))
    const upload = { key, uploadId }
    try {
      const done: UploadedPart[] = []
      let part = first
      for (;;) {
        const { bytes } = part
        const number = done.length + 1
        done.push(await this.#requests.send((request) => this.#client.putPart(upload, number, bytes, request)))
        if (part.isLast) return await this.#complete(what, upload, done)
        part = (await rest.next()).value ?? emptyPart
      }
    } catch (error) {
      await this.abort(upload)
      throw error
    }
  }

  async #complete(
    { condition }: ObjectWrite,
    upload: UploadName,
    parts: readonly UploadedPart[],
  ): Promise<WriteAnswer | 'again'> {
    try {
      await this.#requests.send((request) => this.#client.completeUpload(upload, parts, condition, request))
      return 'written'
    } catch (error) {
      const { kind } = failureOf(error)
      const answer = isUnmet(error, condition) ? 'unmet' : 'again'
      // Without its parts an upload was completed, and the answer lost, or aborted: a new one will tell.
      if (answer === 'again' && kind !== 'noUpload' && kind !== 'conflict') throw error
      await this.abort(upload)
      return answer
    }
  }
}

const emptyPart: BodyPart = { bytes: new Uint8Array(0), isLast: true }

const isUnmet = (error: unknown, condition: WriteCondition): boolean => {
  const { kind } = failureOf(error)
  return kind === 'precondition' || (kind === 'missing' && 'etag' in condition)
}
