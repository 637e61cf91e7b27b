import { expect, test } from 'vitest'
import { hasCredentials, shownUrl } from '../topology/model/shown-url.ts'
import { readLogUrl, readObjectsUrl, readRowsUrl, resourceUrlProblem } from '../topology/resource-url.ts'

test.each([
  ['log', 'postgres://host/x', 'there is no postgres: here, only file:, kafka: and memory:'],
  ['log', 'kafak://host/topic', 'did you mean "kafka"?'],
  ['log', 'constructor://host', 'there is no constructor: here'],
  ['log', './data', 'is no URL; it begins with file:, kafka: and memory:'],
  ['log', 'file:', 'names no path'],
  ['log', 'file://host/data', 'names a path of another machine'],
  ['log', 'file:x?partition=2', 'unknown parameter "partition"; it takes partitions and retention; did you mean'],
  ['log', 'file:x?partitions=0', 'partitions is a whole number from 1'],
  ['log', 'file:x?partitions=2&partitions=3', 'partitions stands there twice'],
  ['log', 'file:x?retention=week', 'retention is a number and a unit: 30m, 12h, 7d'],
  ['log', 'kafka:host/topic', 'is written kafka://host:9092/topic'],
  ['log', 'kafka://host:9092', 'names no topic: it is written kafka://host:9092/topic'],
  ['log', 'kafka:///topic', 'names no host'],
  ['log', 'kafka://a,,b/topic', 'names no host'],
  ['log', 'kafka://host:0/topic', 'the port of host is no number from 1 to 65535'],
  ['log', 'kafka://host:90920/topic', 'the port of host is no number from 1 to 65535'],
  ['log', 'kafka://ho st/topic', 'names a host that is none'],
  ['log', 'kafka://host/a/b', 'has more than a topic behind the host'],
  ['log', 'kafka://host/to pic', 'a topic is 1 to 249 letters'],
  ['log', 'kafka://host/topic?partitions=3', '`topology init --topic --partitions N` makes one with N'],
  ['rows', 'sqlite:x?mode=ro', 'unknown parameter "mode"; it takes none'],
  ['rows', 'cassandra://host', 'names no keyspace: it is written cassandra://host:9042/keyspace'],
  ['rows', 'cassandra://host/1a', 'a keyspace is 1 to 48 letters'],
  ['rows', 'cassandra://host/a?dcc=x', 'unknown parameter "dcc"; it takes dc and ttl; did you mean "dc"?'],
  ['rows', 'cassandra://host/a?dc=', 'dc names no data centre'],
  ['rows', 'cassandra://host/a?ttl=5', 'ttl is a number and a unit'],
  ['rows', 'cassandra://host/a?ttl=5ms', 'ttl is at least 1s'],
  ['objects', 's3:bucket', 'is written s3://bucket/prefix'],
  ['objects', 's3://', 'names no bucket'],
  ['objects', 's3://localhost:9000/bucket', 'a host and a port stand in AWS_ENDPOINT_URL_S3'],
  ['objects', 's3://My_Bucket', 'a bucket is 3 to 63 lower-case letters'],
  ['objects', 's3://bucket/a//b', 'the prefix "a//b" has an empty part'],
  ['objects', 's3://bucket?encryption=yes', 'encryption is AES256 or aws:kms'],
  ['objects', 's3://bucket?kmsKey=a', 'kmsKey names a key beside encryption=aws:kms'],
] as const)('%s %s: %s', (resource, url, problem) => {
  expect(resourceUrlProblem(resource, url)).toContain(problem)
})

test('all that is wrong with the parameters of a URL is told together', () => {
  const told = resourceUrlProblem('rows', 'cassandra://host/a?ttl=abc&foo=1')
  expect(told).toMatch(/"foo"; it takes dc and ttl; also: ttl is a number and a unit: 30m, 12h, 7d$/)
  expect(resourceUrlProblem('rows', 'cassandra://host?dc=')).toMatch(/names no keyspace.*; also: dc names no/)
})

test('a URL of a server is read into hosts and a name; a port may be left out, a host stands there once', () => {
  expect(readLogUrl('kafka://a:9093,b,a:9093,[::1]:1/my.topic-1')).toEqual({
    scheme: 'kafka',
    brokers: ['a:9093', 'b:9092', '[::1]:1'],
    topic: 'my.topic-1',
  })
  expect(readRowsUrl('cassandra://a,b:9043/shop?dc=datacenter1&ttl=90d')).toEqual({
    scheme: 'cassandra',
    contactPoints: ['a:9042', 'b:9043'],
    keyspace: 'shop',
    dataCenter: 'datacenter1',
    ttlSeconds: 7_776_000,
  })
  expect(readObjectsUrl('s3://bucket/a/b@c/')).toEqual({ scheme: 's3', bucket: 'bucket', prefix: 'a/b@c' })
  expect(readObjectsUrl('s3://bucket')).toEqual({ scheme: 's3', bucket: 'bucket', prefix: '' })
  expect(readObjectsUrl('s3://bucket?encryption=aws:kms&kmsKey=a/b')).toMatchObject({
    encryption: { algorithm: 'aws:kms', kmsKeyId: 'a/b' },
  })
})

test('embedded URLs keep their paths and parameters', () => {
  expect(readLogUrl('file:/data/log?partitions=8&retention=7d')).toEqual({
    scheme: 'file',
    path: '/data/log',
    partitions: 8,
    retentionMs: 604_800_000,
  })
  expect(readRowsUrl('sqlite:///var/rows.db')).toEqual({ scheme: 'sqlite', path: '/var/rows.db' })
  expect(readObjectsUrl('memory:')).toEqual({ scheme: 'memory' })
})

const secret = 'hunter2'
test.each([
  ['log', `kafka://ann:${secret}@host/topic`, 'KAFKA_SASL_PASSWORD'],
  ['log', `kafka://ann:${secret}/x?y@host/topic`, 'KAFKA_SASL_PASSWORD'],
  ['log', `kafka:ann:${secret}@host/topic`, 'KAFKA_SASL_PASSWORD'],
  ['rows', `cassandra://${secret}@host/keyspace`, 'CASSANDRA_PASSWORD'],
  ['objects', `s3://KEY:${secret}/a@b@bucket/prefix`, 'AWS_SECRET_ACCESS_KEY'],
  ['objects', `s3://KEY:${secret}/a`, 'a bucket is'],
  ['rows', `postgres://ann:${secret}@host/base`, 'there is no postgres:'],
  ['rows', `ann:${secret}@host`, 'there is no ann:'],
  ['rows', `//ann:${secret}@host`, 'is no URL'],
  ['rows', `cassandra://host/keyspace?password=${secret}`, 'unknown parameter "password"'],
  ['rows', `cassandra://host/keyspace?dc=a&${secret}!=1`, 'unknown parameter;'],
  ['log', `kafka://host:${secret}/topic`, 'the port of host'],
] as const)('%s %s is refused without its secret', (resource, url, problem) => {
  const told = resourceUrlProblem(resource, url)
  expect(told).toContain(problem)
  expect(told).not.toContain(secret)
  expect(shownUrl(url)).not.toContain(secret)
})

test('what holds no secret is shown as it is', () => {
  for (const url of [
    'file:/home/ann@work/log?partitions=2',
    'kafka://a:9092,[::1]:9092/topic',
    'cassandra://host/keyspace?dc=a&ttl=7d',
    's3://bucket/a@b',
    'memory:',
  ]) {
    expect(shownUrl(url)).toBe(url)
    expect(hasCredentials(url)).toBe(false)
  }
})
