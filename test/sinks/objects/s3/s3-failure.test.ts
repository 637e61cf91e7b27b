import { expect, test } from 'vitest'
import { failureOf, isWorthRepeating, openingError, runningError } from '../../../../sinks/objects/s3/s3-failure.ts'

const answer = (httpStatusCode: number, name: string): object => ({
  name,
  message: 'why',
  $metadata: { httpStatusCode },
})

test.each([
  [answer(412, 'PreconditionFailed'), 'precondition'],
  [answer(412, 'UnknownError'), 'precondition'],
  [answer(404, 'NoSuchKey'), 'missing'],
  [answer(404, 'NotFound'), 'missing'],
  [answer(404, 'UnknownError'), 'passing'],
  [answer(404, 'NoSuchBucket'), 'noBucket'],
  [answer(404, 'NoSuchUpload'), 'noUpload'],
  [answer(409, 'ConditionalRequestConflict'), 'conflict'],
  [answer(403, 'AccessDenied'), 'denied'],
  [answer(403, 'RequestTimeTooSkewed'), 'passing'],
  [answer(401, 'UnknownError'), 'denied'],
  [answer(400, 'ExpiredToken'), 'denied'],
  [answer(400, 'KMS.DisabledException'), 'denied'],
  [answer(400, 'InvalidArgument'), 'final'],
  [answer(301, 'PermanentRedirect'), 'elsewhere'],
  [answer(429, 'UnknownError'), 'slow'],
  [answer(503, 'SlowDown'), 'slow'],
  [answer(200, 'InternalError'), 'passing'],
  [answer(500, 'InternalError'), 'passing'],
  [answer(501, 'NotImplemented'), 'unsupported'],
  [{ name: 'CredentialsProviderError', message: 'no credentials' }, 'denied'],
  [{ name: 'Error', code: 'ECONNRESET', message: 'read ECONNRESET' }, 'passing'],
  [{ name: 'AggregateError', errors: [{ name: 'Error', code: 'ECONNREFUSED', message: 'refused' }] }, 'passing'],
  ['thrown text', 'passing'],
])('%j is %s', (thrown, kind) => {
  expect(failureOf(thrown).kind).toBe(kind)
})

test('what may pass is repeated, what a person must mend is not', () => {
  const kinds = [
    answer(500, 'X'),
    answer(503, 'X'),
    answer(409, 'X'),
    answer(403, 'X'),
    answer(412, 'X'),
    answer(400, 'X'),
  ]
  expect(kinds.map((one) => isWorthRepeating(failureOf(one)))).toEqual([true, true, true, false, false, false])
})

test('a failure says what the store said, and nothing of the request', () => {
  const thrown = {
    ...answer(403, 'SignatureDoesNotMatch'),
    CanonicalRequest: 'x-amz-security-token:hush',
    $request: {},
  }
  const error = runningError('s3://bucket', failureOf(thrown))
  expect(error).toMatchObject({ code: 'SPW-0302', errorClass: 'retry' })
  expect(error.message).toBe('s3://bucket: refuses the credentials (SignatureDoesNotMatch: why)')
  expect(JSON.stringify([error, error.cause])).not.toContain('hush')
})

test('a bucket of another region is told with its region', () => {
  const $response = { statusCode: 301, headers: { 'x-amz-bucket-region': 'eu-central-1' } }
  const failure = failureOf({ ...answer(301, 'PermanentRedirect'), $response })
  const error = openingError({ name: 's3://bucket', bucket: 'bucket', host: 'AWS' }, failure)
  expect([error.code, error.message]).toEqual([
    'SPW-0324',
    's3://bucket: PermanentRedirect: why (the bucket is in region eu-central-1)',
  ])
})
