/** The lock of the schema: one holder at a time, for as long as its change takes, and not for long after its death. */
import { expect, test } from 'vitest'
import type { CassandraClient } from '../../../../sinks/rows/cassandra/cassandra-client.ts'
import { changeSchema } from '../../../../sinks/rows/cassandra/change-schema.ts'
import type { Cluster } from '../../../../sinks/rows/cassandra/cluster.ts'
import { createVirtualClock } from '../../../../topology/testing/virtual-clock.ts'
import { clusterOn } from './cluster-on.ts'

/** A host that keeps one row, until its time to live is over. */
const givenHost = () => {
  const clock = createVirtualClock(0)
  let row: { readonly owner: string; readonly endsMs: number } | undefined
  const execute: CassandraClient['execute'] = async (cql, values) => {
    if (row !== undefined && row.endsMs <= clock.nowMs()) row = undefined
    const endsMs = clock.nowMs() + Number(/USING TTL (\d+)/.exec(cql)?.[1] ?? 0) * 1_000
    const owner = String(cql.startsWith('INSERT') ? values[1] : values.at(-1))
    const isApplied = cql.startsWith('INSERT') ? row === undefined : row?.owner === owner
    if (isApplied) row = cql.startsWith('DELETE') ? undefined : { owner, endsMs }
    return { rows: [], isApplied, isAgreed: true } as unknown as Awaited<ReturnType<CassandraClient['execute']>> // what `ask` reads
  }
  const process = (): Cluster => clusterOn({ execute }, clock)
  const pass = async (ms: number): Promise<void> => {
    for (const untilMs = clock.nowMs() + ms; clock.nowMs() < untilMs; clock.advance(100)) await turn()
  }
  return { clock, process, pass }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a change that takes minutes is not joined by another one', async () => {
  const { clock, process, pass } = givenHost()
  const told: string[] = []
  const long = changeSchema(process(), () => clock.sleep(60_000)).then(() => told.push('long'))
  await pass(1_000)
  const next = changeSchema(process(), async () => void told.push('next'))
  await pass(58_000)
  expect(told).toEqual([])
  await pass(2_000)
  await Promise.all([long, next])
  expect(told).toEqual(['long', 'next'])
})

test('a process that dies with the lock holds up the others for seconds, not for a minute', async () => {
  const { clock, process, pass } = givenHost()
  const dead = process()
  const [askedOnce, { execute }] = [new Set<string>(), dead.client]
  // It has taken the lock, and nothing is heard of it any more.
  const client = {
    ...dead.client,
    execute: (...asked: Parameters<typeof execute>) => {
      if (askedOnce.size > 0) return new Promise<never>(() => undefined)
      askedOnce.add(asked[0])
      return execute(...asked)
    },
  }
  void changeSchema({ ...dead, client }, () => new Promise(() => undefined))
  await pass(1_000)
  let tookMs: number | undefined
  const waiting = changeSchema(process(), async () => {
    tookMs = clock.nowMs()
  })
  await pass(30_000)
  await waiting
  expect(tookMs).toBeLessThan(20_000)
})
