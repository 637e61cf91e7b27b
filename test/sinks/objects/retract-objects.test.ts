import { afterEach, expect, test } from 'vitest'
import { createMemoryObjects } from '../../../sinks/objects/memory/memory-objects.ts'
import { readObjects } from '../../../sinks/objects/read-objects.ts'
import { verifyObjects } from '../../../sinks/objects/verify-objects.ts'
import { createMemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import { eventId } from '../../../topology/model/event-id.ts'
import { plantedFaults } from '../../../topology/model/planted-faults.ts'
import type { ObjectStore } from '../../../topology/model/ports/object-store.ts'
import type { Cell } from '../../../topology/model/ports/row-store.ts'
import { offset, partition } from '../../../topology/model/position.ts'
import { wholePartitions } from '../rows/whole-partitions.ts'
import {
  type Archive,
  apply,
  archiveOn,
  epochOf,
  type Given,
  hour8,
  linesOf,
  numbersOf,
  retract,
} from './given-objects.ts'

afterEach(() => plantedFaults.clear())

const given = (from: number, to: number, more: Partial<Given> = {}): readonly Given[] =>
  Array.from({ length: to - from }, (_, index) => ({ offset: from + index, ...more }))

const verdictOf = ({ rows, objects }: Archive) => verifyObjects({ rows, objects, topology: 'demo' })

test('a delete takes events out of the objects that hold them (I-3)', async () => {
  const archive = await archiveOn()
  await apply(archive, given(0, 4), epochOf(0, 4))
  await apply(archive, given(4, 8), epochOf(4, 8))
  await retract(archive, [{ offset: 1 }, { offset: 6 }, { offset: 7 }], epochOf(0, 8))
  expect(await numbersOf(archive.objects)).toEqual([0, 2, 3, 4, 5])
  expect(await verdictOf(archive)).toMatchObject({ objects: 2, events: 5, problems: [] })
})

test('count, sha256 and rewrite follow in metadata and manifest', async () => {
  const archive = await archiveOn()
  await apply(archive, given(0, 4), epochOf(0, 4))
  await retract(archive, [{ offset: 1 }], epochOf(0, 4))
  await retract(archive, [{ offset: 2 }], epochOf(0, 4))
  const [row] = await Array.fromAsync(readObjects({ rows: archive.rows, topology: 'demo' }))
  const found = await archive.objects.head(row?.key ?? '')
  expect(found?.metadata).toMatchObject({ count: '2', rewrite: '2', from: '0', to: '4', sha256: row?.sha256 })
  expect(row).toMatchObject({ count: 2, rewrite: 2, byteLength: found?.byteLength })
})

test('an object that loses its last event stays, empty', async () => {
  const archive = await archiveOn()
  await apply(archive, given(0, 2), epochOf(0, 2))
  await retract(archive, given(0, 2), epochOf(0, 2))
  expect(Object.values(await linesOf(archive.objects))).toEqual([[]])
  await apply(archive, given(0, 2), epochOf(0, 2))
  expect(Object.values(await linesOf(archive.objects))).toEqual([[]])
  expect(await verdictOf(archive)).toMatchObject({ objects: 1, events: 0, problems: [] })
})

test('a delete done twice changes nothing the second time', async () => {
  const archive = await archiveOn()
  await apply(archive, given(0, 4), epochOf(0, 4))
  await retract(archive, [{ offset: 1 }], epochOf(0, 4))
  const before = await Array.fromAsync(archive.objects.list(''))
  await retract(archive, [{ offset: 1 }], epochOf(0, 4))
  expect(await Array.fromAsync(archive.objects.list(''))).toEqual(before)
})

test('only the part that holds the event is read and rewritten', async () => {
  const store = createMemoryObjects()
  const read: string[] = []
  const spied: ObjectStore = {
    ...store,
    read: (key) => {
      read.push(key)
      return store.read(key)
    },
  }
  const archive = await archiveOn({ objects: spied })
  await apply(archive, given(0, 100), epochOf(0, 100, { partBytes: 1_500 }))
  await apply(archive, given(100, 200, { collection: 'visits' }), epochOf(100, 200))
  await retract(archive, [{ offset: 42 }], epochOf(0, 200))
  expect(read).toHaveLength(1)
  expect(await numbersOf(archive.objects)).not.toContain(42)
})

test('an epoch that began long before the range of the delete is found', async () => {
  const archive = await archiveOn()
  await apply(archive, [{ offset: 10 }, { offset: 900_000 }], epochOf(0, 1_000_000))
  await retract(archive, [{ offset: 900_000 }], epochOf(900_000, 900_001))
  expect(Object.values(await linesOf(archive.objects)).map((lines) => lines.length)).toEqual([1])
})

test('the tenant lane of an event is found among lanes of the same range', async () => {
  const archive = await archiveOn()
  await apply(archive, given(0, 4, { project: 'loud' }), epochOf(0, 10, { lane: 2 }))
  await apply(archive, given(4, 8), epochOf(0, 10, { lane: 3 }))
  await retract(archive, [{ offset: 2, project: 'loud' }, { offset: 5 }], epochOf(0, 10, { lane: 2 }))
  expect(await verdictOf(archive)).toMatchObject({ events: 6, problems: [] })
})

test('two deletes on one object at once both take effect', async () => {
  const archive = await archiveOn()
  await apply(archive, given(0, 6), epochOf(0, 6))
  await Promise.all([1, 2, 3, 4].map((offset) => retract(archive, [{ offset }], epochOf(0, 6))))
  expect(await numbersOf(archive.objects)).toEqual([0, 5])
  expect(await verdictOf(archive)).toMatchObject({ events: 2, problems: [] })
})

test('rewrite-unconditional, planted, is caught: one of two deletes would undo the other', async () => {
  plantedFaults.add('rewrite-unconditional')
  const archive = await archiveOn()
  await apply(archive, given(0, 6), epochOf(0, 6))
  await Promise.all([1, 2].map((offset) => retract(archive, [{ offset }], epochOf(0, 6))))
  expect(await numbersOf(archive.objects)).not.toEqual([0, 3, 4, 5])
})

test('an owner that wakes up late brings no deleted event back', async () => {
  const archive = await archiveOn()
  await apply(archive, given(0, 4), epochOf(0, 4))
  await retract(archive, [{ offset: 1 }], epochOf(0, 4))
  await apply(archive, given(0, 4), epochOf(0, 4))
  expect(await numbersOf(archive.objects)).toEqual([0, 2, 3])
  expect(await verdictOf(archive)).toMatchObject({ events: 3, problems: [] })
})

test('an object of somebody else under a name of ours is left alone', async () => {
  const archive = await archiveOn()
  await apply(archive, given(0, 4), epochOf(0, 4))
  const elsewhere = epochOf(0, 4, { log: 'log-2' })
  await expect(retract(archive, [{ offset: 1 }], elsewhere)).rejects.toMatchObject({ code: 'SPW-0307' })
  expect(await numbersOf(archive.objects)).toEqual([0, 1, 2, 3])
})

test('bytes that the store gives are left as they are: it may keep them itself', async () => {
  const store = createMemoryObjects()
  const seen: Uint8Array[] = []
  const lending: ObjectStore = {
    ...store,
    read: async (key) => {
      const found = await store.read(key)
      const bytes = Buffer.from(found?.bytes ?? [])
      seen.push(bytes, Buffer.from(bytes.toString()))
      return found === undefined ? undefined : { ...found, bytes }
    },
  }
  const archive = await archiveOn({ objects: lending })
  await apply(archive, given(0, 4), epochOf(0, 4), { compression: 'none' })
  await retract(archive, [{ offset: 1 }], epochOf(0, 4))
  expect(seen[0]).toEqual(seen[1])
  expect(await numbersOf(archive.objects)).toEqual([0, 2, 3])
})

test('a line is told by its own id, whatever else its event holds', async () => {
  const archive = await archiveOn()
  const id = (at: number): string => eventId(Date.parse(hour8), partition(0), offset(at))
  const bodies = [
    `{"n":0,"text":"\\"keen\\":{\\"id\\":"}`,
    // Of a name that comes twice the last counts.
    `{"keen":{"id":"${id(5)}"},"n":1,"keen":{}}`,
    `{"keen":{"id":"${id(5)}"},"n":2,"k\\u0065en":{}}`,
    `{"n":3,"keen":{"timestamp":"2026-07-01T08:00:00.000Z"}}`,
    `{"n":4,"of":{"keen":{"id":"${id(5)}"}}}`,
    `{"n":5}`,
    '{}',
  ]
  await apply(
    archive,
    bodies.map((body, at) => ({ offset: at, body })),
    epochOf(0, 7),
  )
  await retract(archive, [{ offset: 5 }, { offset: 6 }], epochOf(0, 7))
  expect(await numbersOf(archive.objects)).toEqual([0, 1, 2, 3, 4])
  await retract(
    archive,
    [0, 1, 2, 3, 4].map((at) => ({ offset: at, body: bodies[at]! })),
    epochOf(0, 7),
  )
  expect(await numbersOf(archive.objects)).toEqual([])
})

test('events of an old and long epoch are found through the blocks that exist, each read as one partition', async () => {
  const kept = createMemoryRows()
  const asked: Cell[][] = []
  const archive = await archiveOn({ rows: wholePartitions(kept, asked) })
  const far = 2 ** 40
  await apply(archive, [{ offset: 3 }, { offset: far }], epochOf(3, far + 1))
  await apply(archive, [{ offset: far + 2 }], epochOf(far + 2, far + 3))
  asked.length = 0
  await retract(archive, [{ offset: far }], epochOf(0, far + 3))
  expect(await numbersOf(archive.objects)).toEqual([3, far + 2])
  expect(asked.filter(([table]) => table === 'spillway_objects').map((cells) => cells.at(-1))).toEqual([2 ** 24, 0])
  expect(asked.length).toBeLessThan(50)
  const listed = await Array.fromAsync(readObjects({ rows: wholePartitions(kept), topology: 'demo' }))
  expect(listed.map((object) => object.from)).toEqual([3, far + 2])
})
