/** The servers that the suites beside this one work with: each answers what it is there for. */
import { describe, expect, test } from 'vitest'
import { serverAnswers } from './server-answers.ts'
import { serverKinds } from './server-kinds.ts'
import { serverOf } from './server-of.ts'

const portOf = (place: string): number => Number(place.slice(place.lastIndexOf(':') + 1))
const [kafka, cassandra, s3] = [serverOf('kafka'), serverOf('cassandra'), serverOf('s3')]

describe.skipIf(kafka === undefined)('Kafka', () => {
  test('lists its topics', async () => {
    expect(await serverAnswers('kafka', portOf(kafka!.brokers[0]!))).toBe(true)
  })
})
describe.skipIf(cassandra === undefined)('Cassandra', () => {
  test('reads its own table', async () => {
    expect(await serverAnswers('cassandra', portOf(cassandra!.contactPoints[0]!))).toBe(true)
  })
})
describe.skipIf(s3 === undefined)('the object server', () => {
  test('lists its buckets', async () => {
    expect(await serverAnswers('s3', portOf(s3!.endpoint))).toBe(true)
  })
})

test('where CI is set, no server is missing', () => {
  const missing = serverKinds.filter((kind) => serverOf(kind) === undefined)
  expect(process.env['CI'] ? missing : []).toEqual([])
})

test('a port that nobody listens on is no server', async () => {
  expect(await serverAnswers('s3', 1)).toBe(false)
})

test('servers are what the environment names', () => {
  expect(serverOf('kafka', {})).toBeUndefined()
  expect(serverOf('kafka', { KAFKA_BROKERS: 'a:1, b:2' })).toEqual({ brokers: ['a:1', 'b:2'] })
  expect(serverOf('cassandra', { CASSANDRA_CONTACT: 'a:1', CASSANDRA_DC: 'west' })).toEqual({
    contactPoints: ['a:1'],
    dataCenter: 'west',
  })
  expect(serverOf('s3', { S3_ENDPOINT: 'http://a:1', S3_ACCESS_KEY: 'k' })).toBeUndefined()
})
