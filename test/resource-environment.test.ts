import { expect, test } from 'vitest'
import { readCassandraSecrets, readKafkaSecurity, readS3Access } from '../topology/resource-environment.ts'

const secret = 'hunter2'
const sasl = { KAFKA_SASL_MECHANISM: 'SCRAM-SHA-256', KAFKA_SASL_USERNAME: 'ann', KAFKA_SASL_PASSWORD: secret }
const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: secret }

test('Kafka: without variables nothing is signed and nothing encrypted', () => {
  expect(readKafkaSecurity({ KAFKA_SASL_PASSWORD: '' })).toEqual({ isEncrypted: false })
})

test('Kafka: mechanism, user and password go together; the file of an authority means TLS', () => {
  const signed = { mechanism: 'scram-sha-256', username: 'ann', password: secret }
  expect(readKafkaSecurity(sasl)).toEqual({ isEncrypted: false, sasl: signed })
  expect(readKafkaSecurity({ KAFKA_TLS: 'true' })).toEqual({ isEncrypted: true })
  expect(readKafkaSecurity({ KAFKA_TLS_CA: 'ca.pem' })).toEqual({ isEncrypted: true, authorityFile: 'ca.pem' })
})

test('Cassandra: user and password', () => {
  expect(readCassandraSecrets({})).toEqual({})
  const found = readCassandraSecrets({ CASSANDRA_USERNAME: 'ann', CASSANDRA_PASSWORD: secret })
  expect(found).toEqual({ username: 'ann', password: secret })
})

test('S3: the endpoint of S3 goes before the general one', () => {
  expect(readS3Access({})).toEqual({})
  const both = { AWS_ENDPOINT_URL: 'http://a:1', AWS_ENDPOINT_URL_S3: 'http://b:2', ...keys }
  expect(readS3Access(both)).toEqual({ endpoint: 'http://b:2', accessKeyId: 'id', secretAccessKey: secret })
  expect(readS3Access({ AWS_REGION: 'eu-west-1', AWS_SESSION_TOKEN: 't', ...keys })).toMatchObject({
    region: 'eu-west-1',
    sessionToken: 't',
  })
})

test.each([
  [() => readKafkaSecurity({ ...sasl, KAFKA_SASL_MECHANISM: secret }), 'KAFKA_SASL_MECHANISM is one of plain'],
  [
    () => readKafkaSecurity({ KAFKA_SASL_PASSWORD: secret }),
    'has KAFKA_SASL_PASSWORD but not KAFKA_SASL_MECHANISM and',
  ],
  [() => readKafkaSecurity({ KAFKA_TLS: secret }), 'KAFKA_TLS is true or false'],
  [() => readCassandraSecrets({ CASSANDRA_PASSWORD: secret }), 'has CASSANDRA_PASSWORD but not CASSANDRA_USERNAME'],
  [() => readS3Access({ AWS_SECRET_ACCESS_KEY: secret }), 'has AWS_SECRET_ACCESS_KEY but not AWS_ACCESS_KEY_ID'],
  [() => readS3Access({ AWS_ENDPOINT_URL_S3: `http://ann:${secret}@host` }), 'do not stand in a URL'],
  [() => readS3Access({ AWS_ENDPOINT_URL_S3: secret }), 'AWS_ENDPOINT_URL_S3 is a URL: https://host'],
])('%#: what is half set or wrong is told by its name, never by its value', (read, told) => {
  expect(read).toThrow(told)
  expect(read).not.toThrow(secret)
})
