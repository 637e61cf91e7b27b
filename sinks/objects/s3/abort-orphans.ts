/**
 * Parts of uploads that nobody will complete: their owner was killed. They cost money and no list shows them, so whoever
 * opens the store for a run takes them away once they are so old that no owner can be at work on them.
 */
import type { S3Client } from './s3-client.ts'
import type { S3Requests } from './s3-requests.ts'

const orphanAgeMs = 86_400_000

/** Looks at one page of uploads, the rest is for later runs. Never throws: it may lack the right, and a run needs it not. */
export const abortOrphans = async (
  client: S3Client,
  requests: S3Requests,
  prefix: string,
  nowMs: number,
): Promise<number> => {
  try {
    const uploads = await requests.send((request) => client.listUploads(prefix, request))
    const orphans = uploads.filter(({ beganMs }) => beganMs < nowMs - orphanAgeMs)
    const aborts = orphans.map((upload) => requests.send((request) => client.abortUpload(upload, request)))
    const answers = await Promise.allSettled(aborts)
    return answers.filter(({ status }) => status === 'fulfilled').length
  } catch {
    return 0
  }
}
