/**
 * Event times as clients write them (DOMAIN section 1): ISO 8601, a date alone (midnight UTC), a blank for `T`, `/`
 * for `-`, no zone (UTC). Fractions beyond milliseconds are cut off. Nothing is guessed: other texts are refused.
 */
const shape =
  /^(\d{4}|[+-]\d{6})[-/](\d{2})[-/](\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/

// keen.id keeps 48 bits of ms + 2^47; a Date reaches 8.64e15, so years up to about 6400 fit.
const timeMax = 2 ** 47 - 1

type Parts = [year: number, month: number, day: number, hours: number, minutes: number, seconds: number]

/** ms since 1970, or `undefined` when the text is no accepted time. */
export const parseTime = (text: string): number | undefined => {
  const match = shape.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hours = '0', minutes = '0', seconds = '0', fraction = '', zone = 'Z'] = match
  const [y, mo, d, h, mi, s] = [year, month, day, hours, minutes, seconds].map(Number) as Parts // six in, six out
  if (mo < 1 || mo > 12 || d < 1 || d > daysIn(y, mo) || h > 24 || mi > 59 || s > 60) return undefined
  if (h === 24 && (mi > 0 || s > 0)) return undefined
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3))
  const date = new Date(0)
  date.setUTCFullYear(y, mo - 1, d)
  const timeMs = date.getTime() + ((h * 60 + mi) * 60 + Math.min(s, 59)) * 1000 + (s === 60 ? 1000 : ms) - zoneMs(zone)
  return isStorable(timeMs) ? timeMs : undefined
}

/** Epoch time in ms or s as a whole or broken number; `undefined` when it cannot be stored. */
export const timeOfNumber = (value: number, unit: 'ms' | 's'): number | undefined => {
  const timeMs = Math.floor(unit === 's' ? value * 1000 : value)
  return isStorable(timeMs) ? timeMs : undefined
}

/** Whether a time can be kept with an event. */
export const isStorable = (timeMs: number): boolean => Number.isFinite(timeMs) && Math.abs(timeMs) <= timeMax

const daysIn = (year: number, month: number): number =>
  month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31

const zoneMs = (zone: string): number => {
  if (zone === 'Z' || zone === 'z') return 0
  const sign = zone.startsWith('-') ? -1 : 1
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000
}

/** UTC with milliseconds, as every answer writes times. */
export const formatTime = (timeMs: number): string => new Date(timeMs).toISOString()
