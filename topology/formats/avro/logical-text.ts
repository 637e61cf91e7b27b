/**
 * Logical types of Avro as JSON: what people write for the same thing, so that times are times (ISO 8601, as the spout's
 * `time` and `datetimes` take them) and a decimal keeps every digit.
 *
 * A logical type that stands on another type than the standard says, or that nobody knows, is ignored, as the standard
 * demands.
 */
import type { JsonObject } from '../../model/json.ts'
import type { AvroInput } from './avro-input.ts'
import type { JsonOutput } from './json-output.ts'
import { MalformedAvro } from './malformed-avro.ts'

/** Reads a value, writes it as JSON. `level`: of the objects and lists around it. */
export type Transcode = (input: AvroInput, output: JsonOutput, level: number) => void

const dayMs = 86_400_000
// A Date reaches so far.
const dateMsMax = 8.64e15

const dateOf = (ms: number): string => {
  if (Math.abs(ms) > dateMsMax) throw new MalformedAvro('a time lies beyond the calendar')
  return new Date(ms).toISOString()
}

/** Whole units to ms and the digits behind them. */
const timeText = (value: number | bigint, digits: 0 | 3 | 6): readonly [ms: number, rest: string] => {
  if (digits === 0) return [Number(value), '']
  const unit = 10n ** BigInt(digits)
  const rest = ((BigInt(value) % unit) + unit) % unit
  return [Number((BigInt(value) - rest) / unit), String(rest).padStart(digits, '0')]
}

const two = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'))
const three = Array.from({ length: 1000 }, (_, value) => String(value).padStart(3, '0'))

/** `08:30:00.125` */
const clockText = (ms: number): string => {
  const seconds = Math.floor(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  return `${two[Math.floor(minutes / 60)]}:${two[minutes % 60]}:${two[seconds % 60]}.${three[ms % 1000]}`
}

const instant = (digits: 0 | 3 | 6, zone: 'Z' | ''): Transcode => {
  // Most times are of the day of the one before.
  let day = Number.NaN
  let dayText = ''
  return (input, output) => {
    const [ms, rest] = timeText(input.long(), digits)
    const newDay = Math.floor(ms / dayMs)
    if (newDay !== day) {
      const text = dateOf(ms)
      dayText = text.slice(0, text.indexOf('T') + 1)
      day = newDay
    }
    output.token(`"${dayText}${clockText(ms - day * dayMs)}${rest}${zone}"`)
  }
}

const timeOfDay =
  (digits: 0 | 3): Transcode =>
  (input, output) => {
    const [ms, rest] = timeText(input.long(), digits)
    if (ms < 0 || ms >= dayMs) throw new MalformedAvro('a time of day is not within a day')
    output.token(`"${clockText(ms)}${rest}"`)
  }

const date: Transcode = (input, output) => {
  const text = dateOf(input.int() * dayMs)
  output.token(`"${text.slice(0, text.indexOf('T'))}"`)
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const uuid: Transcode = (input, output) => {
  const at = input.take(16)
  const text = hex(input.bytes.subarray(at, at + 16))
  output.token(`"${text.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}"`)
}

/** Months, days and ms, as ISO 8601 writes a duration. */
const duration: Transcode = (input, output) => {
  const at = input.take(12)
  const view = new DataView(input.bytes.buffer, input.bytes.byteOffset + at, 12)
  const seconds = view.getUint32(8, true) / 1000
  output.token(`"P${view.getUint32(0, true)}M${view.getUint32(4, true)}DT${seconds}S"`)
}

// 1e308 has 1,024 bits; what is longer holds digits that nobody means.
const decimalBytesMax = 256
const scaleMax = 400

const decimal =
  (scale: number, size: (input: AvroInput) => number): Transcode =>
  (input, output) => {
    const bytes = size(input)
    if (bytes > decimalBytesMax) throw new MalformedAvro(`a decimal has ${bytes} bytes, at most ${decimalBytesMax}`)
    const at = input.take(bytes)
    const unsigned = bytes === 0 ? 0n : BigInt(`0x${hex(input.bytes.subarray(at, at + bytes))}`)
    output.token(decimalText(BigInt.asIntN(8 * bytes, unsigned), scale))
  }

const decimalText = (value: bigint, scale: number): string => {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return `${value < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`
}

const decimalOf = (schema: JsonObject, size: (input: AvroInput) => number): Transcode | undefined => {
  const { scale = 0 } = schema
  const isScale = typeof scale === 'number' && Number.isInteger(scale) && scale >= 0 && scale <= scaleMax
  return isScale ? decimal(scale, size) : undefined
}

const plain: Readonly<Record<string, Transcode>> = {
  'int date': date,
  'int time-millis': timeOfDay(0),
  'long time-micros': timeOfDay(3),
  'long timestamp-millis': instant(0, 'Z'),
  'long timestamp-micros': instant(3, 'Z'),
  'long timestamp-nanos': instant(6, 'Z'),
  'long local-timestamp-millis': instant(0, ''),
  'long local-timestamp-micros': instant(3, ''),
  'long local-timestamp-nanos': instant(6, ''),
}

/** How a schema's logical type is written; `undefined` where its plain type is. `size`: of a fixed. */
export const logicalText = (schema: JsonObject, type: string, size = -1): Transcode | undefined => {
  const logical = schema['logicalType']
  if (typeof logical !== 'string') return undefined
  if (type === 'bytes' && logical === 'decimal') return decimalOf(schema, (input) => input.length())
  if (type !== 'fixed') return plain[`${type} ${logical}`]
  if (logical === 'decimal') return decimalOf(schema, () => size)
  if (logical === 'uuid' && size === 16) return uuid
  return logical === 'duration' && size === 12 ? duration : undefined
}
