/**
 * Time zones: an offset in seconds, or an IANA name by the rules that Node carries.
 *
 * A local time is kept as the UTC time that shows the same digits. Where a clock change skips a local time the time just
 * behind the gap is taken; where it repeats one, the first.
 */
import { errors } from '../../topology/model/errors.ts'

export interface Zone {
  /** ms to add to UTC for local time. */
  offsetMs(utcMs: number): number
}

export const utc: Zone = { offsetMs: () => 0 }

/** Reads `-18000`, `"-18000"` or `"America/New_York"`. Throws `badConfiguration` for anything else. */
export const readZone = (timezone: string | number | undefined): Zone => {
  if (timezone === undefined || timezone === 'UTC') return utc
  const seconds = typeof timezone === 'number' || /^[+-]?\d+$/.test(timezone) ? Number(timezone) : undefined
  if (seconds === undefined) return namedZone(String(timezone))
  // The earth has offsets from -12 to +14 hours.
  if (!Number.isInteger(seconds) || Math.abs(seconds) > 86_400) throw unknownZone(timezone)
  return { offsetMs: () => seconds * 1000 }
}

const unknownZone = (timezone: string | number): Error =>
  errors.badConfiguration({
    problem: `timezone ${JSON.stringify(timezone)} is unknown; give an offset in seconds or an IANA name such as "Europe/Berlin"`,
  })

const namedZone = (name: string): Zone => {
  const format = formatOf(name)
  // Offsets change at quarters of an hour at most: one look-up a quarter is enough. Bounded: a query asks for few.
  const known = new Map<number, number>()
  return {
    offsetMs(utcMs) {
      const quarter = Math.floor(utcMs / 900_000)
      const found = known.get(quarter)
      if (found !== undefined) return found
      if (known.size > 10_000) known.clear()
      const offset = localOf(format, quarter * 900_000) - quarter * 900_000
      known.set(quarter, offset)
      return offset
    },
  }
}

const formatOf = (name: string): Intl.DateTimeFormat => {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    throw unknownZone(name)
  }
}

const localOf = (format: Intl.DateTimeFormat, utcMs: number): number => {
  const parts = new Map(format.formatToParts(utcMs).map((part) => [part.type, part.value]))
  const at = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type))
  const year = parts.get('era') === 'BC' ? 1 - at('year') : at('year')
  return (
    calendarMs(year, at('month') - 1, at('day')) + at('hour') * 3_600_000 + at('minute') * 60_000 + at('second') * 1000
  )
}

/** Midnight UTC of a day; months and days may lie outside their ranges. */
export const calendarMs = (year: number, month: number, day: number): number =>
  new Date(0).setUTCFullYear(year, month, day)

/** UTC of a local time. */
export const utcOfLocal = (zone: Zone, localMs: number): number => {
  const guess = localMs - zone.offsetMs(localMs)
  const before = localMs - zone.offsetMs(guess - 86_400_000)
  // The offset of the day before is the one that a repeated local time has first.
  if (before + zone.offsetMs(before) === localMs) return before
  const after = localMs - zone.offsetMs(guess)
  return after + zone.offsetMs(after) === localMs ? after : Math.max(before, after)
}
