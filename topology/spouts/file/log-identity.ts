/**
 * What a log is for ever: its id, topic and number of partitions, in `log.json`, written once under the write lock.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { errors } from '../../model/errors.ts'
import type { Disk } from './disk.ts'
import { formatVersion } from './segment-format.ts'

export interface LogIdentity {
  readonly id: string
  readonly topic: string
  readonly partitions: number
}

const format = 'spillway-log'
const partitionsDefault = 4
const topicDefault = 'events'
// Each costs two open files and a sync per append that touches it.
const partitionsMax = 1_024

const parse = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

const readIdentity = (path: string, text: string): LogIdentity => {
  const fields = parse(text)
  if (fields?.['format'] !== format) throw errors.logFormat({ path, reason: 'not the description of a log' })
  if (fields['version'] !== formatVersion) {
    const reason = `format version ${fields['version']}; this is version ${formatVersion}`
    throw errors.logFormat({ path, reason })
  }
  const { id, topic, partitions } = fields
  if (typeof id === 'string' && typeof topic === 'string' && typeof partitions === 'number') {
    return { id, topic, partitions }
  }
  throw errors.logFormat({ path, reason: 'the description of the log is not complete' })
}

const checkWanted = (path: string, found: LogIdentity, wanted: Partial<LogIdentity>): void => {
  if (wanted.partitions !== undefined && wanted.partitions !== found.partitions) {
    throw errors.logPartitions({ path, found: found.partitions, wanted: wanted.partitions })
  }
  if (wanted.topic !== undefined && wanted.topic !== found.topic) {
    throw errors.logFormat({ path, reason: `the topic of the log is ${found.topic}, not ${wanted.topic}` })
  }
}

const createIdentity = async (disk: Disk, folder: string, path: string, identity: LogIdentity): Promise<void> => {
  const isRemainder = disk.list(folder).includes('0')
  if (isRemainder) throw errors.logFormat({ path, reason: 'missing beside the segments of a log' })
  // Whole or absent: a process that dies here leaves a name that the next one writes over.
  const draft = `${path}.new`
  const file = disk.openToWrite(draft)
  try {
    await file.truncate(0)
    await file.write(Buffer.from(`${JSON.stringify({ format, version: formatVersion, ...identity }, null, 2)}\n`), 0)
    await file.sync()
  } finally {
    file.close()
  }
  disk.rename(draft, path)
  await disk.syncFolder(folder)
}

/**
 * Reads the identity of the log in a folder, or gives it one. Call it under the write lock. Throws `logFormat` for
 * another version or topic, `logPartitions` for another number than `wanted`, `badConfiguration` for an impossible one.
 */
export const settleIdentity = async (
  disk: Disk,
  folder: string,
  wanted: Partial<LogIdentity>,
): Promise<LogIdentity> => {
  const path = join(folder, 'log.json')
  const text = disk.readText(path)
  if (text !== undefined) {
    const found = readIdentity(path, text)
    checkWanted(path, found, wanted)
    return found
  }
  const partitions = wanted.partitions ?? partitionsDefault
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > partitionsMax) {
    throw errors.badConfiguration({ problem: `a log has 1 to ${partitionsMax} partitions, not ${partitions}` })
  }
  const identity = { id: randomUUID(), topic: wanted.topic ?? topicDefault, partitions }
  await createIdentity(disk, folder, path, identity)
  return identity
}
