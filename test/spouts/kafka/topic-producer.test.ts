import { expect, test } from 'vitest'
import { errors } from '../../../topology/model/errors.ts'
import type { NewRecord } from '../../../topology/model/record.ts'
import { TopicProducer } from '../../../topology/spouts/kafka/topic-producer.ts'
import { FakeBroker } from './fake-broker.ts'

const given = (): {
  broker: FakeBroker
  send: (text: string, places?: readonly number[]) => Promise<readonly number[]>
} => {
  const broker = new FakeBroker()
  let nowMs = 1_700_000_000_000
  const clock = {
    nowMs: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms
    },
  }
  const producer = new TopicProducer(broker.leaders, clock)
  const send = (text: string, places?: readonly number[]): Promise<readonly number[]> => {
    const records = text.split(' ').map((each): NewRecord => ({ key: null, headers: [], value: Buffer.from(each) }))
    return producer.append(records, places ?? records.map(() => 0))
  }
  return { broker, send }
}

const lost = (count: number): readonly 'lost reply'[] => new Array<'lost reply'>(count).fill('lost reply')
const always = 1_000

test('each record has its place, over several partitions and appends', async () => {
  const { broker, send } = given()
  expect(await send('a b c d', [0, 1, 0, 1])).toEqual([0, 0, 1, 1])
  expect(await send('e f', [1, 0])).toEqual([2, 2])
  expect([broker.texts(0), broker.texts(1)]).toEqual([
    ['a', 'c', 'f'],
    ['b', 'd', 'e'],
  ])
})

test.each([['lost reply'], ['lost request'], [6], ['taken']] as const)(
  'after %s a batch stands in the log once',
  async (fate) => {
    const { broker, send } = given()
    await send('a b')
    broker.fates.push(fate, fate, fate)
    expect(await send('c d')).toEqual([2, 3])
    expect(await send('e')).toEqual([4])
    expect(broker.texts(0)).toEqual(['a', 'b', 'c', 'd', 'e'])
  },
)

test('a batch of unknown fate is told as such, and what is sent after it is kept', async () => {
  const { broker, send } = given()
  broker.fates.push(...lost(always))
  await expect(send('a')).rejects.toMatchObject({ code: errors.appendUnknown.entry.code, errorClass: 'retry' })
  broker.fates.length = 0
  // As long as the lost one, so that its numbers would be the same: under the old id it would be taken for it.
  expect(await send('b')).toEqual([1])
  expect(broker.texts(0)).toEqual(['a', 'b'])
})

test('a batch that was certainly not taken is told as such', async () => {
  const { broker, send } = given()
  broker.fates.push(...new Array<number>(always).fill(19))
  await expect(send('a')).rejects.toMatchObject({ code: errors.kafkaUnavailable.entry.code, errorClass: 'retry' })
})

// They are answered also while replicas are waited for: by then the batch is written, and the next leader may have it.
test.each([6, 7, 20])('a batch that is answered with %i may have been taken', async (code) => {
  const { broker, send } = given()
  await send('a')
  broker.fates.push({ taken: code }, 'producers forgotten')
  await expect(send('b')).rejects.toMatchObject({ code: errors.appendUnknown.entry.code })
  expect(broker.texts(0)).toEqual(['a', 'b'])
})

test('a batch in doubt is not sent under a new id where another partition has forgotten the first', async () => {
  const { broker, send } = given()
  await send('a b', [0, 1])
  broker.fates.push('lost reply', 45)
  await expect(send('c d', [0, 1])).rejects.toMatchObject({ code: errors.appendUnknown.entry.code })
  expect(broker.texts(0)).toEqual(['a', 'c'])
})

test('brokers that have forgotten the producer get the next batch under a new id', async () => {
  const { broker, send } = given()
  await send('a')
  broker.fates.push('producers forgotten')
  expect(await send('b')).toEqual([1])
  expect([broker.texts(0), broker.producerIds]).toEqual([['a', 'b'], 2])
})

test('a batch in doubt is not sent again under a new id', async () => {
  const { broker, send } = given()
  await send('a')
  broker.fates.push('lost reply', 'producers forgotten')
  await expect(send('b')).rejects.toMatchObject({ code: errors.appendUnknown.entry.code })
  expect(await send('c')).toEqual([2])
  expect(broker.texts(0)).toEqual(['a', 'b', 'c'])
})

test('a batch that the topic finds too large is halved, one record is refused', async () => {
  const { broker, send } = given()
  broker.recordsMax = 2
  expect(await send('a b c d e')).toEqual([0, 1, 2, 3, 4])
  expect(broker.texts(0)).toEqual(['a', 'b', 'c', 'd', 'e'])
  broker.recordsMax = 0
  await expect(send('f')).rejects.toMatchObject({ code: errors.topicRecordTooLarge.entry.code, errorClass: 'reject' })
})

test('a user without rights is told, class stop', async () => {
  const { broker, send } = given()
  broker.fates.push(29)
  await expect(send('a')).rejects.toMatchObject({ code: errors.kafkaRefused.entry.code, errorClass: 'stop' })
})

test('appends at the same time keep their order', async () => {
  const { broker, send } = given()
  broker.fates.push('lost reply', 'taken', 'lost request')
  expect(await Promise.all(['a b', 'c', 'd e'].map((text) => send(text)))).toEqual([[0, 1], [2], [3, 4]])
  expect(broker.texts(0)).toEqual(['a', 'b', 'c', 'd', 'e'])
})
