/** A simulated topic: what its readers meet, and what stays true of it. */
import { expect, test } from 'vitest'
import { offset, partition } from '../../../../topology/model/position.ts'
import type { NewRecord } from '../../../../topology/model/record.ts'
import { createSimulatedLog, type SimulatedLog } from '../../../../topology/testing/simulation/servers/simulated-log.ts'
import { createVirtualClock } from '../../../../topology/testing/virtual-clock.ts'
import { type GivenDice, givenDice } from '../given-dice.ts'

const one = partition(1)
const now = { maxBytes: 1_000, waitMs: 0 }

const records = (count: number): readonly NewRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    key: null,
    headers: [],
    value: Buffer.from(`r${index}`),
    partition: one,
  }))

const givenLog = (): { log: SimulatedLog; dice: GivenDice } => {
  const dice = givenDice()
  const log = createSimulatedLog({ clock: createVirtualClock(), dice, partitions: 2, topic: 'orders', id: 'log' })
  return { log, dice }
}

test('what retention drops is gone for readers and stays in the whole log', async () => {
  const { log } = givenLog()
  log.put(1, records(5))
  log.expire(one, offset(3))
  expect(await log.bounds(one)).toEqual({ start: 3, end: 5 })
  await expect(log.fetch(one, offset(2), now)).rejects.toMatchObject({ publicName: 'logExpired', errorClass: 'stop' })
  expect((await log.fetch(one, offset(3), now)).records).toHaveLength(2)
  expect((await log.whole.fetch(one, offset(0), now)).records).toHaveLength(5)
  expect(await log.leaderEpochAt?.(one, offset(2))).toBeUndefined()
})

test('retention never drops what is not there yet, and never gives anything back', async () => {
  const { log } = givenLog()
  log.put(1, records(2))
  log.expire(one, offset(9))
  log.expire(one, offset(0))
  expect(log.boundsNow(one)).toEqual({ start: 2, end: 2 })
})

test('a reader that waits at the end while retention passes it is told', async () => {
  const { log } = givenLog()
  log.put(1, records(2))
  const waiting = log.fetch(one, offset(2), { maxBytes: 1_000, waitMs: 60_000 })
  await Promise.resolve()
  log.put(1, records(2))
  log.expire(one, offset(4))
  await expect(waiting).rejects.toMatchObject({ publicName: 'logExpired' })
})

test('a gap belongs to no record, and readers go on behind it', async () => {
  const { log } = givenLog()
  log.put(1, records(1))
  log.gap(one, 3)
  expect(log.put(1, records(1))).toEqual([{ partition: 1, offset: 4 }])
  const batch = await log.fetch(one, offset(0), now)
  expect([batch.records.map((each) => each.offset), batch.to]).toEqual([[0, 4], 5])
  expect((await log.fetch(one, offset(2), now)).records[0]?.offset).toBe(4)
})

test('a reader is led over a gap at the end', async () => {
  const { log } = givenLog()
  log.put(1, records(1))
  log.gap(one, 2)
  expect(await log.fetch(one, offset(0), now)).toMatchObject({ from: 0, to: 3 })
  expect(await log.fetch(one, offset(1), now)).toMatchObject({ from: 1, to: 3, records: [] })
  expect(await log.bounds(one)).toEqual({ start: 0, end: 3 })
})

test('the first offset at a time is looked for among what retention has left', async () => {
  const { log } = givenLog()
  for (const timeMs of [100, 200, 150, 300]) log.put(timeMs, records(1))
  log.expire(one, offset(2))
  expect([await log.offsetAt(one, 0), await log.offsetAt(one, 180), await log.offsetAt(one, 999)]).toEqual([2, 3, 4])
})

test('a partition whose leader is elected refuses for a moment, and its epoch grows', async () => {
  const { log, dice } = givenLog()
  log.put(1, records(1))
  log.elect(one)
  log.put(1, records(1))
  const epochs: unknown[] = []
  while (epochs.length < 2) {
    const found = log.leaderEpochAt?.(one, offset(epochs.length))
    await found?.then(
      (epoch) => epochs.push(epoch),
      (error: unknown) => expect(error).toMatchObject({ errorClass: 'retry' }),
    )
  }
  expect([epochs, dice.befell]).toEqual([[0, 1], []])
})

test('an append whose reply is lost was taken, and its error says that nobody knows', async () => {
  const { log, dice } = givenLog()
  dice.next('appendReplyLost')
  await expect(log.append(records(1))).rejects.toMatchObject({ publicName: 'appendUnknown', errorClass: 'retry' })
  expect(log.boundsNow(one).end).toBe(1)
})

test('fetches fail, come short and come empty, and tell the truth where they go on', async () => {
  const { log, dice } = givenLog()
  log.put(1, records(9))
  dice.next('fetchFails')
  await expect(log.fetch(one, offset(0), now)).rejects.toMatchObject({ errorClass: 'retry' })
  dice.next('fetchEmpty')
  expect(await log.fetch(one, offset(4), now)).toMatchObject({ from: 4, to: 4, records: [] })
  dice.next('fetchShort')
  const short = await log.fetch(one, offset(0), now)
  expect(short.to).toBe(short.records.length)
  expect(dice.befell).toEqual(['fetchFails orders', 'fetchEmpty orders', 'fetchShort orders'])
})

test('an unclean election, where one is asked for, takes records back from everybody', async () => {
  const { log } = givenLog()
  log.put(1, records(4))
  log.truncate(one, offset(2))
  expect(log.boundsNow(one)).toEqual({ start: 0, end: 2 })
  expect(log.put(1, records(1))).toEqual([{ partition: 1, offset: 2 }])
  expect((await log.whole.fetch(one, offset(0), now)).records).toHaveLength(3)
})
