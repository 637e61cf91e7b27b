/**
 * What went wrong with a request, told by what to do about it. Everything that a rotation of credentials, a repair of the
 * network or patience can heal is worth repeating; only a request that the store calls wrong is final.
 *
 * A failure carries the store's own sentence, never the request: that holds tokens and signatures.
 */
import { errors } from '../../../topology/model/errors.ts'
import type { SpillwayError } from '../../../topology/model/spillway-error.ts'

/**
 * `precondition`: the condition of a write did not hold. `missing`: there is no such object. `conflict`: another write of
 * the same object is under way. `noUpload`: the parts are gone, by completion or by abortion. `slow`: the store asks for
 * fewer requests. `passing`: the outcome is unknown. `final`: the store calls the request wrong.
 */
export type S3FailureKind =
  | 'precondition'
  | 'missing'
  | 'noBucket'
  | 'noUpload'
  | 'conflict'
  | 'slow'
  | 'denied'
  | 'elsewhere'
  | 'unsupported'
  | 'passing'
  | 'final'

export class S3Failure extends Error {
  readonly kind: S3FailureKind
  /** Status and code of the answer, or the code of the network. */
  readonly code: string

  constructor(kind: S3FailureKind, code: string, message: string) {
    super(
      [code, message].filter((text, place, all) => text !== '' && all.indexOf(text) === place).join(': ') ||
        'no answer',
    )
    this.kind = kind
    this.code = code
  }
}

/** What the client attaches to errors; each may be missing. */
interface ErrorShape {
  readonly name?: unknown
  readonly code?: unknown
  readonly message?: unknown
  readonly $metadata?: { readonly httpStatusCode?: unknown }
  readonly $response?: { readonly statusCode?: unknown; readonly headers?: Readonly<Record<string, unknown>> }
  readonly errors?: readonly ErrorShape[]
}

const kindByCode: Readonly<Record<string, S3FailureKind>> = {
  NoSuchBucket: 'noBucket',
  NoSuchUpload: 'noUpload',
  InvalidPart: 'noUpload',
  InvalidPartOrder: 'noUpload',
  NoSuchKey: 'missing',
  NotFound: 'missing',
  PreconditionFailed: 'precondition',
  SlowDown: 'slow',
  Throttling: 'slow',
  ThrottlingException: 'slow',
  RequestLimitExceeded: 'slow',
  TooManyRequests: 'slow',
  AccessDenied: 'denied',
  InvalidAccessKeyId: 'denied',
  XAdminUserNotFound: 'denied',
  SignatureDoesNotMatch: 'denied',
  ExpiredToken: 'denied',
  InvalidToken: 'denied',
  TokenRefreshRequired: 'denied',
  CredentialsProviderError: 'denied',
  PermanentRedirect: 'elsewhere',
  TemporaryRedirect: 'elsewhere',
  AuthorizationHeaderMalformed: 'elsewhere',
  NotImplemented: 'unsupported',
  // Of a body that was harmed on its way, and of a clock that the client now corrects.
  RequestTimeout: 'passing',
  IncompleteBody: 'passing',
  BadDigest: 'passing',
  InvalidDigest: 'passing',
  XAmzContentSHA256Mismatch: 'passing',
  XAmzContentChecksumMismatch: 'passing',
  RequestTimeTooSkewed: 'passing',
  OperationAborted: 'conflict',
}

const kindOf = (status: number | undefined, code: string): S3FailureKind => {
  const known = kindByCode[code]
  if (known !== undefined) return known
  if (code.startsWith('KMS.')) return 'denied'
  if (status === undefined || status < 300) return 'passing'
  if (status < 400) return 'elsewhere'
  if (status === 401 || status === 403) return 'denied'
  // Only the store's own word says that an object is missing: a gateway on the way, or one that knows no key, says 404 too.
  if (status === 404) return 'passing'
  if (status === 409) return 'conflict'
  if (status === 412) return 'precondition'
  if (status === 408) return 'passing'
  if (status === 429 || status === 503) return 'slow'
  if (status === 501 || status === 405) return 'unsupported'
  return status < 500 ? 'final' : 'passing'
}

export const failureOf = (thrown: unknown): S3Failure => {
  if (thrown instanceof S3Failure) return thrown
  const shape = thrown as ErrorShape // every member is looked at before it is used
  // A host with several addresses: one error for each, and an empty one around them.
  const inner = shape.errors?.[0] ?? shape
  const status = numberOf(shape.$metadata?.httpStatusCode) ?? numberOf(shape.$response?.statusCode)
  const name = textOf(inner.name)
  const code = ['Error', 'UnknownError', 'Unknown', 'AggregateError', ''].includes(name)
    ? textOf(inner.code) || (status === undefined ? '' : `status ${status}`)
    : name
  const region = shape.$response?.headers?.['x-amz-bucket-region']
  const where = typeof region === 'string' ? ` (the bucket is in region ${region})` : ''
  return new S3Failure(kindOf(status, code), code, `${firstLine(textOf(inner.message))}${where}`)
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const textMax = 300

const firstLine = (text: string): string => (text.split('\n', 1)[0] ?? '').slice(0, textMax)

/** Whether the same request may succeed a moment later. */
export const isWorthRepeating = ({ kind }: S3Failure): boolean =>
  kind === 'passing' || kind === 'slow' || kind === 'conflict'

/** A failure while a run is under way: waited for, unless the store calls the request wrong. */
export const runningError = (store: string, failure: S3Failure): SpillwayError => {
  if (failure.kind === 'final' || failure.kind === 'unsupported') {
    return errors.objectRequestRefused({ store, reason: failure.message }, failure)
  }
  const reason = failure.kind === 'denied' ? `refuses the credentials (${failure.message})` : failure.message
  return errors.storeUnavailable({ store, reason }, failure)
}

/** A failure before anything has begun: a person must act. */
export const openingError = (
  store: { readonly name: string; readonly bucket: string; readonly host: string },
  failure: S3Failure,
): SpillwayError => {
  const reason = failure.message
  if (failure.kind === 'denied') return errors.objectsDenied({ store: store.name, reason }, failure)
  if (failure.kind === 'noBucket') return errors.bucketMissing({ store: store.name, bucket: store.bucket }, failure)
  if (failure.kind === 'final' || failure.kind === 'elsewhere' || failure.kind === 'unsupported') {
    return errors.objectRequestRefused({ store: store.name, reason }, failure)
  }
  return errors.objectsUnreachable({ store: store.name, host: store.host, reason }, failure)
}
