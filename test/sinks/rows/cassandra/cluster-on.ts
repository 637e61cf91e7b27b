/** A cluster around a client that a test makes up. */
import type { CassandraClient } from '../../../../sinks/rows/cassandra/cassandra-client.ts'
import { type Cluster, permitsFor } from '../../../../sinks/rows/cassandra/cluster.ts'
import { knobValue } from '../../../../topology/model/knobs.ts'
import type { Clock } from '../../../../topology/model/ports/clock.ts'
import { seededRandom } from '../../../../topology/testing/seeded-random.ts'

const notAsked = (): Promise<never> => Promise.reject(new Error('nobody asks for it'))

export const clusterOn = (client: Partial<CassandraClient>, given?: Clock): Cluster => {
  let nowMs = 0
  const clock = given ?? { nowMs: () => nowMs++ / 100, sleep: async () => {} }
  const none = { dataCenter: 'dc', execute: notAsked, send: notAsked, hostsOf: () => [], close: async () => {} }
  return {
    name: 'cassandra://test/k',
    keyspace: 'k',
    client: { ...none, ...client },
    clock,
    random: seededRandom(1),
    isReadOnly: false,
    ttlSeconds: undefined,
    knob: (name) => (name === 'rows.batchBytes' ? 4_096 : knobValue(name)),
    useKnobs: () => {},
    ...permitsFor(clock, () => 64),
  }
}
