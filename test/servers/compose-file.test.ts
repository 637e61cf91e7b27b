/** The compose file for people is no other setting than the one that the tests run on. */
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readText } from '../tidy/source-tree.ts'
import { kafkaVariables } from './docker-server.ts'
import { kafkaSettings } from './kafka-files.ts'

const { services } = parse(readText('examples/keen/docker-compose.yaml'))

test('Kafka has the settings of the tests', () => {
  expect(services.kafka.environment).toMatchObject(kafkaVariables(kafkaSettings))
})

test('Cassandra syncs its commit log in batches', () => {
  expect(services.cassandra.command.at(-1)).toContain('commitlog_sync: batch')
})

test('every port is open to this machine only', () => {
  const ports = Object.values<{ readonly ports: readonly string[] }>(services).flatMap((service) => service.ports)
  expect(ports).toHaveLength(3)
  expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
})
