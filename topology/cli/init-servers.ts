/**
 * The part of `topology init` that speaks to servers: it makes the topic, the keyspace and the bucket that the URLs name,
 * each only where its flag asks for it. What is there already stays as it is and is told.
 */

import { readLogUrl, readObjectsUrl, readRowsUrl } from '../resource-url.ts'
import { openLog } from '../resources.ts'
import { type Creation, createBucket, createKeyspace, createTopic } from '../served-resources.ts'
import type { CommandIo } from './command.ts'
import type { CommandInput } from './command-input.ts'
import type { Configuration } from './configuration.ts'
import { plural } from './text-table.ts'

export const serverFlags = ['topic', 'keyspace', 'bucket'] as const
export type ServerFlag = (typeof serverFlags)[number]

export interface MadeOnServer {
  readonly kind: ServerFlag
  readonly name: string
  readonly state: Creation
  readonly text: string
}

const partitionsInitial = 6
// Topics of more partitions exist; one typed by mistake takes a broker's files and memory for good.
const partitionsMost = 10_000
const replicationMost = 32

/** What is to be made, read from the input; what cannot be is noted. */
export interface ServerPlan {
  make(io: CommandIo): AsyncIterable<MadeOnServer>
}

export const planServers = (input: CommandInput, configuration: Configuration): ServerPlan => {
  const wants = (flag: ServerFlag): boolean => input.flag(flag)
  const partitions = input.count('partitions', { min: 1, max: partitionsMost, initial: partitionsInitial })
  const replication = input.count('replication', { min: 1, max: replicationMost, initial: 0 })
  const isSized = input.text('partitions') !== undefined
  const shape = replication === 0 ? {} : { replication }
  if (isSized && !wants('topic')) input.note({ at: '--partitions', text: 'goes with --topic' })
  if (replication > 0 && !wants('topic') && !wants('keyspace'))
    input.note({ at: '--replication', text: 'goes with --topic or --keyspace' })
  noteEmbedded(input, configuration)
  return {
    async *make(io) {
      if (wants('topic')) yield await makeTopic(io, configuration.log.value, { partitions, ...shape }, isSized)
      if (wants('keyspace')) yield await makeKeyspace(io, configuration.rows.value, shape)
      if (wants('bucket')) yield await makeBucket(io, configuration.objects.value)
    },
  }
}

/** Embedded resources are made by whoever writes first; a flag for them is a missing URL. */
const noteEmbedded = (input: CommandInput, { log, rows, objects }: Configuration): void => {
  const needs = [
    ['topic', log.value, 'kafka:', '--log kafka://host:9092/topic'],
    ['keyspace', rows.value, 'cassandra:', '--rows cassandra://host:9042/keyspace'],
    ['bucket', objects.value, 's3:', '--objects s3://bucket/prefix'],
  ] as const
  for (const [flag, url, scheme, example] of needs)
    if (input.flag(flag) && !url.startsWith(scheme))
      input.note({
        at: `--${flag}`,
        text: `there is no URL of a ${flag} to make`,
        hint: `Name it: \`${example}\`, or set it in the environment or spillway.yaml.`,
      })
}

const makeTopic = async (
  io: CommandIo,
  url: string,
  shape: { readonly partitions: number; readonly replication?: number },
  isSized: boolean,
): Promise<MadeOnServer> => {
  const place = readLogUrl(url)
  if (place.scheme !== 'kafka') throw new Error(`${place.scheme} has no topics`)
  const state = await createTopic(place, shape, io)
  const count = state === 'exists' && isSized ? await countPartitions(io, url) : shape.partitions
  const text =
    state === 'created'
      ? `made topic ${place.topic} with ${plural(count, 'partition')}`
      : `topic ${place.topic} is there already${isSized ? `, with ${plural(count, 'partition')}` : ''}`
  return { kind: 'topic', name: place.topic, state, text }
}

const countPartitions = async (io: CommandIo, url: string): Promise<number> => {
  const log = await openLog(url, { ...io, mode: 'read' })
  await log.close()
  return log.partitions
}

const makeKeyspace = async (
  io: CommandIo,
  url: string,
  shape: { readonly replication?: number },
): Promise<MadeOnServer> => {
  const place = readRowsUrl(url)
  if (place.scheme !== 'cassandra') throw new Error(`${place.scheme} has no keyspaces`)
  return told('keyspace', place.keyspace, await createKeyspace(place, shape, io))
}

const makeBucket = async (io: CommandIo, url: string): Promise<MadeOnServer> => {
  const place = readObjectsUrl(url)
  if (place.scheme !== 's3') throw new Error(`${place.scheme} has no buckets`)
  return told('bucket', place.bucket, await createBucket(place, io))
}

const told = (kind: ServerFlag, name: string, state: Creation): MadeOnServer => ({
  kind,
  name,
  state,
  text: state === 'created' ? `made ${kind} ${name}` : `${kind} ${name} is there already`,
})
