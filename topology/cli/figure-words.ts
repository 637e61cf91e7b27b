/** Figures of lag as people say them: short counts, and a range of times with its unit said once. */
import { durationWords } from '../observe/lag-words.ts'
import { formatNumber } from './text-table.ts'

/** `950`, `12,400`, `3.1 M`. */
export const shortCount = (count: number): string => {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} G`
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} M`
  return formatNumber(Math.round(count))
}

const hourMs = 3_600_000

/** `6 to 9 min`, `40 s to 2 min`, `18 to 28 h`, `about 3 min`; `a moment` below a second. */
export const rangeWords = ([low, high]: readonly [low: number, high: number]): string => {
  if (high < 1_000) return 'a moment'
  // Minutes of a day say nothing.
  if (high >= 10 * hourMs) return `${Math.floor(low / hourMs)} to ${Math.ceil(high / hourMs)} h`
  const [from, to] = [durationWords(Math.max(1_000, low)), durationWords(high)]
  if (from === to) return `about ${from}`
  const unit = to.slice(to.lastIndexOf(' '))
  const isSimple = from.endsWith(unit) && from.split(' ').length === 2 && to.split(' ').length === 2
  return isSimple ? `${from.slice(0, -unit.length)} to ${to}` : `${from} to ${to}`
}

/** `a, b and c`. */
export const listWords = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
