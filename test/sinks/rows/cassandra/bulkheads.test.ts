/** What hangs holds up itself: a key its own rows, reads the reads. A hung write names its tenant. */
import { describe, expect, test } from 'vitest'
import type { BatchFrame } from '../../../../sinks/rows/cassandra/batch-frame.ts'
import type { CassandraClient } from '../../../../sinks/rows/cassandra/cassandra-client.ts'
import type { Cluster } from '../../../../sinks/rows/cassandra/cluster.ts'
import { planCqlTable } from '../../../../sinks/rows/cassandra/cql-plan.ts'
import { readPage } from '../../../../sinks/rows/cassandra/read-cql-rows.ts'
import { FramePool, writeCqlRows } from '../../../../sinks/rows/cassandra/write-cql-rows.ts'
import type { Row, TableSpec } from '../../../../topology/model/ports/row-store.ts'
import { drive } from '../../../../topology/testing/drive.ts'
import { createVirtualClock, type VirtualClock } from '../../../../topology/testing/virtual-clock.ts'
import { planted } from '../../../engine/planted.ts'
import { clusterOn } from './cluster-on.ts'

const table: TableSpec = {
  name: 'totals',
  partition: [
    { name: 'project', type: 'text' },
    { name: 'hour', type: 'integer' },
  ],
  cluster: [{ name: 'place', type: 'integer' }],
  columns: [{ name: 'note', type: 'text' }],
}
const plan = planCqlTable('k', table, new Set(['project', 'hour', 'place', 'note']))
const deadlineMs = 5_000
const localQuorum = 6
const rowsOf = (project: string, count: number): readonly Row[] =>
  Array.from({ length: count }, (_, place): Row => [project, place % 7, place, 'x'.repeat(100)])
/** As it goes over the wire: before that any bytes at all stand where its ids will. */
const bytesOf = (frame: BatchFrame): Buffer => frame.finish(Buffer.alloc(16), 4, 0, localQuorum)
const timeout = (): Error => Object.assign(new Error('no answer'), { name: 'OperationTimedOutError' })

interface Given {
  readonly clock: VirtualClock
  readonly cluster: Cluster
  readonly write: (rows: readonly Row[]) => Promise<void>
}

/** A host that answers within 2 ms, except that rows of one tenant, or all reads, get no answer at all. */
const given = (hung: string, more: Partial<CassandraClient> = {}): Given => {
  const clock = createVirtualClock(0)
  const send: CassandraClient['send'] = async (_cql, frame) => {
    const isHung = hung !== '' && bytesOf(frame).includes(hung)
    await clock.sleep(isHung ? deadlineMs : 2)
    if (isHung) throw timeout()
  }
  const cluster = clusterOn({ send, hostsOf: () => [{ address: 'one' }], ...more }, clock)
  const frames = new FramePool()
  return { clock, cluster, write: (rows) => writeCqlRows(cluster, frames, plan, rows, 7) }
}

/** Calls that others got through in six seconds beside a tenant with many rows. */
const callsBeside = async (tenant: string, hung: string): Promise<number> => {
  const { clock, write } = given(hung)
  const endMs = 6_000
  let calls = 0
  const other = async (name: string): Promise<void> => {
    for (; clock.nowMs() < endMs; calls += 1) await write(rowsOf(name, 100))
  }
  const one = async (): Promise<void> => {
    while (clock.nowMs() < endMs) {
      await write(rowsOf(tenant, tenant === '' ? 0 : 20_000)).catch(() => undefined)
      await clock.sleep(100)
    }
  }
  await drive(clock, Promise.all([one(), other('bob'), other('cid'), other('dan')]))
  return calls
}

describe('A9: a key that hangs', () => {
  test('leaves all others at least 95 % of their throughput, however much waits for it', async () => {
    const [beside, calm] = [await callsBeside('ann', 'ann'), await callsBeside('', '')]
    expect(calm).toBeGreaterThan(6_000)
    expect(beside / calm).toBeGreaterThan(0.95)
  })

  test('names its tenant in the error; what hits several tenants names none', async () => {
    const { clock, write } = given('ann')
    const ofOne = write([...rowsOf('bob', 10), ...rowsOf('ann', 10), ...rowsOf('cid', 10)])
    await expect(drive(clock, ofOne)).rejects.toMatchObject({ errorClass: 'retry', project: 'ann' })
    const all = given('x')
    const ofMany = all.write([...rowsOf('bob', 10), ...rowsOf('ann', 10)])
    await expect(drive(all.clock, ofMany)).rejects.toMatchObject({ errorClass: 'retry', project: undefined })
  })
})

describe.each(['C22', 'B21'])('%s: reads', () => {
  const never = (): Promise<never> => new Promise(() => {})

  test('have a budget of their own: however many wait, writes go on as if there were none', async () => {
    const { clock, cluster, write } = given('', { execute: never })
    for (let read = 0; read < 5_000; read += 1)
      void readPage(cluster, { cql: 'SELECT', values: [], routingKey: undefined }, 10, undefined)
    await drive(clock, write(rowsOf('ann', 1_000)))
    expect(clock.nowMs()).toBeLessThan(100)
    expect(cluster.readPermits.usage('reads')).toMatchObject([{ name: 'one reads', used: 4, waiting: 4_996 }])
    expect(cluster.writePermits.usage('writes')).toMatchObject([{ name: 'one writes', used: 0, waiting: 0 }])
  })
})

describe('A20: write and read have separate state', () => {
  /** How long a write takes beside reads that get no answer, ms; infinite: it gets none either. */
  const writeBeside = async (reads: number): Promise<number> => {
    const never = (): Promise<never> => new Promise(() => {})
    const { clock, cluster, write } = given('', { execute: never })
    for (let read = 0; read < reads; read += 1)
      void readPage(cluster, { cql: 'SELECT', values: [], routingKey: undefined }, 10, undefined)
    let endMs = Number.POSITIVE_INFINITY
    void write(rowsOf('ann', 1_000)).then(() => {
      endMs = clock.nowMs()
    })
    await drive(clock, clock.sleep(1_000))
    return endMs
  }

  test('A20: reads that nobody answers do not cost a write a millisecond', async () => {
    expect(await writeBeside(5_000)).toBe(await writeBeside(0))
  })

  test('A20: red where reads spend what writes may', async () => {
    await planted('reads-spend-writes', async () => expect(await writeBeside(5_000)).toBeGreaterThanOrEqual(1_000))
  })
})

describe('B12: one call', () => {
  test('waits for no more permits at once than there could be', async () => {
    const { clock, cluster, write } = given('')
    const rows = Array.from({ length: 50_000 }, (_, index): Row => [`p${index}`, 1, 1, 'x'])
    const work = write(rows)
    let most = 0
    const watch = async (): Promise<void> => {
      for (let ms = 0; ms < 200; ms += 1) {
        most = Math.max(most, cluster.writePermits.usage('writes')[0]?.waiting ?? 0)
        await clock.sleep(1)
      }
    }
    await drive(clock, Promise.all([work, watch()]))
    expect(most).toBeGreaterThan(100)
    expect(most).toBeLessThanOrEqual(256)
  })
})
