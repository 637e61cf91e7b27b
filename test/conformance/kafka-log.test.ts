import { describe, test } from 'vitest'
import { eventLogClauses } from '../../topology/testing/conformance/event-log.ts'
import { serverOf } from '../servers/server-of.ts'
import { makeKafkaLog } from './kafka-log-under-test.ts'

const server = serverOf('kafka')

// Real time passes: the clauses that wait wait together.
describe.skipIf(server === undefined).concurrent('the log on Kafka keeps its contract', { timeout: 60_000 }, () => {
  for (const clause of eventLogClauses) test(clause.name, () => clause.run(makeKafkaLog(server!.brokers)))
})
