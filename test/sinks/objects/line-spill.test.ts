import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LineSpill } from '../../../sinks/objects/line-spill.ts'
import { openSpillFile } from '../../../sinks/objects/spill-file.ts'
import { errors } from '../../../topology/model/errors.ts'
import type { SpillFile } from '../../../topology/model/ports/spill-disk.ts'
import { apply, archiveOn, epochOf, eventsOf, type Given, linesOf, never, numbersOf } from './given-objects.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spillway-spill-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

/** Events of 5 outputs, 8 MB in all: more than may be on its way to the disk. */
const many: readonly Given[] = Array.from({ length: 4_000 }, (_, offset) => ({
  offset,
  collection: `c${offset % 5}`,
  body: `{"n":${offset},"text":"${'x'.repeat(offset % 7 === 0 ? 6_000 : 1_500)}"}`,
}))

const collect = async (spillFolder: string): Promise<Awaited<ReturnType<typeof archiveOn>>> => {
  const archive = await archiveOn({ spillFolder })
  const epoch = await archive.open()
  for (let from = 0; from < many.length; from += 100) {
    epoch.add(eventsOf(many.slice(from, from + 100)), 1)
    await epoch.settle?.()
    expect(epoch.heldBytes()).toBeLessThan(6_000_000)
  }
  expect(epoch.spilledBytes()).toBeGreaterThan(1_000_000)
  await epoch.write(epochOf(0, many.length), never)
  epoch.discard()
  return archive
}

test('lines that were spilled come back whole, in log order per output', async () => {
  const archive = await collect(folder)
  const byOutput = [0, 1, 2, 3, 4].flatMap((c) => many.map(({ offset }) => offset).filter((offset) => offset % 5 === c))
  expect(await numbersOf(archive.objects)).toEqual(byOutput)
  expect(await readdir(folder)).toEqual([])
})

test('an epoch that fits into a chunk never touches the disk', async () => {
  const archive = await archiveOn({ spillFolder: join(folder, 'unused') })
  await apply(archive, many.slice(0, 300), epochOf(0, 300))
  expect(Object.values(await linesOf(archive.objects)).flat()).toHaveLength(300)
  expect(await readdir(folder)).toEqual([])
})

test('discarding an open epoch removes its file', async () => {
  const epoch = await (await archiveOn({ spillFolder: folder })).open()
  epoch.add(eventsOf(many), 1)
  await epoch.write(epochOf(0, many.length), never)
  expect(await readdir(folder)).toHaveLength(1)
  epoch.discard()
  expect(await readdir(folder)).toEqual([])
})

test('two epochs of one lane spill into files of their own', async () => {
  const files = [await openSpillFile(folder, 'a'), await openSpillFile(folder, 'a')]
  expect(await readdir(folder)).toHaveLength(2)
  for (const file of files) file.discard()
})

test('a full disk loses no line: the next try goes on', async () => {
  let isFull = true
  const open = async (): Promise<SpillFile> => {
    const file = await openSpillFile(folder, 'a')
    const write: SpillFile['write'] = async (...given) => {
      if (isFull) throw errors.diskFull({ path: folder })
      await file.write(...given)
    }
    return { ...file, write }
  }
  const spill = new LineSpill(open)
  const line = Buffer.alloc(100_000, 'x')
  for (let offset = 0; offset < 100; offset++) {
    spill.reserve(line.length)
    spill.chunk.set(line, spill.at)
    spill.chunk[spill.at] = offset
    spill.take(offset, 0, spill.at + line.length)
  }
  await expect(spill.settle()).rejects.toMatchObject({ errorClass: 'retry' })
  isFull = false
  await spill.finish()
  const first = new Uint8Array(1)
  for (let offset = 0; offset < 100; offset++) {
    await spill.read(first, 0, 1, spill.index.start(offset))
    expect(first[0]).toBe(offset)
  }
  spill.discard()
})

test('a line longer than a chunk is kept', async () => {
  const archive = await archiveOn({ spillFolder: folder })
  const long = { offset: 1, body: `{"n":1,"text":"${'y'.repeat(1_040_000)}"}` }
  await apply(archive, [{ offset: 0 }, long, { offset: 2 }, { ...long, offset: 3 }], epochOf(0, 4))
  expect(await numbersOf(archive.objects)).toEqual([0, 1, 2, 1])
})
