/**
 * Sizes and durations as people write them: `32 MiB`, `500 kB`, `5 minutes`, `250 ms`.
 *
 * A number stands for itself in the base unit (bytes, ms). What cannot be read comes back as a text that tells the
 * reason, so that a validation can list it beside its other problems.
 */
const byteUnits: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  byte: 1,
  bytes: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const durationUnits: Readonly<Record<string, number>> = {
  '': 1,
  ms: 1,
  millisecond: 1,
  milliseconds: 1,
  s: second,
  second,
  seconds: second,
  m: minute,
  min: minute,
  minute,
  minutes: minute,
  h: hour,
  hour,
  hours: hour,
  d: day,
  day,
  days: day,
  week: 7 * day,
  weeks: 7 * day,
}

/** Whole bytes of `'32 MiB'` or of a number; a text gives the reason of a refusal. */
export const parseBytes = (text: string | number): number | string =>
  parseQuantity(text, byteUnits, 'a size such as "32 MiB", "500 kB" or a number of bytes')

/** Whole milliseconds of `'5 minutes'` or of a number; a text gives the reason of a refusal. */
export const parseDuration = (text: string | number): number | string =>
  parseQuantity(text, durationUnits, 'a duration such as "5 minutes", "250 ms" or a number of milliseconds')

const shape = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/

const parseQuantity = (
  written: string | number,
  units: Readonly<Record<string, number>>,
  expected: string,
): number | string => {
  const refused = `${JSON.stringify(written)} is not ${expected}`
  const match = typeof written === 'number' ? [written, written, ''] : shape.exec(written)
  if (match === null) return refused
  const unit = String(match[2]).toLowerCase()
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined
  const value = factor === undefined ? Number.NaN : Math.round(Number(match[1]) * factor)
  return Number.isSafeInteger(value) && value >= 0 ? value : refused
}

const shownUnits = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']

/** Bytes for people: 1536 becomes `1.5 KiB`. */
export const formatBytes = (bytes: number): string => {
  const power = bytes < 1024 ? 0 : Math.min(shownUnits.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${shownUnits[power]}`
}
