/** In a simulated world compressors work in the thread of their caller: nothing but promises decides what comes first. */
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createMemoryObjects } from '../../../sinks/objects/memory/memory-objects.ts'
import type { ObjectsOptions } from '../../../sinks/objects/objects.ts'
import { compressAtOnce } from '../../../topology/formats/compress-at-once.ts'
import { apply, archiveOn, epochOf, numbersOf, retracting } from './given-objects.ts'

const list = Array.from({ length: 20 }, (_, offset) => ({ offset }))
const formats: readonly ObjectsOptions[] = [
  { compression: 'gzip' },
  { compression: 'zstd' },
  { format: 'avro', compression: 'deflate' },
]

const writeAndRetract = async (options: ObjectsOptions): Promise<readonly number[]> => {
  const objects = createMemoryObjects()
  const archive = await archiveOn({ objects })
  await apply(archive, list, epochOf(0, 20), options)
  await apply(archive, list.slice(0, 15), retracting(epochOf(0, 20)), options)
  return numbersOf(objects)
}

test.each(formats)('%o is written and rewritten before the next turn of the event loop', async (options) => {
  const allowThreads = compressAtOnce()
  const work = writeAndRetract(options)
  const first = await Promise.race([work, turn('a turn')])
  allowThreads()
  expect(first).toEqual([15, 16, 17, 18, 19])
})

test.each(formats)('%o of threads is read at once, and the other way round', async (options) => {
  const objects = createMemoryObjects()
  const archive = await archiveOn({ objects })
  await apply(archive, list, epochOf(0, 20), options)
  const allowThreads = compressAtOnce()
  await apply(archive, list.slice(0, 10), retracting(epochOf(0, 20)), options)
  allowThreads()
  await apply(archive, list.slice(0, 15), retracting(epochOf(0, 20)), options)
  expect(await numbersOf(objects)).toEqual([15, 16, 17, 18, 19])
})
