import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { errors } from '../../../topology/model/errors.ts'
import { offset, partition } from '../../../topology/model/position.ts'
import { readAll, readBatches, record, series } from '../../../topology/testing/conformance/event-log-under-test.ts'
import { fileLogFolder, valuesOf } from './file-log-folder.ts'

const zero = partition(0)

describe('a log in a folder', () => {
  test('has 4 partitions and the topic events unless told otherwise, and says its format', async () => {
    const { folder, open } = fileLogFolder()
    const log = await open({ partitions: undefined as never }) // as a caller without types may write it
    expect([log.partitions, log.topic]).toEqual([4, 'events'])
    expect(JSON.parse(readFileSync(join(folder, 'log.json'), 'utf8'))).toMatchObject({
      format: 'spillway-log',
      version: 1,
    })
  })

  test('keeps its number of partitions and its topic for ever', async () => {
    const { open } = fileLogFolder()
    await open({ partitions: 3, topic: 'clicks' })
    const refused = { code: errors.logFormat.entry.code, errorClass: 'stop' }
    await expect(open({ partitions: 5 })).rejects.toMatchObject({
      code: errors.logPartitions.entry.code,
      errorClass: 'stop',
      message: expect.stringContaining('the log has 3 partitions, not 5'),
    })
    await expect(open({ partitions: 3, topic: 'taps' })).rejects.toMatchObject(refused)
    await expect(open({ partitions: 3 })).resolves.toMatchObject({ partitions: 3, topic: 'clicks' })
  })

  test.each([0, -1, 1.5, 5_000])('refuses to be made with %s partitions', async (partitions) => {
    await expect(fileLogFolder().open({ partitions })).rejects.toMatchObject({
      code: errors.badConfiguration.entry.code,
    })
  })

  test('is one log for all who open it first at the same time', async () => {
    const { open } = fileLogFolder()
    const logs = await Promise.all([open(), open(), open(), open()])
    expect(new Set(logs.map((log) => log.id)).size).toBe(1)
  })

  test('has everything after it was closed and opened again', async () => {
    const { open, closeAll } = fileLogFolder()
    await (await open({ segmentBytes: 500 })).append(series(100, 'a', zero))
    await closeAll()
    expect(await valuesOf(await open({ segmentBytes: 500 }))).toHaveLength(100)
  })

  test('says that it is closed, and ends waits', async () => {
    const log = await fileLogFolder().open()
    const waiting = log.fetch(zero, offset(0), { maxBytes: 1_024, waitMs: 60_000 })
    await log.close()
    expect((await waiting).records).toEqual([])
    await expect(log.append([record('a')])).rejects.toThrow('closed')
    await expect(log.bounds(zero)).rejects.toThrow('closed')
  })

  test('takes an append of nothing', async () => {
    expect(await (await fileLogFolder().open()).append([])).toEqual([])
  })

  test('keeps append times from going back when the clock does', async () => {
    const { open, clock } = fileLogFolder()
    const early = await open({ clock: { ...clock, nowMs: () => 5_000 } })
    const late = await open({ clock: { ...clock, nowMs: () => 9_000 } })
    await late.append([record('a')])
    await early.append([record('b')])
    expect((await readAll(late, zero)).map((each) => each.appendTimeMs)).toEqual([9_000, 9_000])
  })
})

describe('reading', () => {
  test('finds any offset and any time in segments that were never read before', async () => {
    const { open, clock, segments } = fileLogFolder()
    const writer = await open({ segmentBytes: 400_000 })
    const filler = Buffer.alloc(900)
    for (let index = 0; index < 20; index += 1) {
      await writer.append(Array.from({ length: 100 }, () => record(null, { value: filler })))
      await clock.passTime(1_000)
    }
    expect(segments().length).toBeGreaterThan(3)
    const startMs = clock.nowMs() - 20_000
    for (const index of [1_999, 0, 100, 101, 777, 1_234]) {
      const reader = await open()
      const { records } = await reader.fetch(zero, offset(index), { maxBytes: 1, waitMs: 0 })
      expect(records.map((each) => each.offset)).toEqual([index])
      expect(await reader.offsetAt(zero, startMs + index * 10)).toBe(Math.ceil(index / 100) * 100)
    }
  })

  test('gives a record of 1 MiB to a fetch of any size', async () => {
    const log = await (await fileLogFolder()).open()
    await log.append([record('a'), record(null, { value: Buffer.alloc(1_048_576, 7) }), record('b')])
    const sizes = (await readBatches(log, zero, offset(0), 1)).map(({ records }) => records[0]!.end - records[0]!.start)
    expect(sizes).toEqual([1, 1_048_576, 1])
  })

  test('gives keys and headers that repeat, change and vanish as they were written', async () => {
    const log = await fileLogFolder().open()
    const [one, two] = [[['a', '1']], [['a', '2']]] as const
    const written = [one, one, two, [], one, two].map((headers, index) => ({
      ...record('x', { headers, partition: zero }),
      key: [null, 'k', 'k', '', null, 'ü'][index]!,
    }))
    await log.append(written)
    const found = await readAll(log, zero)
    expect(found.map(({ key, headers }) => ({ key, headers }))).toEqual(
      written.map(({ key, headers }) => ({ key, headers })),
    )
    expect(found[0]!.headers).toBe(found[4]!.headers)
  })
})

describe('retention', () => {
  test('drops whole segments that are old and released, and no others', async () => {
    const { open, clock, segments } = fileLogFolder()
    const log = await open({ retentionMs: 10_000, segmentBytes: 1 })
    for (const value of ['a', 'b', 'c', 'd']) {
      await log.append([record(value)])
      await clock.passTime(6_000)
    }
    await log.release(zero, offset(4))
    expect(await log.bounds(zero)).toEqual({ start: 3, end: 4 })
    expect(segments()).toHaveLength(1)
  })

  test('drops nothing above what is released', async () => {
    const { open, clock } = fileLogFolder()
    const log = await open({ retentionMs: 10, segmentBytes: 1 })
    for (const value of ['a', 'b', 'c', 'd']) await log.append([record(value)])
    await clock.passTime(1_000)
    await log.release(zero, offset(2))
    expect((await log.bounds(zero)).start).toBe(2)
    expect(await valuesOf(log)).toEqual(['c', 'd'])
  })

  test('drops nothing at all unless it is asked for', async () => {
    const { open, clock } = fileLogFolder()
    const log = await open({ segmentBytes: 1 })
    for (const value of ['a', 'b', 'c']) await log.append([record(value)])
    await clock.passTime(1_000_000_000)
    await log.release(zero, offset(3))
    expect((await log.bounds(zero)).start).toBe(0)
  })

  test('another process that was reading learns that its records are gone', async () => {
    const { open, clock } = fileLogFolder()
    const log = await open({ retentionMs: 10, segmentBytes: 1 })
    const reader = await open()
    for (const value of ['a', 'b', 'c', 'd']) await log.append([record(value)])
    await reader.fetch(zero, offset(0), { maxBytes: 1, waitMs: 0 })
    await clock.passTime(1_000)
    await log.release(zero, offset(3))
    const late = reader.fetch(zero, offset(1), { maxBytes: 1, waitMs: 0 })
    await expect(late).rejects.toMatchObject({ code: errors.logExpired.entry.code })
    expect(await reader.offsetAt(zero, 0)).toBe(3)
  })
})
