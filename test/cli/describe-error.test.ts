import { expect, test } from 'vitest'
import { CommandInput } from '../../topology/cli/command-input.ts'
import { describeError } from '../../topology/cli/describe-error.ts'
import { errors } from '../../topology/model/errors.ts'

test.each([
  [errors.topicMissing({ brokers: 'h', topic: 't' }), { log: 'kafka://h/t' }, '--topic --log kafka://h/t`'],
  [
    errors.keyspaceMissing({ store: 's', keyspace: 'k' }),
    { rows: 'cassandra://h/k' },
    '--keyspace --rows cassandra://h/k`',
  ],
  [errors.bucketMissing({ store: 's', bucket: 'b' }), { objects: 's3://b/p' }, '--bucket --objects s3://b/p`'],
  [errors.topicMissing({ brokers: 'h', topic: 't' }), { rows: 'cassandra://h/k' }, '--topic`'],
])('a place that was given by flag is given so to what makes it: %s', (error, options, expected) => {
  expect(describeError(error, new CommandInput([], options))).toContain(`topology init ${expected}`)
})

test('what a server says in a whole sentence ends with one full stop', () => {
  const error = errors.objectsDenied({ store: 's3://b', reason: 'The key does not exist.' })
  expect(describeError(error)).toMatch(/: The key does not exist \(SPW-0321\)\. Check/)
})
