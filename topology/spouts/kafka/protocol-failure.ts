/**
 * An error that a broker answers with, by the number of the protocol; and what any failure of a call to Kafka means.
 *
 * Nothing that a driver or a broker says is taken for a reason to stop unless it is listed here: what is not known is
 * tried again.
 */
import { SpillwayError } from '../../model/spillway-error.ts'

export const protocolCodes = {
  none: 0,
  offsetOutOfRange: 1,
  damaged: 2,
  unknownTopicOrPartition: 3,
  messageTooLarge: 10,
  invalidTopic: 17,
  recordListTooLarge: 18,
  notEnoughReplicas: 19,
  topicAuthorizationFailed: 29,
  clusterAuthorizationFailed: 31,
  topicAlreadyExists: 36,
  invalidPartitions: 37,
  invalidReplicationFactor: 38,
  policyViolation: 44,
  outOfOrderSequence: 45,
  duplicateSequence: 46,
  invalidProducerEpoch: 47,
  unknownProducerId: 59,
  invalidRecord: 87,
} as const

const reasons: Readonly<Record<number, string>> = {
  2: 'the records were damaged on their way',
  3: 'this broker does not have the partition (yet, or any more)',
  5: 'the partition has no leader at the moment',
  6: 'the leader of the partition has changed',
  7: 'the broker did not get the answer of its replicas in time',
  9: 'the replica is not available',
  19: 'fewer replicas are in sync than the topic wants (min.insync.replicas)',
  17: 'the name of the topic is not valid',
  20: 'fewer replicas are in sync than the topic wants (min.insync.replicas)',
  29: 'the user may not use the topic (ACL)',
  31: 'the user may not use the cluster (ACL)',
  33: 'it does not know the mechanism that KAFKA_SASL_MECHANISM names',
  34: 'it asks for no password, and KAFKA_SASL_PASSWORD is set: name its other listener, or unset KAFKA_SASL_*',
  37: 'the number of partitions is not valid',
  38: 'there are fewer brokers than the wanted replicas',
  44: 'a policy of the brokers forbids it',
  56: 'the disk of the broker fails',
  74: 'the leader of the partition has changed',
  75: 'the leader of the partition is changing',
  78: 'the new leader is not ready yet',
  87: 'the broker refuses the record',
  100: 'this broker does not know the topic (yet, or any more)',
}

export class ProtocolFailure extends Error {
  readonly code: number

  constructor(code: number) {
    super(reasons[code] ?? `error ${code} of the protocol`)
    this.code = code
  }
}

/** The number of a failure, of ours or of kafkajs. */
export const protocolCodeOf = (error: unknown): number | undefined => {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'number' ? error.code : undefined
}

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name

/** Whether there was no answer in all the time that a request may take. */
export const isTimeout = (error: unknown): boolean => isNamed(error, 'KafkaJSRequestTimeoutError')

export const isRefusal = (error: unknown): boolean =>
  isNamed(error, 'KafkaJSSASLAuthenticationError') ||
  protocolCodeOf(error) === protocolCodes.topicAuthorizationFailed ||
  protocolCodeOf(error) === protocolCodes.clusterAuthorizationFailed

const systemReasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be looked up',
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was reset',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'the host cannot be reached',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed: name the authority in KAFKA_TLS_CA',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is self-signed: name the authority in KAFKA_TLS_CA',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the authority of its certificate is not known: name it in KAFKA_TLS_CA',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the authority of its certificate is not known: name it in KAFKA_TLS_CA',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  EPROTO: 'it does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
}

/** A sentence for people; of what others wrote nothing is shown that could hold a secret. */
export const reasonOf = (error: unknown): string => {
  if (isNamed(error, 'KafkaJSSASLAuthenticationError')) return 'user name, password or SASL mechanism is wrong'
  if (error instanceof ProtocolFailure || error instanceof SpillwayError) return error.message
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  if (typeof code === 'number') return new ProtocolFailure(code).message
  if (typeof code === 'string') return systemReasons[code] ?? code
  if (isTimeout(error)) return 'no answer in time'
  if (isNamed(error, 'KafkaJSConnectionClosedError')) return 'the broker closed the connection'
  return error instanceof Error ? error.message.replace(/^Connection error: /, '') : 'the call failed'
}
