/**
 * The first words with a cluster: whatever goes wrong ends in time, with one error of class `stop` that says what to do.
 * A cluster that was never reached is a wrong address or a wrong password far more often than one that is away.
 */
import { errors } from '../../model/errors.ts'
import { SpillwayError } from '../../model/spillway-error.ts'
import { withinMs } from '../../model/within-ms.ts'
import type { KafkaClient } from './kafka-connection.ts'
import { isRefusal, reasonOf } from './protocol-failure.ts'

const connectMsDefault = 8_000

/** Runs `work` in the time that the options allow; when it fails the client is closed. */
export const withinFirstContact = async <Answer>(client: KafkaClient, work: () => Promise<Answer>): Promise<Answer> => {
  const { brokers, clock, connectMs = connectMsDefault } = client.options
  const names = brokers.join(',')
  const late = (): Error => errors.kafkaUnreachable({ brokers: names, reason: `no answer within ${connectMs} ms` })
  try {
    return await withinMs(clock, connectMs, late, work)
  } catch (error) {
    client.close()
    if (error instanceof SpillwayError && error.errorClass !== 'retry') throw error
    if (isRefusal(error)) throw errors.kafkaRefused({ brokers: names, reason: reasonOf(error) }, error)
    throw errors.kafkaUnreachable({ brokers: names, reason: reasonOf(error) }, error)
  }
}
