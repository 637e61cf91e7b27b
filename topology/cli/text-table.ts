/** Tables and bars for people: columns as wide as their cells, numbers to the right. Pure text. */
import { stripVTControlCharacters } from 'node:util'

export interface TextColumn {
  readonly title: string
  readonly align?: 'left' | 'right'
}

/** Rows of texts under titles; trailing blanks are cut. Control characters of data never reach the terminal. */
export const textTable = (columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string => {
  const clean = rows.map((row) => row.map(printable))
  const widths = columns.map((column, index) =>
    clean.reduce((widest, row) => Math.max(widest, widthOf(row[index] ?? '')), widthOf(column.title)),
  )
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => pad(cells[index] ?? '', widths[index] ?? 0, column.align ?? 'left'))
      .join('  ')
      .trimEnd()
  return [line(columns.map(({ title }) => title)), ...clean.map(line)].map((text) => `${text}\n`).join('')
}

const pad = (text: string, width: number, align: 'left' | 'right'): string => {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)))
  return align === 'right' ? blanks + text : text + blanks
}

/** Columns on a terminal: wide scripts and emoji take two. */
export const widthOf = (text: string): number => {
  let width = 0
  for (const character of text)
    width +=
      /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u.test(
        character,
      )
        ? 2
        : /\p{Mark}/u.test(character)
          ? 0
          : 1
  return width
}

/** Text without control characters, so that data cannot steer the terminal. */
export const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be taken out
  stripVTControlCharacters(text).replace(/[\x00-\x1f\x7f-\x9f]/g, '\ufffd')

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A bar of at most `width` characters for a share between 0 and 1. */
export const bar = (share: number, width: number): string => {
  const units = Math.round(Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0)) * width * 8)
  return '█'.repeat(Math.floor(units / 8)) + (eighths[units % 8] ?? '')
}

/** 1234567.5 becomes `1,234,567.5`. Fractions are cut to what a person compares; `--json` has them whole. */
export const formatNumber = (value: number): string => {
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e15) return value.toLocaleString('en-US')
  if (size >= 1e15 || size < 1e-3) return String(value)
  return value.toLocaleString('en-US', { maximumFractionDigits: size >= 100 ? 2 : 4 })
}

/** `1 object`, `1,200 objects`. */
export const plural = (count: number, noun: string): string =>
  `${formatNumber(count)} ${noun}${count === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`

/** 5025000 becomes `1 h 23 min`. */
export const formatDuration = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  const minutes = Math.round(ms / 60_000)
  if (minutes < 60) return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}
