import { describe, expect, test } from 'vitest'
import { errors } from '../../../topology/model/errors.ts'
import type { EventLog } from '../../../topology/model/ports/event-log.ts'
import { partition } from '../../../topology/model/position.ts'
import { record, series } from '../../../topology/testing/conformance/event-log-under-test.ts'
import { fileLogFolder, valuesOf } from './file-log-folder.ts'

const both = (value: string) => [record(value, { partition: partition(0) }), record(value, { partition: partition(1) })]
// Two frames of a header of 32 bytes, a bit set, no headers and a value of 1 byte with their lengths.
const bytesOfBoth = 2 * (32 + 1 + 4 + 5)
const full = { code: errors.diskFull.entry.code, errorClass: 'retry' }

const allValues = async (log: EventLog): Promise<readonly (readonly (string | null)[])[]> =>
  await Promise.all([valuesOf(log, 0), valuesOf(log, 1)])

describe('a full disk', () => {
  test('refuses an append whole, whichever byte did not fit, and a later one is taken', async () => {
    const { open, disk } = fileLogFolder()
    const log = await open({ partitions: 2 })
    await log.append(both('a'))
    for (let bytes = 0; bytes < bytesOfBoth; bytes += 1) {
      disk.bytesLeft = bytes
      await expect(log.append(both('never'))).rejects.toMatchObject(full)
    }
    disk.bytesLeft = Number.POSITIVE_INFINITY
    await log.append(both('b'))
    expect(await allValues(log)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })

  test('when a segment is begun leaves the one before it in use', async () => {
    const { open, disk } = fileLogFolder()
    const log = await open({ partitions: 2, segmentBytes: 1 })
    await log.append(both('a'))
    for (let bytes = 0; bytes < bytesOfBoth; bytes += 6) {
      disk.bytesLeft = bytes
      await expect(log.append(both('never'))).rejects.toMatchObject(full)
    }
    disk.bytesLeft = Number.POSITIVE_INFINITY
    await log.append(both('b'))
    expect(await allValues(log)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })

  test('that shows itself when syncing refuses the append too', async () => {
    const { open, disk } = fileLogFolder()
    const log = await open({ partitions: 2 })
    let syncs = 0
    disk.before = (step, path) => {
      if (step !== 'sync') return
      syncs += 1
      if (syncs === 2) throw errors.diskFull({ path })
    }
    await expect(log.append(both('never'))).rejects.toMatchObject(full)
    await log.append(both('a'))
    expect(await allValues(log)).toEqual([['a'], ['a']])
  })
})

describe('a process that dies in an append', () => {
  /** Appends `a`, `b` and so on until the disk fails at the given step and at all that follow; gives what was reported. */
  const dieAtStep = async (log: EventLog, disk: ReturnType<typeof fileLogFolder>['disk'], step: number) => {
    let steps = 0
    disk.before = (_, path) => {
      steps += 1
      if (steps >= step) throw errors.pathUnusable({ path, reason: 'the power is off' })
    }
    const reported: string[] = []
    for (const value of ['b', 'c', 'd']) {
      const taken = await log.append(both(value)).then(
        () => true,
        () => false,
      )
      if (taken) reported.push(value)
    }
    disk.before = () => {}
    return reported
  }

  test('leaves every reported record once and in order, at whichever step it dies', async () => {
    for (let step = 1; step <= 40; step += 1) {
      const { open, disk, closeAll } = fileLogFolder()
      const log = await open({ partitions: 2, segmentBytes: step % 2 === 0 ? 1 : 1_000 })
      await log.append(both('a'))
      const reported = ['a', ...(await dieAtStep(log, disk, step))]
      await closeAll()
      const again = await open({ partitions: 2 })
      await again.append(both('z'))
      for (const values of await allValues(again)) {
        expect(values).toEqual([...new Set(values)].sort())
        expect(values).toEqual(expect.arrayContaining([...reported, 'z']))
      }
    }
  })
})

describe('appends at once', () => {
  test('share a sync', async () => {
    const { open, disk } = fileLogFolder()
    const log = await open()
    let syncs = 0
    disk.before = (step) => {
      if (step === 'sync') syncs += 1
    }
    await Promise.all(Array.from({ length: 100 }, (_, index) => log.append([record(`${index}`)])))
    expect(syncs).toBeLessThanOrEqual(2)
    expect(await valuesOf(log)).toEqual(Array.from({ length: 100 }, (_, index) => `${index}`))
  })

  test('wait for room when too much is waiting', async () => {
    const log = await fileLogFolder().open()
    const value = Buffer.alloc(1_000_000)
    const calls = Array.from({ length: 60 }, () => log.append([record(null, { value })]))
    expect((await Promise.all(calls)).flat().map((place) => place.offset)).toEqual(calls.map((_, index) => index))
  })

  test('of several openings of one log take turns', async () => {
    const { open } = fileLogFolder()
    const logs = await Promise.all([open(), open(), open()])
    const work = logs.map(async (log, writer) => {
      for (let index = 0; index < 30; index += 1) await log.append(series(2, `${writer}-${index}-`, partition(0)))
    })
    await Promise.all(work)
    const values = await valuesOf(logs[0]!)
    expect(new Set(values).size).toBe(180)
    const ofFirst = values.filter((value) => value?.startsWith('0-'))
    expect(ofFirst).toEqual(Array.from({ length: 60 }, (_, index) => `0-${index >> 1}-${index % 2}`))
  })
})
