/**
 * Opens and creates resources that servers hold. Each adapter is loaded by itself, with the driver it knows, when a URL
 * of its scheme is opened; it gets plain options, and nobody else sees the secrets among them.
 */
import { readFile } from 'node:fs/promises'
import type { S3Options } from '../sinks/objects/s3/s3-objects.ts'
import type { CassandraOptions } from '../sinks/rows/cassandra/open-cassandra.ts'
import { systemClock, systemRandom } from './engine/shell/system-clock.ts'
import { errors } from './model/errors.ts'
import { knobValue } from './model/knobs.ts'
import type { Clock } from './model/ports/clock.ts'
import type { KnobReader } from './model/ports/dependency.ts'
import type { EventLog } from './model/ports/event-log.ts'
import type { Ledger } from './model/ports/ledger.ts'
import type { ObjectStore } from './model/ports/object-store.ts'
import type { Random } from './model/ports/random.ts'
import type { RowStore } from './model/ports/row-store.ts'
import { messageOf } from './model/spillway-error.ts'
import {
  type Environment,
  processEnvironment,
  readCassandraSecrets,
  readKafkaSecurity,
  readS3Access,
} from './resource-environment.ts'
import type { CassandraPlace, KafkaPlace, S3Place } from './resource-url.ts'
import type { KafkaOptions } from './spouts/kafka/kafka-log.ts'

/** `run` makes what is missing and takes the lock; `write` makes what is missing; `read` wants it to be there. */
export type ResourceMode = 'run' | 'write' | 'read'

interface Surroundings {
  readonly clock?: Clock
  readonly random?: Random
  readonly env?: Environment
  readonly knobs?: Readonly<Record<string, number | string>>
}

export const openServedLog = async (place: KafkaPlace, around: Surroundings): Promise<EventLog> => {
  const options = await kafkaOptions(place, around)
  const { openKafkaLog } = await import('./spouts/kafka/kafka-log.ts')
  return openKafkaLog(options)
}

export const openServedRows = async (
  place: CassandraPlace,
  mode: ResourceMode,
  around: Surroundings,
): Promise<{ readonly rows: RowStore; readonly ledger: Ledger; close(): Promise<void> }> => {
  const options = { ...cassandraOptions(place, around), mode }
  const { openCassandra } = await import('../sinks/rows/cassandra/open-cassandra.ts')
  return openCassandra(options)
}

export const openServedObjects = async (
  place: S3Place,
  mode: ResourceMode,
  around: Surroundings,
): Promise<ObjectStore> => {
  const options = { ...s3Options(place, around), mode }
  const { openS3Objects } = await import('../sinks/objects/s3/s3-objects.ts')
  return openS3Objects(options)
}

/** Whether it was made or was there already. */
export type Creation = 'created' | 'exists'

export const createTopic = async (
  place: KafkaPlace,
  shape: { readonly partitions: number; readonly replication?: number },
  around: Surroundings,
): Promise<Creation> => {
  const options = await kafkaOptions(place, around)
  const { createKafkaTopic } = await import('./spouts/kafka/kafka-log.ts')
  return createKafkaTopic({ ...options, ...shape })
}

export const createKeyspace = async (
  place: CassandraPlace,
  shape: { readonly replication?: number },
  around: Surroundings,
): Promise<Creation> => {
  const options = { ...cassandraOptions(place, around), mode: 'write' as const }
  const adapter = await import('../sinks/rows/cassandra/open-cassandra.ts')
  return adapter.createKeyspace({ ...options, ...shape })
}

export const createBucket = async (place: S3Place, around: Surroundings): Promise<Creation> => {
  const options = { ...s3Options(place, around), mode: 'write' as const }
  const adapter = await import('../sinks/objects/s3/s3-objects.ts')
  return adapter.createBucket(options)
}

const kafkaOptions = async ({ brokers, topic }: KafkaPlace, around: Surroundings): Promise<KafkaOptions> => {
  const { isEncrypted, authorityFile, sasl } = readKafkaSecurity(around.env ?? processEnvironment())
  const authority = authorityFile === undefined ? undefined : await readAuthority(authorityFile)
  return {
    brokers,
    topic,
    ...clockAndRandom(around),
    ...(isEncrypted ? { tls: authority === undefined ? true : { ca: authority } } : {}),
    ...(sasl === undefined ? {} : { sasl }),
  }
}

const readAuthority = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw errors.badConfiguration({ problem: `KAFKA_TLS_CA cannot be read: ${messageOf(error)}` }, error)
  }
}

const cassandraOptions = (place: CassandraPlace, around: Surroundings): Omit<CassandraOptions, 'mode'> => {
  const { scheme: _scheme, ...options } = place
  const secrets = readCassandraSecrets(around.env ?? processEnvironment())
  return { ...options, ...clockAndRandom(around), ...secrets, knob: knobOf(around) }
}

const s3Options = ({ scheme: _scheme, ...place }: S3Place, around: Surroundings): Omit<S3Options, 'mode'> => ({
  ...place,
  ...clockAndRandom(around),
  ...readS3Access(around.env ?? processEnvironment()),
  knob: knobOf(around),
})

const knobOf =
  ({ knobs }: Surroundings): KnobReader =>
  (name) =>
    knobValue(name, knobs)

const clockAndRandom = ({
  clock = systemClock,
  random = systemRandom,
}: Surroundings): { clock: Clock; random: Random } => ({
  clock,
  random,
})
