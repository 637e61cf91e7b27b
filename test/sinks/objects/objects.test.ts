import { describe, expect, test } from 'vitest'
import { encodeObject } from '../../../sinks/objects/compress-object.ts'
import { createMemoryObjects } from '../../../sinks/objects/memory/memory-objects.ts'
import { manifestTable } from '../../../sinks/objects/object-manifest.ts'
import { objects } from '../../../sinks/objects/objects.ts'
import { readObjects } from '../../../sinks/objects/read-objects.ts'
import { createMemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import type { ObjectStore } from '../../../topology/model/ports/object-store.ts'
import type { RowStore } from '../../../topology/model/ports/row-store.ts'
import { apply, archiveOn, epochOf, eventsOf, hour8, linesOf, never, numbersOf } from './given-objects.ts'

const name = (project: string, hour: string, collection: string, rest: string): string =>
  `${project}/${hour}/${collection}/demo-0-1-${rest}`

describe('objects: options', () => {
  test('rotate sets knobs, format and compression are part of the fingerprint', () => {
    const sink = objects({ compression: 'zstd', rotate: { bytes: '64 MiB', age: '10 minutes', idle: 30_000 } })
    expect(sink.knobs).toEqual({
      'objects.targetBytes': 67_108_864,
      'objects.ageMs': 600_000,
      'objects.idleMs': 30_000,
    })
    expect(sink.options).toEqual({ format: 'ndjson', compression: 'zstd' })
    expect(objects().knobs).toEqual({})
  })

  test('all problems are told at once', () => {
    const wrong = { compression: 'lz4', rotate: { bytes: '1 kB', age: 'soon', often: true } }
    const declare = () => objects(wrong as unknown as Parameters<typeof objects>[0]) // what a JavaScript user may write
    expect(declare).toThrow(/lz4.*rotate.bytes.*rotate.age.*"soon".*often/s)
  })
})

test('each project, hour and collection has an object, named by lane and epoch start', async () => {
  const archive = await archiveOn()
  const list = [
    { offset: 5 },
    { offset: 6, collection: 'visits' },
    { offset: 7, project: 'a/b' },
    { offset: 8, at: '2026-07-01T09:00:00.000Z' },
    { offset: 9 },
  ]
  await apply(archive, list, epochOf(5, 10))
  expect(Object.keys(await linesOf(archive.objects))).toEqual([
    name('a%2Fb', '2026-07-01T08Z', 'orders', '00000000000000000005.ndjson.gz'),
    name('shop', '2026-07-01T08Z', 'orders', '00000000000000000005.ndjson.gz'),
    name('shop', '2026-07-01T08Z', 'visits', '00000000000000000005.ndjson.gz'),
    name('shop', '2026-07-01T09Z', 'orders', '00000000000000000005.ndjson.gz'),
  ])
  expect(await numbersOf(archive.objects)).toEqual([7, 5, 9, 6, 8])
})

test('metadata and manifest tell range, count and sha256', async () => {
  const archive = await archiveOn()
  await apply(archive, [{ offset: 3 }, { offset: 5 }], epochOf(2, 9))
  const [row] = await Array.fromAsync(readObjects({ rows: archive.rows, topology: 'demo' }))
  const found = await archive.objects.head(row?.key ?? '')
  const { sha256 = '' } = { ...found?.metadata } as { sha256?: string } // a text, as all metadata
  expect(found?.metadata).toEqual({
    from: '2',
    to: '9',
    count: '2',
    sha256,
    topology: 'demo',
    log: 'log-1',
    spout: 'events',
    sink: 'archive',
    rewrite: '0',
  })
  expect(sha256).toMatch(/^[0-9a-f]{64}$/)
  expect(row).toMatchObject({ from: 2, to: 9, lane: 1, firstOffset: 3, lastOffset: 5, count: 2, sha256, rewrite: 0 })
  expect(row).toMatchObject({ project: 'shop', collection: 'orders', hour: '2026-07-01T08Z' })
})

test('an epoch without events writes no object and one row of the manifest', async () => {
  const archive = await archiveOn()
  await apply(archive, [], epochOf(2, 9))
  expect(await linesOf(archive.objects)).toEqual({})
  const pages = await Array.fromAsync(archive.rows.scan(manifestTable))
  expect(pages.flat()).toEqual([['demo', 'events', 0, 'archive', 0, 2, 1, 9, 0]])
})

test('an output is cut into parts at the declared size, in log order', async () => {
  const archive = await archiveOn()
  const list = Array.from({ length: 7 }, (_, offset) => ({ offset }))
  const line = Object.values(await lineLengths(list))[0] ?? 0
  await apply(archive, list, epochOf(0, 7, { partBytes: 3 * line }), { compression: 'none' })
  expect(Object.entries(await linesOf(archive.objects)).map(([key, lines]) => [key.slice(-28), lines.length])).toEqual([
    ['0000000000000000000-1.ndjson', 3],
    ['0000000000000000000-2.ndjson', 1],
    ['-00000000000000000000.ndjson', 3],
  ])
})

const lineLengths = async (list: readonly { offset: number }[]): Promise<Record<string, number>> => {
  const archive = await archiveOn()
  await apply(archive, list, epochOf(0, list.length))
  const [lines = []] = Object.values(await linesOf(archive.objects))
  return Object.fromEntries(lines.map((text, index) => [index, Buffer.byteLength(text) + 1]))
}

test.each([
  { compression: 'gzip' },
  { compression: 'zstd' },
  { compression: 'none' },
  { format: 'avro' },
  { format: 'avro', compression: 'none' },
] as const)('$format $compression: whoever writes the epoch writes the same bytes (I-1)', async (options) => {
  const list = Array.from({ length: 400 }, (_, offset) => ({ offset, collection: offset % 3 ? 'orders' : 'visits' }))
  const bytesOf = async (batches: readonly number[]): Promise<unknown> => {
    const archive = await archiveOn()
    const epoch = await archive.open(options)
    let from = 0
    for (const to of batches) {
      epoch.add(eventsOf(list.slice(from, to)), 1)
      from = to
    }
    await epoch.write(epochOf(0, 400, { partBytes: 9_000 }), never)
    const objects = await Array.fromAsync(archive.objects.list(''))
    return Promise.all(objects.map(async ({ key }) => [key, (await archive.objects.read(key))?.bytes]))
  }
  expect(await bytesOf([400])).toEqual(await bytesOf([1, 17, 230, 400]))
})

test('the gzip header holds neither a time nor a system', async () => {
  const plain = async function* () {
    yield Buffer.from('{}\n')
  }
  const [header] = await Array.fromAsync((await encodeObject(plain, 3, 'gzip')).body())
  expect([...(header ?? []).slice(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255])
})

test('writing an epoch again finds its objects and changes nothing (I-2, I-7)', async () => {
  const archive = await archiveOn()
  await apply(archive, [{ offset: 0 }, { offset: 1 }], epochOf(0, 2))
  const before = await Array.fromAsync(archive.objects.list(''))
  await apply(archive, [{ offset: 0 }, { offset: 1 }], epochOf(0, 2))
  expect(await Array.fromAsync(archive.objects.list(''))).toEqual(before)
})

test.each([
  ['another end', { to: '7' }],
  ['another log', { log: 'log-2' }],
  ['another sink', { sink: 'other' }],
  ['nothing about itself', undefined],
])('an object that says %s stops the lane', async (_, change) => {
  const archive = await archiveOn()
  await apply(archive, [{ offset: 0 }], epochOf(0, 2))
  const [listed] = await Array.fromAsync(archive.objects.list(''))
  const object = await archive.objects.head(listed?.key ?? '')
  const metadata = change === undefined ? {} : { ...object?.metadata, ...change }
  await archive.objects.replace(object?.key ?? '', object?.etag ?? '', async function* () {}, metadata)
  await expect(apply(archive, [{ offset: 0 }], epochOf(0, 2))).rejects.toMatchObject({ code: 'SPW-0307' })
})

test('events that leave again before the epoch closes are in no object', async () => {
  const archive = await archiveOn()
  const epoch = await archive.open()
  const list = [{ offset: 0 }, { offset: 1 }, { offset: 2 }]
  epoch.add(eventsOf(list), 1)
  epoch.add(eventsOf([{ offset: 1 }]), -1)
  epoch.add(eventsOf([{ offset: 3 }]), 1)
  await epoch.write(epochOf(0, 4), never)
  expect(await numbersOf(archive.objects)).toEqual([0, 2, 3])
})

test('an event that comes by two ways is one line', async () => {
  const archive = await archiveOn()
  const epoch = await archive.open()
  epoch.add(eventsOf([{ offset: 0 }, { offset: 2 }]), 1)
  epoch.add(eventsOf([{ offset: 1 }, { offset: 2 }]), 1)
  await epoch.write(epochOf(0, 3), never)
  expect(await numbersOf(archive.objects)).toEqual([0, 1, 2])
})

test('the block is named first; objects stand before their rows, and rows before the epoch of the manifest', async () => {
  const order: string[] = []
  const [store, kept] = [createMemoryObjects(), createMemoryRows()]
  const objects: ObjectStore = {
    ...store,
    create: (...given) => {
      order.push('object')
      return store.create(...given)
    },
  }
  const rows: RowStore = {
    ...kept,
    write: (table, ...given) => {
      order.push(table.name)
      return kept.write(table, ...given)
    },
  }
  await apply(await archiveOn({ objects, rows }), [{ offset: 0 }, { offset: 1, project: 'b' }], epochOf(0, 2))
  expect(order).toEqual(['spillway_partitions', 'object', 'object', 'spillway_objects', 'spillway_manifest'])
})

test('what is not committed can be left out by the reader', async () => {
  const archive = await archiveOn()
  await apply(archive, [{ offset: 0 }], epochOf(0, 2))
  await apply(archive, [{ offset: 2, at: hour8 }], epochOf(2, 4))
  const isCommitted = (object: { readonly to: number }): boolean => object.to <= 2
  const read = await Array.fromAsync(readObjects({ rows: archive.rows, topology: 'demo', isCommitted }))
  expect(read.map(({ from, to }) => [from, to])).toEqual([[0, 2]])
})

test('an epoch that is given up while it is written leaves no object of other bytes (I-7)', async () => {
  const list = ['a', 'b', 'c'].map((collection, offset) => ({ offset, collection }))
  const whole = await archiveOn()
  await apply(whole, list, epochOf(0, 3))
  const wanted = await linesOf(whole.objects)
  const store = createMemoryObjects()
  let giveUp = (): void => {}
  const create: ObjectStore['create'] = (...object) => {
    giveUp()
    return store.create(...object)
  }
  const { name, head, read, replace, list: keys, close } = store
  const archive = await archiveOn({ objects: { name, head, read, replace, list: keys, close, create } })
  const epoch = await archive.open({ compression: 'none' })
  epoch.add(eventsOf(list), 1)
  giveUp = () => epoch.discard()
  await expect(epoch.write(epochOf(0, 3), never)).rejects.toThrow('given up')
  for (const [key, lines] of Object.entries(await linesOf(store))) expect(lines).toEqual(wanted[`${key}.gz`])
})
