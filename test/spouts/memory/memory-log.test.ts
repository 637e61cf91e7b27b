import { expect, test } from 'vitest'
import { errors } from '../../../topology/model/errors.ts'
import { eventBytesMax } from '../../../topology/model/limits.ts'
import { offset, partition } from '../../../topology/model/position.ts'
import { createMemoryLog, type MemoryLog } from '../../../topology/spouts/memory/memory-log.ts'
import { record, series, textOf } from '../../../topology/testing/conformance/event-log-under-test.ts'
import { createHandClock } from '../hand-clock.ts'

const zero = partition(0)
const now = { maxBytes: 1_024, waitMs: 0 }

const createLog = (): MemoryLog => createMemoryLog({ clock: createHandClock(), partitions: 1 })

test('a gap belongs to the batch before it', async () => {
  const log = createLog()
  await log.append(series(2, 'a', zero))
  log.skip(zero, 5)
  await log.append(series(1, 'b', zero))
  const batch = await log.fetch(zero, offset(0), { ...now, maxBytes: 2 })
  expect(batch.records.map((each) => each.offset)).toEqual([0])
  expect((await log.fetch(zero, offset(1), { ...now, maxBytes: 2 })).to).toBe(7)
})

test('a gap at the end is passed by an empty batch', async () => {
  const log = createLog()
  log.skip(zero, 3)
  const batch = await log.fetch(zero, offset(0), now)
  expect([batch.to, batch.records.length]).toEqual([3, 0])
})

test('a fetch from within a gap gives what follows it', async () => {
  const log = createLog()
  log.skip(zero, 3)
  await log.append(series(1, 'a', zero))
  expect((await log.fetch(zero, offset(1), now)).records[0]?.offset).toBe(3)
})

test('expired records are gone, and the rest keeps its offsets', async () => {
  const log = createLog()
  await log.append(series(5, 'a', zero))
  log.expire(zero, offset(3))
  expect(await log.bounds(zero)).toEqual({ start: 3, end: 5 })
  expect(textOf((await log.fetch(zero, offset(3), now)).records[0]!)).toBe('a3')
  await expect(log.fetch(zero, offset(2), now)).rejects.toMatchObject({ code: errors.logExpired.entry.code })
})

test('truncated offsets are given again', async () => {
  const log = createLog()
  await log.append(series(5, 'a', zero))
  log.truncate(zero, offset(2))
  await expect(log.fetch(zero, offset(5), now)).rejects.toMatchObject({ code: errors.logBeyondEnd.entry.code })
  expect(await log.append(series(1, 'b', zero))).toEqual([{ partition: 0, offset: 2 }])
})

test('append times may be given by hand, in any order and for records of any size', async () => {
  const log = createLog()
  log.appendAt(2_000, [record('late')])
  log.appendAt(1_000, [record(null, { value: new Uint8Array(eventBytesMax + 1) })])
  const { records } = await log.fetch(zero, offset(0), { ...now, maxBytes: 4_000_000 })
  expect(records.map((each) => each.appendTimeMs)).toEqual([2_000, 1_000])
  expect(await log.offsetAt(zero, 1_500)).toBe(0)
})

test('closing ends waits and keeps the records for the next start', async () => {
  const log = createLog()
  const waiting = log.fetch(zero, offset(0), { maxBytes: 1_024, waitMs: 60_000 })
  await log.close()
  expect((await waiting).records).toEqual([])
  await log.append(series(1, 'a', zero))
  expect((await log.bounds(zero)).end).toBe(1)
})
