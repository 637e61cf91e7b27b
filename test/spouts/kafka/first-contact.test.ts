import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock as clock, systemRandom as random } from '../../../topology/engine/shell/system-clock.ts'
import { errors } from '../../../topology/model/errors.ts'
import { type KafkaOptions, openKafkaLog } from '../../../topology/spouts/kafka/kafka-log.ts'
import { saslUser } from '../../servers/server-kinds.ts'
import { serverOf } from '../../servers/server-of.ts'
import { createKafkaTopic } from './kafka-topic.ts'

const server = serverOf('kafka')
const saslBrokers = server?.saslBrokers ?? []
const secret = 'not-the-password'

/** What is thrown, and nothing that stays open. */
const refusal = async (options: Partial<KafkaOptions>): Promise<Record<string, unknown>> => {
  const opened = openKafkaLog({ brokers: server?.brokers ?? [], topic: 'none', clock, random, ...options })
  const error: unknown = await opened.then(
    (log) => log.close(),
    (thrown) => thrown,
  )
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret)
  const { code, errorClass, message } = error as { code: string; errorClass: string; message: string } // what is thrown on purpose
  return { code, errorClass, message }
}

const unreachable = { code: errors.kafkaUnreachable.entry.code, errorClass: 'stop' }

describe('brokers that are not there', () => {
  test('a refused connection', async () => {
    const found = await refusal({ brokers: ['127.0.0.1:1'] })
    expect(found).toMatchObject({ ...unreachable, message: expect.stringContaining('the connection is refused') })
  })

  test('an unknown host', async () => {
    const found = await refusal({ brokers: ['no-such-host.invalid:9092'] })
    expect(found).toMatchObject({ ...unreachable, message: expect.stringContaining('host name') })
  })

  test('one that accepts and never answers', async () => {
    const silent = createServer(() => {})
    onTestFinished(() => void silent.close())
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : 0
    const found = await refusal({ brokers: [`127.0.0.1:${port}`], connectMs: 300 })
    expect(found).toMatchObject({ ...unreachable, message: expect.stringContaining('within 300 ms') })
  })

  test('another server on that port', async () => {
    const other = createServer((socket) => socket.on('data', () => socket.write(Buffer.alloc(9))))
    onTestFinished(() => void other.close())
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' ? address?.port : 0
    const found = await refusal({ brokers: [`127.0.0.1:${port}`] })
    expect(found).toMatchObject({ ...unreachable, message: expect.stringContaining('protocol of Kafka') })
  })
})

describe.skipIf(server === undefined)('brokers that are there', () => {
  test('a missing topic', async () => {
    expect(await refusal({})).toMatchObject({ code: errors.topicMissing.entry.code, errorClass: 'stop' })
  })

  test('TLS with a broker that speaks none', async () => {
    expect(await refusal({ tls: true })).toMatchObject(unreachable)
  })

  test('one broker of several that is away', async () => {
    const topic = await createKafkaTopic(server!, 1)
    onTestFinished(() => topic.remove())
    const brokers = ['127.0.0.1:1', ...server!.brokers, '127.0.0.1:2']
    for (let count = 0; count < 3; count += 1) {
      await (await openKafkaLog({ brokers, topic: topic.name, clock, random })).close()
    }
  })
})

describe.skipIf(saslBrokers.length === 0)('brokers that ask for a password', () => {
  const mechanisms = ['plain', 'scram-sha-256'] as const

  test.each(mechanisms)('%s: the right one opens the log', async (mechanism) => {
    const topic = await createKafkaTopic(server!, 1)
    onTestFinished(() => topic.remove())
    const sasl = { mechanism, username: saslUser.name, password: saslUser.password }
    const log = await openKafkaLog({ brokers: saslBrokers, topic: topic.name, clock, random, sasl })
    const [place] = await log.append([{ key: null, headers: [], value: Buffer.from('a') }])
    expect(place?.offset).toBe(0)
    await log.close()
  })

  test.each(mechanisms)('%s: a wrong one is told', async (mechanism) => {
    const sasl = { mechanism, username: saslUser.name, password: secret }
    const found = await refusal({ brokers: saslBrokers, sasl })
    expect(found).toMatchObject({ code: errors.kafkaRefused.entry.code, errorClass: 'stop' })
  })

  test('none is told', async () => {
    expect(await refusal({ brokers: saslBrokers })).toMatchObject(unreachable)
  })
})
