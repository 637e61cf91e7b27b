/**
 * Names of tables in CQL. Cassandra takes any text as the name of a column, but for a table only letters, digits and `_`,
 * 48 of them.
 *
 * Small letters, digits and `_` stay. Every other byte of the name in UTF-8 becomes `X` and two digits of base 16, so
 * `hourly@test` is `hourlyX40test`; large letters never stand for themselves, so this can be read back. A longer name
 * keeps its beginning and ends with `H` and 16 digits of its SHA-256; the whole name then stands in the comment of the
 * table, as it does of every table.
 */
import { hash } from 'node:crypto'

const nameLengthMax = 48
const digestLength = 16

const plain = /^[a-z0-9_]$/

/** The name of a table in CQL, without quotes. */
export const tableNameOf = (name: string): string => {
  let coded = ''
  for (const byte of Buffer.from(name)) {
    const letter = String.fromCharCode(byte)
    coded += plain.test(letter) ? letter : `X${byte.toString(16).padStart(2, '0')}`
  }
  if (coded.length <= nameLengthMax) return coded
  // Not in the middle of three.
  const kept = coded.slice(0, nameLengthMax - digestLength - 1).replace(/X.?$/, '')
  return `${kept}H${hash('sha256', name).slice(0, digestLength)}`
}

/** The name that a table was declared with; `undefined` where only its comment says it, or it is none of ours. */
export const declaredName = (table: string): string | undefined => {
  if (!/^(?:[a-z0-9_]|X[0-9a-f]{2})+$/.test(table)) return undefined
  const bytes = [...table.matchAll(/X([0-9a-f]{2})|./g)].map((match) =>
    match[1] === undefined ? match[0].charCodeAt(0) : Number.parseInt(match[1], 16),
  )
  return Buffer.from(bytes).toString('utf8')
}

/** A name between quotes. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A text between quotes. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`
