import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { errors } from '../../../topology/model/errors.ts'
import { WriteLock } from '../../../topology/spouts/file/write-lock.ts'

const folderWithLocks = (
  count: number,
  pausesMax?: number,
): { readonly folder: string; readonly locks: readonly WriteLock[] } => {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-lock-'))
  const locks = Array.from({ length: count }, () => new WriteLock(folder, pausesMax))
  onTestFinished(async () => {
    for (const lock of locks) await lock.close()
    rmSync(folder, { recursive: true })
  })
  return { folder, locks }
}

test('a lock that is kept too long is an error of class retry, and is free afterwards', async () => {
  const [holder, waiter] = folderWithLocks(2, 3).locks
  const { code } = errors.storeUnavailable.entry
  await holder!.hold(async () => {
    await expect(waiter!.hold(async () => 'never')).rejects.toMatchObject({ code, errorClass: 'retry' })
  })
  expect(await waiter!.hold(async () => 'taken')).toBe('taken')
})

test('a lock is given back when the work under it fails', async () => {
  const [first, second] = folderWithLocks(2).locks
  await expect(first!.hold(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await second!.hold(async () => 'taken')).toBe('taken')
  expect(await first!.hold(async () => 'again')).toBe('again')
})

test('whoever comes again at once stands behind the one that waits', async () => {
  const [greedy, patient] = folderWithLocks(2).locks
  const order: string[] = []
  let waiting: Promise<unknown> | undefined
  for (let turn = 0; turn < 3; turn += 1) {
    await greedy!.hold(async () => {
      order.push('greedy')
      waiting ??= patient!.hold(async () => order.push('patient'))
      // Long enough for the other to have taken its turn.
      for (let looks = 0; looks < 50; looks += 1) await new Promise(setImmediate)
    })
  }
  await waiting
  expect(order.indexOf('patient')).toBe(1)
})

test('nothing is ever stored in the files of a lock', async () => {
  const { folder, locks } = folderWithLocks(1)
  await locks[0]!.hold(async () => {
    expect(readdirSync(folder)).toEqual(['turn.lock', 'write.lock'])
  })
  expect(readdirSync(folder).map((name) => statSync(join(folder, name)).size)).toEqual([0, 0])
})
