/** Asks the brokers how long they keep the records of a topic. */
import type { KafkaConnection } from './kafka-connection.ts'
import { ProtocolFailure, protocolCodes } from './protocol-failure.ts'
import { WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

const topicResource = 2
const retention = 'retention.ms'

/** `undefined`: by their size alone, or for ever (then `retention.ms` is -1). Throws `ProtocolFailure`. */
export const describeRetention = async (connection: KafkaConnection, topic: string): Promise<number | undefined> => {
  const body = new WireWriter().int32(1).int8(topicResource).string(topic).int32(1).string(retention)
  // Without synonyms.
  body.int8(0)
  return await connection.send({
    apiKey: 32,
    version: 1,
    name: 'DescribeConfigs',
    body: body.bytes,
    decode: (payload) => {
      const answer = new WireReader(payload)
      answer.int32()
      const [found] = answer.array(() => {
        const code = answer.int16()
        answer.string()
        if (code !== protocolCodes.none) throw new ProtocolFailure(code)
        answer.int8()
        answer.string()
        return answer.array(() => readSetting(answer))
      })
      const value = found?.find(({ name }) => name === retention)?.value
      const ms = value === undefined || value === null ? -1 : Number(value)
      return ms < 0 || !Number.isFinite(ms) ? undefined : ms
    },
  })
}

const readSetting = (answer: WireReader): { readonly name: string | null; readonly value: string | null } => {
  const [name, value] = [answer.string(), answer.string()]
  // Whether it is read-only, where it comes from, whether it is secret.
  for (let flags = 0; flags < 3; flags += 1) answer.int8()
  answer.array(() => {
    answer.string()
    answer.string()
    return answer.int8()
  })
  return { name, value }
}
