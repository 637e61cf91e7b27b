/** A quiet log gives fewer, larger answers to whoever is told to wait for bytes. */
import { describe, expect, test } from 'vitest'
import { offset, partition } from '../../../topology/model/position.ts'
import type { RecordBatch } from '../../../topology/model/record.ts'
import { record } from '../../../topology/testing/conformance/event-log-under-test.ts'
import { fileLogFolder } from './file-log-folder.ts'

const zero = partition(0)
const kilobyte = (): ReturnType<typeof record> => record(null, { value: Buffer.alloc(1_000) })

/** A log that takes a kilobyte every 50 ms, and how its reader gets them within ten seconds. */
const answersWith = async (minBytes: number): Promise<readonly number[]> => {
  const { open, clock } = fileLogFolder()
  const log = await open()
  await log.append([kilobyte()])
  const sizes: number[] = []
  let at = offset(0)
  let isOver = false
  const read = async (): Promise<void> => {
    while (!isOver) {
      const batch = await log.fetch(zero, at, { maxBytes: 1_048_576, waitMs: 1_000, minBytes })
      if (batch.to > at) sizes.push(batch.records.length)
      at = batch.to
    }
  }
  const reading = read()
  for (let count = 0; count < 200; count += 1) {
    await log.append([kilobyte()])
    await clock.passTime(50)
  }
  isOver = true
  await clock.passTime(2_000)
  await reading
  return sizes
}

describe('fetch.minBytes on a log in a folder', () => {
  test('gives fewer, larger answers on a quiet log', async () => {
    const [one, many] = [await answersWith(1), await answersWith(10_000)]
    expect(one.length).toBeGreaterThan(100)
    expect([many.length < 30, Math.min(...many.slice(1, -2))]).toEqual([true, 10])
    expect(many.reduce((sum, count) => sum + count, 0)).toBe(201)
  })

  test('waits no longer than `waitMs`, and not at all for what is there', async () => {
    const { open, clock } = fileLogFolder()
    const log = await open()
    await log.append([kilobyte()])
    const wanted = { maxBytes: 1_048_576, waitMs: 300, minBytes: 65_536 }
    let batch: RecordBatch | undefined
    const reading = log.fetch(zero, offset(0), wanted).then((found) => {
      batch = found
    })
    await clock.passTime(250)
    expect(batch).toBeUndefined()
    await clock.passTime(100)
    await reading
    expect(batch?.records.length).toBe(1)
    await log.append(Array.from({ length: 100 }, kilobyte))
    expect((await log.fetch(zero, offset(1), wanted)).records.length).toBe(100)
  })
})
