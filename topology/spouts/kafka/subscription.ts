/**
 * The bytes that members of a consumer group tell each other: what one reads and has, and what the leader gives it.
 *
 * They are the ordinary ones of protocol type `consumer` (subscription version 2, assignment version 0), so that any
 * tool which lists members and lag can read them. Later versions only add fields at the end, which are not looked at.
 */

/** Partitions by topic. */
export type TopicPartitions = ReadonlyMap<string, readonly number[]>

export interface Subscription {
  readonly topics: readonly string[]
  /** What the member has, by the assignment of `generation`. */
  readonly owned: TopicPartitions
  /** -1: none yet, or not told. */
  readonly generation: number
}

const subscriptionVersion = 2
const assignmentVersion = 0

export const encodeSubscription = ({ topics, owned, generation }: Subscription): Buffer =>
  Buffer.concat([
    int16(subscriptionVersion),
    int32(topics.length),
    ...topics.map(text),
    int32(-1), // no user data
    topicPartitions(owned),
    int32(generation),
  ])

export const decodeSubscription = (bytes: Uint8Array): Subscription => {
  const reader = readerOf(bytes)
  const version = reader.int16()
  const topics = reader.array(reader.text)
  reader.skipBytes()
  return {
    topics,
    owned: version >= 1 ? readTopicPartitions(reader) : new Map(),
    generation: version >= 2 ? reader.int32() : -1,
  }
}

export const encodeAssignment = (assigned: TopicPartitions): Buffer =>
  Buffer.concat([int16(assignmentVersion), topicPartitions(assigned), int32(-1)])

/** A member that was given nothing may be told so by no bytes at all. */
export const decodeAssignment = (bytes: Uint8Array): TopicPartitions => {
  if (bytes.length === 0) return new Map()
  const reader = readerOf(bytes)
  reader.int16()
  return readTopicPartitions(reader)
}

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value)
  return Buffer.concat([int16(bytes.length), bytes])
}

const topicPartitions = (all: TopicPartitions): Buffer =>
  Buffer.concat([
    int32(all.size),
    ...[...all].flatMap(([topic, partitions]) => [text(topic), int32(partitions.length), ...partitions.map(int32)]),
  ])

interface Reader {
  int16(): number
  int32(): number
  text(): string
  skipBytes(): void
  array<Item>(read: () => Item): Item[]
}

/** Bytes that end too early, or that name more items than there are bytes, end in a RangeError. */
const readerOf = (given: Uint8Array): Reader => {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength)
  let at = 0
  const taken = (length: number): number => {
    if (length < 0 || at + length > bytes.length) throw new RangeError('the bytes end too early')
    at += length
    return at - length
  }
  const reader: Reader = {
    int16: () => bytes.readInt16BE(taken(2)),
    int32: () => bytes.readInt32BE(taken(4)),
    text: () => {
      const length = reader.int16()
      const from = taken(length)
      return bytes.toString('utf8', from, from + length)
    },
    skipBytes: () => {
      taken(Math.max(0, reader.int32()))
    },
    array: (read) => {
      const length = Math.max(0, reader.int32())
      if (length > bytes.length - at) throw new RangeError('the bytes end too early')
      return Array.from({ length }, read)
    },
  }
  return reader
}

const readTopicPartitions = (reader: Reader): TopicPartitions =>
  new Map(reader.array(() => [reader.text(), reader.array(reader.int32)] as const))
