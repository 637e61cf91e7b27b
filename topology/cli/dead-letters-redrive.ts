/**
 * `topology dead-letters redrive`: appends records to the log again, at new offsets and with new ids, and marks the
 * letters. The record is taken from the log where it is still there, because a letter keeps only the first 64 KiB.
 */
import { type DeadLetter, everySink, listDeadLetters, markRedriven } from '../../sinks/rows/dead-letters.ts'
import { formatTime } from '../model/event-time.ts'
import { namespaceOf } from '../model/namespace.ts'
import type { EventLog } from '../model/ports/event-log.ts'
import type { RowStore } from '../model/ports/row-store.ts'
import { offset as toOffset, partition as toPartition } from '../model/position.ts'
import type { NewRecord } from '../model/record.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { createCauseCheck } from './dead-letter-causes.ts'
import { formatPlace, lettersAt } from './dead-letter-place.ts'
import { type Reader, withReader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { createTalk } from './talk.ts'
import { withLogs } from './with-logs.ts'

export const deadLettersRedrive: CommandDefinition = {
  name: 'dead-letters redrive',
  doc: 'Appends dead letters to the log again, after the topology or the bolt was mended. Every sink sees the record anew; one that had applied it counts it twice, which is said. The letters stay, marked.',
  arguments: [
    { name: 'PLACE', doc: '[SPOUT/]PARTITION/OFFSET, as the list shows it', isRequired: false, isRepeated: true },
  ],
  options: [
    { flags: '--cause <NAME>', doc: 'all letters of this cause' },
    { flags: '--all', doc: 'all letters' },
  ],
  common: ['log', 'rows', 'topology', 'json'],
  examples: ['topology dead-letters redrive 0/1234', 'topology dead-letters redrive --cause BoltError'],
  run: (io, input) => {
    const ways = [input.operands.length > 0, input.text('cause') !== undefined, input.flag('all')].filter(Boolean)
    if (ways.length !== 1) input.note({ text: 'say which: places, --cause NAME or --all' })
    return withReader<ExitCode>(
      io,
      input,
      (reader) => withLogs(io, reader, (logOf) => redrive(io, input, reader, logOf), 'write'),
      'write',
    )
  },
}

const redrive = async (
  io: CommandIo,
  input: CommandInput,
  reader: Reader,
  logOf: (spout: string) => EventLog,
): Promise<ExitCode> => {
  const talk = createTalk(io, input.logLevel)
  let redriven = 0
  let failed = 0
  for await (const letters of records(input, reader)) {
    if (io.signal.aborted) break
    const first = letters[0]!
    const record = await wholeRecord(first, logOf(first.spout))
    if (record === undefined) {
      failed++
      talk.error(`${formatPlace(first)} is longer than its letter keeps, and the log no longer has it`)
      continue
    }
    if (first.redrivenAtMs !== undefined)
      talk.warn(
        `${formatPlace(first)} was redriven before, at ${formatTime(first.redrivenAtMs)}; it is in the log once more`,
      )
    if (first.sink !== everySink)
      talk.warn(
        `${formatPlace(first)} was left out by ${letters.map(({ sink }) => sink).join(', ')} only; the other sinks see it again`,
      )
    await append(reader.rows, letters, record, logOf(first.spout), io.clock.nowMs())
    redriven++
  }
  talk.info(`${redriven} redriven${failed === 0 ? '' : `, ${failed} failed`}`)
  if (input.flag('json')) await printJson(io, input, { redriven, failed })
  return failed > 0 || io.signal.aborted ? 1 : 0
}

/** Letters of one record together; those that were redriven before are left out unless they are named. */
async function* records(input: CommandInput, { rows, topology }: Reader): AsyncIterable<readonly DeadLetter[]> {
  let open: DeadLetter[] = []
  for await (const letter of chosen(input, rows, topology)) {
    if (open[0] !== undefined && formatPlace(open[0]) !== formatPlace(letter)) {
      yield open
      open = []
    }
    open.push(letter)
  }
  if (open.length > 0) yield open
}

async function* chosen(input: CommandInput, rows: RowStore, topology: Reader['topology']): AsyncIterable<DeadLetter> {
  if (input.operands.length > 0) {
    yield* await lettersAt(rows, topology, input.operands)
    return
  }
  const cause = input.text('cause')
  const check = createCauseCheck(cause)
  for await (const letter of listDeadLetters(rows, topology.topology)) {
    check.see(letter)
    // A replay looks at what was: appended again, its record would be another event of the live results.
    if (namespaceOf(letter.sink) !== undefined) continue
    if (letter.redrivenAtMs === undefined && (cause === undefined || letter.cause === cause)) yield letter
  }
  check.end()
}

/** What is appended again. */
type WholeRecord = Pick<NewRecord, 'key' | 'headers' | 'value'>

/** The record from the log, else from its letter; `undefined` when it is no longer whole anywhere. */
const wholeRecord = async (letter: DeadLetter, log: EventLog): Promise<WholeRecord | undefined> => {
  const { start, end } = await log.bounds(toPartition(letter.partition))
  if (letter.offset >= start && letter.offset < end) {
    const at = toOffset(letter.offset)
    const batch = await log.fetch(toPartition(letter.partition), at, { maxBytes: 1, waitMs: 0 })
    const record = batch.records.find((one) => one.offset === letter.offset)
    if (record !== undefined) {
      const value = record.start < 0 ? null : record.bytes.slice(record.start, record.end)
      return { key: record.key, headers: record.headers, value }
    }
  }
  return letter.isTruncated ? undefined : { key: letter.key, headers: letter.headers, value: letter.raw }
}

/** Appends first and marks afterwards: a crash between the two can only redrive twice, never lose. */
const append = async (
  rows: RowStore,
  letters: readonly DeadLetter[],
  { key, headers, value }: WholeRecord,
  log: EventLog,
  nowMs: number,
): Promise<void> => {
  const { partition, topic, offset } = letters[0]!
  const kept = headers.filter(([name]) => name !== 'spillway-redrive')
  const marked = [...kept, ['spillway-redrive', `${topic}/${partition}/${offset}`] as const]
  await log.append([{ key, headers: marked, value, partition: toPartition(partition) }])
  for (const letter of letters) await markRedriven(rows, letter, nowMs)
}
