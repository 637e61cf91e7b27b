/** Clauses of the log's contract about its identity and about `append`. */
import assert from 'node:assert/strict'
import { errors } from '../../model/errors.ts'
import { eventBytesMax } from '../../model/limits.ts'
import { partition } from '../../model/position.ts'
import type { NewRecord } from '../../model/record.ts'
import { partitionOf } from '../../spouts/partition-of.ts'
import {
  append,
  clause,
  type EventLogClause,
  patiently,
  readAll,
  readAt,
  record,
  series,
  textOf,
} from './event-log-under-test.ts'

const zero = partition(0)
const one = partition(1)

const placesOf = (places: Awaited<ReturnType<typeof append>>): readonly string[] =>
  places.map((place) => `${place.partition}/${place.offset}`)

export const eventLogAppends: readonly EventLogClause[] = [
  clause('id: the same log has the same id wherever it is opened', async ({ log, reopen }) => {
    assert.equal((await reopen()).id, log.id)
  }),

  clause('id: a log made anew under the same name has another id', async ({ log, remake }) => {
    assert.notEqual((await remake()).id, log.id)
  }),

  clause('partitions: number and topic are the same wherever the log is opened', async ({ log, reopen }) => {
    const again = await reopen()
    assert.ok(log.partitions >= 2)
    assert.ok(log.topic.length > 0)
    assert.deepEqual([again.partitions, again.topic], [log.partitions, log.topic])
  }),

  clause('bounds: a new partition begins and ends at one offset', async ({ log }) => {
    const { start, end } = await patiently(() => log.bounds(one))
    assert.equal(start, end)
  }),

  clause('bounds: the end stands one behind the last durable record', async ({ log, reopen }) => {
    const places = await append(log, series(3, 'a', one))
    const last = places.at(-1)!
    assert.equal((await patiently(() => log.bounds(one))).end, last.offset + 1)
    const again = await reopen()
    assert.equal((await patiently(() => again.bounds(one))).end, last.offset + 1)
  }),

  clause('append: places come in the order of the records', async ({ log }) => {
    const records = ['a', 'b', 'c', 'd', 'e'].map((text, index) => record(text, { partition: partition(index % 2) }))
    const places = await append(log, records)
    assert.equal(places.length, records.length)
    const found = await Promise.all(places.map(async (place) => textOf(await readAt(log, place))))
    assert.deepEqual(found, ['a', 'b', 'c', 'd', 'e'])
  }),

  clause('append: records of one call keep their order in a partition', async ({ log }) => {
    const places = await append(log, series(200, 'a', one))
    const first = places[0]!.offset
    const found = (await readAll(log, one)).filter((each) => each.offset >= first)
    assert.deepEqual(
      found.map(textOf),
      series(200, 'a', one).map(({ value }) => Buffer.from(value!).toString()),
    )
  }),

  clause('append: what has resolved is there for every other reader', async ({ log, reopen }) => {
    const again = await reopen()
    const places = await append(log, series(5, 'a', one))
    for (const place of places) assert.equal((await readAt(again, place)).offset, place.offset)
  }),

  clause('append: an offset is given once, also to writers at the same time', async ({ log, reopen }) => {
    const again = await reopen()
    const calls = Array.from({ length: 20 }, (_, index) =>
      append(index % 2 === 0 ? log : again, series(3, `${index}-`, one)),
    )
    const places = (await Promise.all(calls)).flat()
    assert.equal(new Set(placesOf(places)).size, 60)
    const found = new Map((await readAll(log, one)).map((each) => [each.offset, textOf(each)]))
    places.forEach((place, index) => {
      assert.equal(found.get(place.offset), `${Math.floor(index / 3)}-${index % 3}`)
    })
  }),

  clause('append: without a partition the hash of the key decides, without a key partition 0', async ({ log }) => {
    const keys = ['keen', 'wörk', 'a-much-longer-key', '🦦', null]
    const places = await append(
      log,
      keys.map((key) => record('x', { key })),
    )
    assert.deepEqual(
      places.map((place) => place.partition),
      keys.map((key) => partitionOf(key, log.partitions)),
    )
    const [wished] = await append(log, [record('x', { key: 'keen', partition: one })])
    assert.equal(wished?.partition, one)
  }),

  clause('append: key, headers and value are read as they were written', async ({ log }) => {
    const headers = [
      ['collection', 'flights'],
      ['x', ''],
      ['ünï', '🦦'],
    ] as const
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    const written: readonly NewRecord[] = [
      { key: '', headers, value: bytes, partition: one },
      { key: null, headers: [], value: null, partition: one },
      { key: 'schlüssel 🦦', headers: [['a', 'b']], value: new Uint8Array(0), partition: one },
    ]
    for (const [index, place] of (await append(log, written)).entries()) {
      const { key, headers: found, bytes: buffer, start, end } = await readAt(log, place)
      const value = start === -1 ? null : Uint8Array.from(buffer.subarray(start, end))
      assert.deepEqual({ key, headers: found, value, partition: one }, written[index])
    }
  }),

  clause('append: the caller may use its bytes again', async ({ log }) => {
    const value = Buffer.from('first')
    const [place] = await append(log, [record(null, { value, partition: one })])
    value.write('other')
    assert.equal(textOf(await readAt(log, place!)), 'first')
  }),

  clause('append: a record that is too large is refused and nothing of its call is taken', async ({ log }) => {
    const large = record(null, { value: new Uint8Array(eventBytesMax + 1), partition: one })
    await assert.rejects(append(log, [...series(2, 'a', one), large]), { code: errors.recordTooLarge.entry.code })
    assert.equal((await readAll(log, one)).length, 0)
    const largest = record(null, { value: new Uint8Array(eventBytesMax), partition: zero })
    const [place] = await append(log, [largest])
    const { start, end } = await readAt(log, place!)
    assert.equal(end - start, eventBytesMax)
  }),

  clause('append: a partition that does not exist is refused', async ({ log }) => {
    const lost = record('x', { partition: partition(log.partitions) })
    await assert.rejects(append(log, [record('y', { partition: one }), lost]), {
      code: errors.badConfiguration.entry.code,
    })
    assert.equal((await readAll(log, one)).length, 0)
  }),
]
