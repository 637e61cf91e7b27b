/** The ledger in a real Cassandra keeps every clause. */
import { describe, expect, test } from 'vitest'
import { createCassandraLedger } from '../../../../sinks/rows/cassandra/cassandra-ledger.ts'
import { emptyDocument } from '../../../../topology/engine/ledger/document.ts'
import { ledgerClauses } from '../../../../topology/testing/conformance/ledger.ts'
import { clusterOn } from './cluster-on.ts'
import { cassandra, ownKeyspace } from './with-keyspace.ts'

// What the driver rejects with: its own deadline, a coordinator's, one that cannot tell, a connection that is lost.
test.each([{ name: 'OperationTimedOutError' }, { code: 0x1100 }, { code: 0x1700 }, { isSocketError: true }])(
  'a change whose answer is %o is neither made nor refused, and is not repeated',
  async (fields) => {
    let sent = 0
    const cluster = clusterOn({
      execute: async (cql) => {
        if (cql.includes(' IF ')) sent += 1
        throw Object.assign(new Error('no answer'), fields)
      },
    })
    const ledger = createCassandraLedger(cluster, true)
    const change = ledger.compareAndSet({ topology: 't', spout: 's', partition: 0 }, 1, {
      ...emptyDocument('log', 0, 0),
      ver: 2,
    })
    await expect(change).rejects.toMatchObject({ errorClass: 'retry' })
    expect(sent).toBe(1)
  },
)

describe.skipIf(cassandra === undefined)('the ledger in cassandra', () => {
  const own = ownKeyspace()

  test.each(ledgerClauses.map((clause) => [clause.name, clause] as const))('%s', (_name, clause) =>
    clause.run(async () => {
      await own.empty()
      return (await own.open()).ledger
    }),
  )

  test('a key whose document was never written is not listed', async () => {
    await own.empty()
    const { ledger } = await own.open()
    const insert = `INSERT INTO "${own.keyspace}".spillway_ledger_keys (topology, spout, log_partition) VALUES ('t', 's', 1)`
    await own.client.execute(insert)
    expect(await ledger.keys('t')).toEqual([])
  })

  test('a reader of an empty keyspace finds nothing and creates nothing', async () => {
    const { ledger } = await own.open({ mode: 'read' })
    expect(await ledger.read({ topology: 't', spout: 's', partition: 0 })).toBeUndefined()
  })
})
