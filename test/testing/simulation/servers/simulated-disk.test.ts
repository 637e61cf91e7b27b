/** The disk of a simulated process: what the archive spills goes there, and nowhere else. */
import { expect, test } from 'vitest'
import { createSimulatedDisk } from '../../../../topology/testing/simulation/servers/simulated-disk.ts'
import { archiveOn, epochOf, eventsOf, linesOf, never } from '../../../sinks/objects/given-objects.ts'
import { givenDice } from '../given-dice.ts'

const full = { publicName: 'diskFull', errorClass: 'retry' }
const many = Array.from({ length: 60 }, (_, at) => ({ offset: at, collection: `c${at % 3}` }))

test('a small epoch spills, and its objects hold every line', async () => {
  const disk = createSimulatedDisk({ name: 'process 0', dice: givenDice(), chunkBytes: 256 })
  const archive = await archiveOn({ disk })
  const epoch = await archive.open()
  for (const one of many) epoch.add(eventsOf([one]), 1)
  await epoch.settle?.()
  expect(epoch.spilledBytes()).toBeGreaterThan(0)
  await epoch.write(epochOf(0, many.length), never)
  expect(disk.byteLength).toBeGreaterThan(1_000)
  epoch.discard()
  expect(disk.fileCount).toBe(0)
  expect(Object.values(await linesOf(archive.objects)).flat()).toHaveLength(many.length)
})

test('a full disk is waited for, and nothing is lost by it', async () => {
  const dice = givenDice()
  const disk = createSimulatedDisk({ name: 'process 0', dice, chunkBytes: 256 })
  disk.isFull = true
  const archive = await archiveOn({ disk })
  const epoch = await archive.open()
  for (const one of many) epoch.add(eventsOf([one]), 1)
  await expect(epoch.write(epochOf(0, many.length), never)).rejects.toMatchObject(full)
  disk.isFull = false
  await epoch.write(epochOf(0, many.length), never)
  expect(Object.values(await linesOf(archive.objects)).flat()).toHaveLength(many.length)
})

test('a disk that the dice fill is free again after some calls', async () => {
  const dice = givenDice()
  const disk = createSimulatedDisk({ name: 'process 0', dice })
  dice.next('diskFull')
  let refused = 0
  for (let isOpen = false; !isOpen; ) {
    isOpen = await disk.open('spill').then(
      () => true,
      (error: unknown) => {
        expect(error).toMatchObject(full)
        return false
      },
    )
    if (!isOpen) refused += 1
  }
  expect(refused).toBeGreaterThan(0)
  expect(refused).toBeLessThan(6)
  expect(dice.befell).toEqual(['diskFull of process 0'])
})

test('what was written is read, wherever it was written, and nothing is read short', async () => {
  const disk = createSimulatedDisk({ name: 'process 0', dice: givenDice() })
  const file = await disk.open('spill')
  await file.write(Buffer.from('world'), 6)
  await file.write(Buffer.from('hello '), 0)
  const target = new Uint8Array(7)
  await file.read(target, 1, 5, 6)
  expect(Buffer.from(target).toString()).toBe('\0world\0')
  await expect(file.read(target, 0, 5, 8)).rejects.toThrow(/shorter/)
})
