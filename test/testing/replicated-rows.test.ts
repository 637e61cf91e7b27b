/** Three replicas show what one store never does: rows that come and go, and arrive late. */
import { expect, test } from 'vitest'
import { createReplicatedRows, type ReplicatedRows } from '../../topology/testing/replicated-rows.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { eventRow, eventsTable } from '../sinks/rows/sqlite/events-table.ts'

const manyReads = async (rows: ReplicatedRows): Promise<Set<unknown>> => {
  const seen = new Set<unknown>()
  for (let time = 0; time < 50; time += 1) seen.add((await rows.read(eventsTable, [['p', 1]]))[0]?.[2])
  return seen
}

const openRows = async (chances: { late?: number; lost?: number }, attempts = 1): Promise<ReplicatedRows> => {
  const rows = createReplicatedRows({ random: seededRandom(5), chances, attempts })
  await rows.ensureTable(eventsTable)
  return rows
}

// Writes again until the write has failed but reached one replica.
const writeInPart = async (rows: ReplicatedRows, body: string, stamp: number): Promise<void> => {
  rows.chances.lost = 0.66
  for (let failed = false; !failed || (await manyReads(rows)).size === 1; ) {
    failed = await rows.write(eventsTable, [eventRow(1, body)], stamp).then(
      () => false,
      () => true,
    )
  }
  rows.chances.lost = 0
}

test('a write that no quorum holds fails with class retry', async () => {
  const rows = await openRows({ lost: 1 }, 3)
  const write = rows.write(eventsTable, [eventRow(1)], 1)
  await expect(write).rejects.toMatchObject({ publicName: 'storeUnavailable', errorClass: 'retry' })
  expect(await manyReads(rows)).toEqual(new Set([undefined]))
})

test('a failed write may be seen by some reads and not by others, until it is written again', async () => {
  const rows = await openRows({})
  await writeInPart(rows, 'in part', 1)
  expect(await manyReads(rows)).toEqual(new Set([undefined, 'in part']))
  await rows.write(eventsTable, [eventRow(1, 'in part')], 1)
  expect(await manyReads(rows)).toEqual(new Set(['in part']))
})

test('a late write arrives when it is delivered, and loses to a newer one', async () => {
  const rows = await openRows({ late: 1 })
  await expect(rows.write(eventsTable, [eventRow(1, 'late')], 1)).rejects.toThrow()
  expect(rows.pendingCount).toBe(3)
  rows.chances.late = 0
  rows.deliver(2)
  expect(rows.pendingCount).toBe(1)
  expect(await manyReads(rows)).toEqual(new Set(['late']))
  await rows.write(eventsTable, [eventRow(1, 'a newer')], 2)
  rows.deliver()
  expect(await manyReads(rows)).toEqual(new Set(['a newer']))
})

test('replicas that tie give the larger value to every reader', async () => {
  const rows = await openRows({})
  await rows.write(eventsTable, [eventRow(1, 'b')], 1)
  await writeInPart(rows, 'c', 1)
  expect(await manyReads(rows)).toEqual(new Set(['b', 'c']))
  await rows.write(eventsTable, [eventRow(1, 'b')], 1)
  expect(await manyReads(rows)).toEqual(new Set(['b', 'c']))
})

test('the same seed gives the same history', async () => {
  const play = async (): Promise<string[]> => {
    const rows = await openRows({ late: 0.3, lost: 0.3 }, 2)
    const answers: string[] = []
    for (let stamp = 1; stamp <= 40; stamp += 1) {
      const write = rows.write(eventsTable, [eventRow(1, `at ${stamp}`)], stamp)
      answers.push(await write.then(() => 'held', String))
      answers.push(JSON.stringify(await rows.read(eventsTable, [['p', 1]])))
      if (stamp % 7 === 0) rows.deliver(1)
    }
    return answers
  }
  expect(await play()).toEqual(await play())
})
