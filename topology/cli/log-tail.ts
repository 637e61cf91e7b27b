/** `topology log tail`: the newest records of the log, and with --follow those that come. Nothing is decoded. */
import { formatTime } from '../model/event-time.ts'
import type { EventLog } from '../model/ports/event-log.ts'
import { type Offset, type Partition, offset as toOffset, partition as toPartition } from '../model/position.ts'
import type { LogRecord } from '../model/record.ts'
import { openLog } from '../resources.ts'
import type { CommandDefinition, CommandIo } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { readConfiguration } from './configuration.ts'
import { printable } from './text-table.ts'

export const logTail: CommandDefinition = {
  name: 'log tail',
  doc: 'Shows the newest records of the log: place, append time, key, headers, value. One JSON object per line with --json.',
  arguments: [],
  options: [
    { flags: '-n, --lines <N>', doc: 'how many (default 10)' },
    { flags: '-f, --follow', doc: 'goes on with records as they come, until Ctrl-C' },
    { flags: '--partition <P>', doc: 'only this partition' },
  ],
  common: ['log', 'json'],
  examples: ['topology log tail', 'topology log tail -n 100 --json', 'topology log tail --follow --partition 0'],
  run: async (io, input) => {
    const lines = input.count('lines', { min: 0, max: 100_000, initial: 10 })
    const configuration = await readConfiguration(io, input)
    const only =
      input.text('partition') === undefined
        ? undefined
        : input.count('partition', { min: 0, max: 2 ** 22 - 1, initial: 0 })
    input.check()
    const log = await openLog(configuration.log.value, { ...io, mode: 'read' })
    try {
      if (only !== undefined && only >= log.partitions)
        input.note({ at: '--partition', text: `the log has ${log.partitions} partitions, counted from 0` })
      input.check()
      const partitions = only === undefined ? Array.from({ length: log.partitions }, (_, index) => index) : [only]
      const ends = await printNewest(io, input, log, partitions.map(toPartition), lines)
      if (input.flag('follow')) await follow(io, input, log, ends)
      return 0
    } finally {
      await log.close()
    }
  },
}

const fetchBytes = 1_048_576
const waitMs = 500

interface TailRecord {
  readonly partition: Partition
  readonly record: LogRecord
}

/** Prints the newest records of all partitions by append time; gives the ends where following begins. */
const printNewest = async (
  io: CommandIo,
  input: CommandInput,
  log: EventLog,
  partitions: readonly Partition[],
  lines: number,
): Promise<ReadonlyMap<Partition, Offset>> => {
  const ends = new Map<Partition, Offset>()
  const found: TailRecord[] = []
  for (const partition of partitions) {
    const { start, end } = await log.bounds(partition)
    ends.set(partition, end)
    let at = toOffset(Math.max(start, end - lines))
    while (at < end && !io.signal.aborted) {
      const batch = await log.fetch(partition, at, { maxBytes: fetchBytes, waitMs: 0 })
      if (batch.to === at) break
      for (const record of batch.records) if (record.offset < end) found.push({ partition, record })
      at = batch.to
    }
  }
  found.sort(
    (left, right) =>
      left.record.appendTimeMs - right.record.appendTimeMs ||
      left.partition - right.partition ||
      left.record.offset - right.record.offset,
  )
  for (const one of lines === 0 ? [] : found.slice(-lines)) await printRecord(io, input, log.topic, one)
  return ends
}

/** Each partition waits for itself, so that a quiet one delays nobody. */
const follow = async (
  io: CommandIo,
  input: CommandInput,
  log: EventLog,
  ends: ReadonlyMap<Partition, Offset>,
): Promise<void> => {
  const stop = new AbortController()
  const signal = AbortSignal.any([io.signal, stop.signal])
  const followOne = async (partition: Partition, from: Offset): Promise<void> => {
    let at = from
    while (!signal.aborted) {
      const batch = await log.fetch(partition, at, { maxBytes: fetchBytes, waitMs, signal })
      for (const record of batch.records) await printRecord(io, input, log.topic, { partition, record })
      at = batch.to
    }
  }
  try {
    await Promise.all([...ends].map(([partition, end]) => followOne(partition, end)))
  } finally {
    stop.abort()
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const printRecord = (
  io: CommandIo,
  input: CommandInput,
  topic: string,
  { partition, record }: TailRecord,
): Promise<void> => {
  const value = record.start < 0 ? null : record.bytes.subarray(record.start, record.end)
  if (input.flag('json')) return io.print(`${recordJson(topic, partition, record, value, input.flag('pretty'))}\n`)
  const headers = record.headers.map(([name, text]) => `${name}=${text}`).join(' ')
  const text = value === null ? '(null)' : (textOf(value) ?? `(${value.length} bytes)`)
  const parts = [`${partition}/${record.offset}`, formatTime(record.appendTimeMs), record.key ?? '-', headers, text]
  return io.print(
    `${parts
      .filter((part) => part !== '')
      .map(printable)
      .join('  ')}\n`,
  )
}

const recordJson = (
  topic: string,
  partition: Partition,
  record: LogRecord,
  value: Uint8Array | null,
  isPretty: boolean,
): string => {
  const head = {
    topic,
    partition,
    offset: record.offset,
    appended_at: formatTime(record.appendTimeMs),
    key: record.key,
    headers: Object.fromEntries(record.headers),
  }
  const json = { ...head, ...valueJson(value) }
  return JSON.stringify(json, undefined, isPretty ? 2 : undefined)
}

/** A JSON value as itself, other text under `text`, other bytes under `base64`. */
const valueJson = (value: Uint8Array | null): { readonly [name: string]: unknown } => {
  if (value === null) return { value: null }
  const text = textOf(value)
  if (text === undefined) return { base64: Buffer.from(value).toString('base64') }
  try {
    return { value: JSON.parse(text) }
  } catch {
    return { text }
  }
}

const textOf = (value: Uint8Array): string | undefined => {
  try {
    return utf8.decode(value)
  } catch {
    return undefined
  }
}
