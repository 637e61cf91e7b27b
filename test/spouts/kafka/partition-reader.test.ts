import { expect, test } from 'vitest'
import { offset } from '../../../topology/model/position.ts'
import type { FetchedBytes } from '../../../topology/spouts/kafka/fetch-records.ts'
import type { KafkaConnection } from '../../../topology/spouts/kafka/kafka-connection.ts'
import { KeptAnswers } from '../../../topology/spouts/kafka/kept-answers.ts'
import { PartitionReader, type ReaderLeaders } from '../../../topology/spouts/kafka/partition-reader.ts'
import { createHandClock } from '../hand-clock.ts'
import { fetched, offsets, run } from './given-batches.ts'

interface Asked {
  readonly waitMs: number
  readonly maxBytes: number
}

/** A reader whose broker gives these answers, then empty ones; a wait of the broker passes at once. */
const given = (answers: FetchedBytes[], { isCrowded = false } = {}): { reader: PartitionReader; asked: Asked[] } => {
  const asked: Asked[] = []
  const clock = createHandClock()
  const connection: KafkaConnection = {
    address: { host: 'broker', port: 9_092 },
    isOpen: true,
    maxVersion: () => 13,
    requests: undefined as never, // a reader takes part in no group
    close: () => {},
    send: async ({ body }) => {
      const [waitMs, maxBytes] = [body.readInt32BE(5), body.readInt32BE(13)]
      asked.push({ waitMs, maxBytes })
      const answer = answers.shift() ?? fetched([])
      if (answer.start === answer.end) await clock.passTime(waitMs)
      return answer as never // what `decode` would give
    },
  }
  const leaders: ReaderLeaders = {
    topic: 'events',
    isCrowded: () => isCrowded,
    call: (_, partition, work) => work(connection, { topic: 'events', topicId: '', partition, leaderEpoch: 0 }),
  }
  return { reader: new PartitionReader(leaders, 0, new KeptAnswers(), clock), asked }
}

test('what is left of an answer is given to the reader that goes on there, without another fetch', async () => {
  const { reader, asked } = given([fetched([{ base: 0, records: run(100) }])])
  const found: number[] = []
  for (let at = 0; at < 100; ) {
    const { records, to } = await reader.read(offset(at), { maxBytes: 200, waitMs: 0 })
    found.push(...offsets(records))
    at = to
  }
  expect([found.length, new Set(found).size, asked.length]).toEqual([100, 100, 1])
})

test('a batch larger than what was asked for is asked for again, whole', async () => {
  const batch = { base: 0, records: [{ delta: 0, value: 'x'.repeat(5_000) }] }
  const { reader, asked } = given([fetched([batch], { cutBytes: 2_000 }), fetched([batch])])
  expect((await reader.read(offset(0), { maxBytes: 1_000, waitMs: 0 })).records.length).toBe(1)
  expect(asked.map(({ maxBytes }) => maxBytes)).toEqual([1_000, expect.any(Number)])
  expect(asked[1]!.maxBytes).toBeGreaterThan(5_000)
})

test('an answer of markers only moves on and is no end of the log', async () => {
  const { reader } = given([fetched([{ base: 4, control: true, records: run(1) }])])
  expect(await reader.read(offset(4), { maxBytes: 1_000, waitMs: 0 })).toMatchObject({ records: [], to: 5 })
})

test('a long wait is several short ones, shorter when readers wait for each other', async () => {
  for (const isCrowded of [false, true]) {
    const { reader, asked } = given([], { isCrowded })
    const batch = await reader.read(offset(9), { maxBytes: 1_000, waitMs: 1_200 })
    expect([batch.from, batch.to, batch.records.length]).toEqual([9, 9, 0])
    expect(Math.max(...asked.map(({ waitMs }) => waitMs))).toBe(isCrowded ? 100 : 500)
  }
})
