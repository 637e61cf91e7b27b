import { appendFileSync, copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { errors } from '../../../topology/model/errors.ts'
import { offset, partition } from '../../../topology/model/position.ts'
import { encodeSegmentHeader, segmentHeaderBytes, segmentPath } from '../../../topology/spouts/file/segment-format.ts'
import { record, series } from '../../../topology/testing/conformance/event-log-under-test.ts'
import { fileLogFolder, valuesOf } from './file-log-folder.ts'

const zero = partition(0)

/** A log with `a` published and `b` written and synced by a process that died before it published. */
const withUnpublished = async () => {
  const place = fileLogFolder()
  const log = await place.open()
  await log.append([record('a')])
  const bounds = join(place.folder, '0', 'bounds')
  copyFileSync(bounds, `${bounds}.old`)
  const durable = readFileSync(place.segments()[0]!).length
  await log.append([record('b')])
  await place.closeAll()
  copyFileSync(`${bounds}.old`, bounds)
  return { ...place, bounds, durable, segment: place.segments()[0]! }
}

describe('what a dead writer leaves', () => {
  test('whole records that it could not publish are kept', async () => {
    const { open } = await withUnpublished()
    expect(await valuesOf(await open())).toEqual(['a', 'b'])
  })

  test('a tail torn at any byte is cut, and the log goes on', async () => {
    const { open, closeAll, segment, bounds, durable } = await withUnpublished()
    const whole = readFileSync(segment)
    for (let length = durable; length < whole.length; length += 1) {
      writeFileSync(segment, whole.subarray(0, length))
      copyFileSync(`${bounds}.old`, bounds)
      const log = await open()
      await log.append([record('c')])
      expect(await valuesOf(log)).toEqual(['a', 'c'])
      await closeAll()
    }
  })

  test('a tail with any byte changed is cut, and the log goes on', async () => {
    const { open, closeAll, segment, bounds, durable } = await withUnpublished()
    const whole = readFileSync(segment)
    for (let at = durable; at < whole.length; at += 1) {
      const damaged = Buffer.from(whole)
      damaged[at]! ^= 0x55
      writeFileSync(segment, damaged)
      copyFileSync(`${bounds}.old`, bounds)
      const log = await open()
      expect(await valuesOf(log)).toEqual(['a'])
      await closeAll()
    }
  })

  test('zeros and rubbish behind the end are cut', async () => {
    for (const rubbish of [Buffer.alloc(5_000), Buffer.alloc(100, 0xff)]) {
      const { open, segment } = await withUnpublished()
      appendFileSync(segment, rubbish)
      const log = await open()
      await log.append([record('c')])
      expect(await valuesOf(log)).toEqual(['a', 'b', 'c'])
    }
  })

  test('it is found by the next append of a process that was open all the time', async () => {
    const place = fileLogFolder()
    const log = await place.open()
    await log.append([record('a')])
    appendFileSync(place.segments()[0]!, Buffer.alloc(77, 1))
    await log.append([record('b')])
    expect(await valuesOf(log)).toEqual(['a', 'b'])
  })

  test('readers see nothing of it before', async () => {
    const { open, segment, bounds } = await withUnpublished()
    const log = await open()
    const published = readFileSync(bounds)
    const whole = readFileSync(segment)
    await log.append([record('c')])
    writeFileSync(bounds, published)
    expect((await log.fetch(zero, offset(1), { maxBytes: 10_000, waitMs: 0 })).records).toHaveLength(1)
    expect((await log.bounds(zero)).end).toBe(2)
    expect(readFileSync(segment).length).toBeGreaterThan(whole.length)
  })

  test('a segment that was begun and never used is used', async () => {
    for (const left of [0, 20, segmentHeaderBytes]) {
      const place = fileLogFolder()
      const log = await place.open()
      await log.append(series(3, 'a', zero))
      const header = encodeSegmentHeader(0, { base: 3, timeBeforeMs: place.clock.nowMs() })
      writeFileSync(segmentPath(join(place.folder, '0'), 3), header.subarray(0, left))
      await log.append([record('b')])
      expect(await valuesOf(log)).toEqual(['a0', 'a1', 'a2', 'b'])
      expect(place.segments()).toHaveLength(2)
    }
  })
})

describe('after a power cut', () => {
  test.each(['missing', 'torn', 'zeros', 'older'])(
    'bounds that are %s are found again from the segments',
    async (state) => {
      const { folder, open, closeAll } = fileLogFolder()
      const log = await open({ segmentBytes: 200 })
      const bounds = join(folder, '0', 'bounds')
      for (let index = 0; index < 10; index += 1) {
        await log.append(series(3, `${index}-`, zero))
        if (index === 4) copyFileSync(bounds, `${bounds}.old`)
      }
      await closeAll()
      if (state === 'missing') rmSync(bounds)
      if (state === 'torn') truncateSync(bounds, 20)
      if (state === 'zeros') writeFileSync(bounds, Buffer.alloc(56))
      if (state === 'older') copyFileSync(`${bounds}.old`, bounds)
      const again = await open({ segmentBytes: 200 })
      expect(await valuesOf(again)).toHaveLength(30)
      expect(await again.append([record('x')])).toEqual([{ partition: 0, offset: 30 }])
    },
  )

  test('a disk that lost published records leaves a gap: their offsets are not given again', async () => {
    const place = fileLogFolder()
    const log = await place.open()
    for (const value of ['a', 'b', 'c']) await log.append([record(value)])
    await place.closeAll()
    const [segment] = place.segments()
    truncateSync(segment!, readFileSync(segment!).length - 1)
    const again = await place.open()
    expect((await again.fetch(zero, offset(2), { maxBytes: 100, waitMs: 0 })).to).toBe(3)
    expect(await again.append([record('d')])).toEqual([{ partition: 0, offset: 3 }])
    expect(await valuesOf(again)).toEqual(['a', 'b', 'd'])
  })
})

describe('damage that no crash explains is said, not skipped', () => {
  test('a changed byte among the published records stops the reader', async () => {
    const place = fileLogFolder()
    const log = await place.open()
    await log.append(series(3, 'a', zero))
    const [segment] = place.segments()
    const bytes = readFileSync(segment!)
    bytes[bytes.length - 1]! ^= 1
    writeFileSync(segment!, bytes)
    await expect(log.fetch(zero, offset(0), { maxBytes: 100, waitMs: 0 })).rejects.toMatchObject({
      code: errors.logFormat.entry.code,
    })
  })

  test('missing segments, a missing description and another version refuse to open', async () => {
    const refused = { code: errors.logFormat.entry.code, errorClass: 'stop' }
    for (const harm of ['segment', 'log.json', 'version'] as const) {
      const place = fileLogFolder()
      await (await place.open()).append([record('a')])
      await place.closeAll()
      const description = join(place.folder, 'log.json')
      if (harm === 'segment') rmSync(place.segments()[0]!)
      if (harm === 'log.json') rmSync(description)
      if (harm === 'version')
        writeFileSync(description, readFileSync(description, 'utf8').replace('"version": 1', '"version": 2'))
      await expect(place.open()).rejects.toMatchObject(refused)
    }
  })
})
