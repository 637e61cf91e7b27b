/** Entries of the error catalogue about object stores on a server: what a person must mend before a run can begin. */
import { entry } from './error-entry.ts'

export const objectErrors = {
  objectsUnreachable: entry({
    code: 'SPW-0320',
    name: 'objectsUnreachable',
    errorClass: 'stop',
    text: (values: { store: string; host: string; reason: string }) =>
      `${values.store} cannot be reached at ${values.host}: ${values.reason}`,
    hint: 'Check AWS_ENDPOINT_URL_S3 and AWS_REGION, and that the server runs.',
  }),
  objectsDenied: entry({
    code: 'SPW-0321',
    name: 'objectsDenied',
    errorClass: 'stop',
    text: (values: { store: string; reason: string }) => `${values.store} refuses these credentials: ${values.reason}`,
    hint: 'Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; they need the rights to list the bucket, and to get and put objects.',
  }),
  bucketMissing: entry({
    code: 'SPW-0322',
    name: 'bucketMissing',
    errorClass: 'stop',
    text: (values: { store: string; bucket: string }) => `${values.store}: there is no bucket ${values.bucket}`,
    hint: '`topology init --bucket` makes it, or name another one.',
  }),
  conditionsIgnored: entry({
    code: 'SPW-0323',
    name: 'conditionsIgnored',
    errorClass: 'stop',
    text: (values: { store: string; reason: string }) => `${values.store} cannot keep objects safe: ${values.reason}`,
    hint: 'The store must honour If-None-Match and If-Match on writes, or two owners of a lane could overwrite each other.',
  }),
  objectRequestRefused: entry({
    code: 'SPW-0324',
    name: 'objectRequestRefused',
    errorClass: 'stop',
    text: (values: { store: string; reason: string }) => `${values.store}: ${values.reason}`,
    hint: 'The store answers that the request can never succeed: check the URL of objects and its parameters.',
  }),
  objectDriverMissing: entry({
    code: 'SPW-0325',
    name: 'objectDriverMissing',
    errorClass: 'stop',
    text: (_values: Record<never, never>) => 's3: needs the package @aws-sdk/client-s3, which is not installed',
    hint: '`npm install @aws-sdk/client-s3`; everything that needs no server works without it.',
  }),
  objectsTooMany: entry({
    code: 'SPW-0518',
    name: 'objectsTooMany',
    errorClass: 'stop',
    text: (values: { sink: string; partitions: number; perHour: number; limit: number }) =>
      `archive ${values.sink} would write about ${values.perHour.toLocaleString('en')} objects an hour over ${values.partitions} partitions, more than objects.perHour (${values.limit.toLocaleString('en')})`,
    hint: 'Key the log by project, so that each partition has few of them; raise objects.ageMs; or say `--accept-cost`.',
  }),
} as const
