/** The archive as any S3 client sees it: what a listing of the bucket shows, unpacked. */
import { gunzipSync } from 'node:zlib'
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import type { ArchivedObjects } from './check-outcome.ts'

const visible =
  /^archive\/[\w.%-]+\/\d{4}-\d\d-\d\dT\d\dZ\/[\w.%-]+\/drill(?:\.[a-z]+)?-\d+-\d+-\d{20}(?:-\d+)?\.ndjson\.gz$/
/** The namespace that an object's name tells. */
const namespaceIn = (key: string): string | undefined => /\/drill\.([a-z]+)-[^/]*$/.exec(key)?.[1]
const atOnce = 8
// As tools have it that read whole folders: such names are no data.
const isHidden = (key: string): boolean => key.slice(key.lastIndexOf('/') + 1).startsWith('.')

export class ServedObjects implements ArchivedObjects {
  readonly #client: S3Client
  readonly #bucket: string
  readonly #namespace: string | undefined

  /** `namespace`: only what a replay has written; absent: all but that. */
  constructor(client: S3Client, bucket: string, namespace?: string) {
    this.#client = client
    this.#bucket = bucket
    this.#namespace = namespace
  }

  async keys(): Promise<readonly string[]> {
    const keys: string[] = []
    for (let from: string | undefined; ; ) {
      const page = await this.#client.send(
        new ListObjectsV2Command({ Bucket: this.#bucket, ...(from === undefined ? {} : { ContinuationToken: from }) }),
      )
      for (const { Key = '' } of page.Contents ?? [])
        if (!isHidden(Key) && namespaceIn(Key) === this.#namespace) keys.push(Key)
      from = page.NextContinuationToken
      if (from === undefined) return keys
    }
  }

  async lines(problems: string[]): Promise<readonly string[]> {
    const keys = [...(await this.keys())]
    const found: string[] = []
    const work = async (): Promise<void> => {
      for (let key = keys.pop(); key !== undefined; key = keys.pop()) {
        if (!visible.test(key)) problems.push(`a reader of the bucket sees ${key}`)
        try {
          for (const line of await this.#linesOf(key)) found.push(line)
        } catch (error) {
          problems.push(`${key} is no whole object: ${String(error)}`)
        }
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    return found
  }

  async #linesOf(key: string): Promise<readonly string[]> {
    const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }))
    const text = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString('utf8')
    if (!text.endsWith('\n')) throw new Error('the last line is cut off')
    return text.slice(0, -1).split('\n')
  }
}
