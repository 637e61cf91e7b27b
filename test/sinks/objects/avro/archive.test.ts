import { expect, test } from 'vitest'
import { verifyObjects } from '../../../../sinks/objects/verify-objects.ts'
import { type Archive, apply, archiveOn, epochOf, linesOf, numbersOf, retract, retracting } from '../given-objects.ts'

const avro = { format: 'avro' } as const
const list = Array.from({ length: 9 }, (_, offset) => ({
  offset,
  body: `{"n":${offset},"odd name":${offset % 2 === 0 ? '"text"' : offset}, "list":[${offset},{"a":null}]}`,
}))
const verdictOf = ({ rows, objects }: Archive) => verifyObjects({ rows, objects, topology: 'demo' })

const bytesOf = async ({ objects }: Archive): Promise<unknown> => {
  const stored = await Array.fromAsync(objects.list(''))
  return Promise.all(stored.map(async ({ key }) => [key, (await objects.read(key))?.bytes]))
}

test('an archive in Avro holds what one in NDJSON holds, and verifies', async () => {
  const [archive, lines] = [await archiveOn(), await archiveOn()]
  await apply(archive, list, epochOf(0, 9), avro)
  await apply(lines, list, epochOf(0, 9))
  const [key = ''] = Object.keys(await linesOf(archive.objects))
  expect(key).toMatch(/^shop\/2026-07-01T08Z\/orders\/demo-0-1-0{20}\.avro$/)
  const plain = async ({ objects }: Archive) =>
    Object.values(await linesOf(objects))
      .flat()
      .map((line) => JSON.parse(line, (_, value) => value ?? undefined))
  expect(await plain(archive)).toEqual(await plain(lines))
  expect(await verdictOf(archive)).toMatchObject({ objects: 1, events: 9, problems: [] })
})

test('a delete takes events out of it, and its schema stays (I-3)', async () => {
  const archive = await archiveOn()
  await apply(archive, list, epochOf(0, 9), avro)
  await retract(archive, [{ offset: 1 }, { offset: 8 }], epochOf(0, 9))
  expect(await numbersOf(archive.objects)).toEqual([0, 2, 3, 4, 5, 6, 7])
  expect(await verdictOf(archive)).toMatchObject({ objects: 1, events: 7, problems: [] })
  await retract(archive, list, epochOf(0, 9))
  expect(Object.values(await linesOf(archive.objects))).toEqual([[]])
  expect(await verdictOf(archive)).toMatchObject({ objects: 1, events: 0, problems: [] })
})

test('deletes one after the other leave the bytes that all at once leave', async () => {
  const [slow, fast] = [await archiveOn(), await archiveOn()]
  for (const archive of [slow, fast]) await apply(archive, list, epochOf(0, 9), avro)
  for (const offset of [7, 2, 3, 2]) await retract(slow, [{ offset }], epochOf(0, 9))
  await retract(fast, [{ offset: 2 }, { offset: 3 }, { offset: 7 }], epochOf(0, 9))
  expect(await bytesOf(slow)).toEqual(await bytesOf(fast))
})

test('a delete of nothing that is there changes no byte', async () => {
  const archive = await archiveOn()
  await apply(archive, list, epochOf(0, 9), avro)
  const before = await bytesOf(archive)
  await apply(archive, [], retracting(epochOf(0, 9)))
  await apply(archive, list, epochOf(0, 9), avro)
  expect(await bytesOf(archive)).toEqual(before)
})

test('a damaged object is told by its key', async () => {
  const archive = await archiveOn()
  await apply(archive, list, epochOf(0, 9), avro)
  const [stored] = await Array.fromAsync(archive.objects.list(''))
  const found = await archive.objects.read(stored!.key)
  const cut = async function* () {
    yield found!.bytes.subarray(0, -20)
  }
  await archive.objects.replace(found!.key, found!.etag, cut, found!.metadata)
  const { problems } = await verdictOf(archive)
  expect(problems.map(({ problem }) => problem).join('; ')).toContain('cannot be decompressed')
})
