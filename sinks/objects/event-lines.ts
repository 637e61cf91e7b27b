/**
 * Writes an event as a line of NDJSON: the record's own bytes, with the `keen` members that only we know put in front.
 *
 * This runs once per event of every archive, so it formats nothing twice: a template holds the constant bytes, the id is
 * written digit by digit, and times are renewed only where they differ from the event before. A raw line break can stand
 * only between the tokens of valid JSON; it becomes a blank, so that a line is a line (DOMAIN section 9).
 */
import { eventId } from '../../topology/model/event-id.ts'
import { formatTime } from '../../topology/model/event-time.ts'
import type { EventColumns } from '../../topology/model/tuples.ts'
import { byteBreaks } from './line-breaks.ts'
import { writeEventId, writeTime } from './write-digits.ts'

// Two 27-character times (years beyond 9999), a UUID and the member names fill 139 bytes; the line break is one more.
export const spliceBytesMax = 160

const idBlank = '-'.repeat(36)
const timeBlank = '-'.repeat(24)
const members = `"id":"${idBlank}","created_at":"${timeBlank}"`

interface Template {
  readonly bytes: Uint8Array
  readonly idAt: number
  readonly createdAt: number
  /** -1: the body carries its own. */
  readonly timestampAt: number
  createdMs: number
  timestampMs: number
}

const template = (text: string): Template => ({
  bytes: Buffer.from(text, 'latin1'),
  idAt: text.indexOf(idBlank),
  createdAt: text.indexOf('"created_at":"') + 14,
  timestampAt: text.includes('"timestamp":"') ? text.indexOf('"timestamp":"') + 13 : -1,
  createdMs: Number.NaN,
  timestampMs: Number.NaN,
})

// Years 0 to 9999: four digits, 24 characters.
const plainMsMin = -62_167_219_200_000
const plainMsMax = 253_402_300_799_999
const isPlain = (timeMs: number): boolean => timeMs >= plainMsMin && timeMs <= plainMsMax

export interface EventLines {
  /** Writes line `index` at `at` of `target`, which has `spliceBytesMax` bytes more than the body; gives its end. */
  write(events: EventColumns, timesMs: ArrayLike<number>, index: number, target: Uint8Array, at: number): number
}

export const createEventLines = (): EventLines => {
  const whole = template(`{"keen":{${members},"timestamp":"${timeBlank}"},`)
  const both = template(`${members},"timestamp":"${timeBlank}",`)
  const identity = template(`${members},`)
  const breaks = byteBreaks()

  return {
    write(events, timesMs, index, target, at) {
      const { buffer, start, end } = events.bytes(index)
      const keenAt = events.keenAt(index)
      const timeMs = timesMs[index] ?? 0
      const createdMs = events.appendTimesMs[index] ?? 0
      const used = keenAt < 0 ? whole : events.hasTimestamp[index] ? identity : both
      // Behind the brace of the object that the members go into: of `keen`, or of the event itself.
      const inside = keenAt < 0 ? start + 1 : keenAt
      const offset = events.offsets[index] ?? 0
      let to = at
      if (keenAt >= 0) to = copy(buffer, start, keenAt, target, to)
      if (isPlain(timeMs) && isPlain(createdMs)) {
        writeEventId(used.bytes, used.idAt, timeMs, events.partition, offset)
        renewTimes(used, timeMs, createdMs)
        target.set(used.bytes, to)
        to += used.bytes.length
      } else {
        const id = eventId(timeMs, events.partition, events.offsets[index]!)
        to += Buffer.from(target.buffer, target.byteOffset).write(textOf(used, id, timeMs, createdMs), to, 'latin1')
      }
      if (isClosed(buffer, inside, end)) to--
      to = copy(buffer, inside, end, target, to)
      if (breaks.within(buffer, start, end)) blankBreaks(target, at, to)
      target[to] = 0x0a
      return to + 1
    },
  }
}

const renewTimes = (used: Template, timeMs: number, createdMs: number): void => {
  if (used.createdMs !== createdMs) writeTime(used.bytes, used.createdAt, createdMs)
  used.createdMs = createdMs
  if (used.timestampAt < 0) return
  if (used.timestampMs !== timeMs) writeTime(used.bytes, used.timestampAt, timeMs)
  used.timestampMs = timeMs
}

/** What the template would hold, for times that do not fit into it. */
const textOf = (used: Template, id: string, timeMs: number, createdMs: number): string => {
  const hasOwn = used.timestampAt < 0
  const text = `"id":"${id}","created_at":"${formatTime(createdMs)}"${hasOwn ? '' : `,"timestamp":"${formatTime(timeMs)}"`}`
  return used.bytes[0] === 0x7b ? `{"keen":{${text}},` : `${text},`
}

// Below this a loop beats the call into the engine.
const loopBytesMax = 48

const copy = (source: Uint8Array, from: number, to: number, target: Uint8Array, at: number): number => {
  if (to - from <= loopBytesMax) for (let i = from, j = at; i < to; i++, j++) target[j] = source[i]!
  else target.set(source.subarray(from, to), at)
  return at + to - from
}

/** Whether the object that begins before `from` has no members, so that no comma may follow ours. */
const isClosed = (buffer: Uint8Array, from: number, end: number): boolean => {
  for (let i = from; i < end; i++) {
    const byte = buffer[i]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte === 0x7d
  }
  return false
}

const blankBreaks = (target: Uint8Array, from: number, to: number): void => {
  for (let i = from; i < to; i++) if (target[i] === 0x0a || target[i] === 0x0d) target[i] = 0x20
}
