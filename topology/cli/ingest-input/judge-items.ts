/**
 * Decides of items whether they are events, and lifts the values that become key and headers.
 *
 * The judge is the decoder of the engine, so that `ingest` refuses exactly what a spout would dead-letter: a line that a
 * person can still mend is better told now than found in the quarantine.
 */
import { formatTime } from '../../model/event-time.ts'
import type { Path } from '../../model/path.ts'
import { formatPath, valueAt } from '../../model/path.ts'
import { offset, partition } from '../../model/position.ts'
import type { Headers, LogRecord, NewRecord } from '../../model/record.ts'
import type { Column } from '../../model/tuples.ts'
import { createDecoder } from '../../spouts/decode/create-decoder.ts'
import type { InputItem } from './input-item.ts'

export interface IngestRule {
  readonly project: string
  readonly collection: string | undefined
  readonly time: Path | undefined
  readonly timeUnit: 'ms' | 's' | undefined
  readonly id: Path | undefined
  readonly key: Path | undefined
  readonly keepsBad: boolean
}

/** What becomes of an item: appended (a bad one too with `--keep-bad`), or refused. */
export interface Judgement {
  readonly record?: NewRecord
  readonly problem?: string
}

/** Judges items by one rule, as many as are given at once; one judgement each, in their order. */
export const createJudge = (
  rule: IngestRule,
  topic: string,
): ((items: readonly InputItem[]) => readonly Judgement[]) => {
  const headers: Headers = [
    ['project', rule.project],
    ...(rule.collection === undefined ? [] : [['collection', rule.collection] as const]),
  ]
  const paths = [rule.time, rule.id, rule.key].filter((path) => path !== undefined)
  const unit = rule.timeUnit === undefined ? {} : { unit: rule.timeUnit }
  const spout = rule.time === undefined ? {} : { time: { path: formatPath(rule.time), ...unit } }
  const decoder = createDecoder({ spout, topic, wanted: { paths, shapes: false } })
  return (items) => {
    const judged: Judgement[] = items.map((item) => refusal(rule, headers, item, item.problem ?? ''))
    const records = items.flatMap((item, index) => (item.problem === undefined ? [recordOf(item, index, headers)] : []))
    const whole = { partition: partition(0), from: offset(0), to: offset(items.length), records, byteLength: 0 }
    const { events, rejects } = decoder.decode(whole)
    for (const { record, message } of rejects)
      judged[record.offset] = refusal(rule, headers, items[record.offset]!, message)
    const columnOf = (path: Path | undefined): Column | undefined =>
      path === undefined ? undefined : events.column(path)
    const [time, id, key, times] = [columnOf(rule.time), columnOf(rule.id), columnOf(rule.key), events.timesMs()]
    for (let row = 0; row < events.length; row++) {
      const index = events.offsets[row]!
      const own: (readonly [string, string])[] = []
      if (time !== undefined && isThere(time[row])) own.push(['spillway-time', formatTime(times[row]!)])
      if (id !== undefined && isThere(id[row])) own.push(['spillway-id', textOf(id[row])])
      const keyText = key === undefined ? rule.project : isThere(key[row]) ? textOf(key[row]) : null
      // Records without headers of their own share one list, which the log writes once.
      const all = own.length === 0 ? headers : [...headers, ...own]
      judged[index] = { record: { key: keyText, headers: all, value: items[index]!.bytes } }
    }
    return judged
  }
}

const recordOf = ({ bytes }: InputItem, index: number, headers: Headers): LogRecord => ({
  offset: offset(index),
  appendTimeMs: 0,
  key: null,
  headers,
  bytes,
  start: 0,
  end: bytes.length,
})

/**
 * A line that is kept takes its time along as it is written: without the header a spout would find nothing wrong with an
 * unreadable one, and the event would happen at its append time.
 */
const refusal = (rule: IngestRule, headers: Headers, item: InputItem, problem: string): Judgement => {
  if (!rule.keepsBad || item.isUnfit === true) return { problem }
  const time = rule.time === undefined ? undefined : timeAt(item.bytes, rule.time)
  const own: Headers = isThere(time) ? [...headers, ['spillway-time', textOf(time)]] : headers
  return { record: { key: rule.project, headers: own, value: item.bytes }, problem }
}

const timeAt = (bytes: Uint8Array, path: Path): unknown => {
  try {
    return valueAt(JSON.parse(Buffer.from(bytes).toString()), path)
  } catch {
    return undefined // the bytes themselves make it a dead letter
  }
}

const isThere = (value: unknown): boolean => value !== undefined && value !== null

/** Text of a value for a key or header: strings as they are. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
