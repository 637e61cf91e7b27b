/** Rules for names that become part of keys and tables (DOMAIN section 2). Each gives the reason of a refusal, else `undefined`. */
import { collectionNameMax, projectNameMax } from './limits.ts'

export const collectionNameProblem = (name: string): string | undefined => {
  if (name.length === 0) return 'is empty'
  if (name.length > collectionNameMax) return `has ${name.length} characters, at most ${collectionNameMax} are allowed`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are ASCII and are refused too
  if (/[^\x00-\x7f]/.test(name)) return 'is not ASCII'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they cannot stand in file names and headers
  if (/[\x00-\x1f\x7f]/.test(name)) return 'holds a control character'
  if (name.includes('$')) return 'holds a $'
  if (name.startsWith('_')) return 'starts with _'
  if (name.startsWith('.') || name.endsWith('.')) return 'starts or ends with a dot'
  return undefined
}

export const projectNameProblem = (name: string): string | undefined => {
  if (name.length === 0) return 'is empty'
  if (name === '.' || name === '..') return 'cannot be a part of an object key'
  if (encodeKeyPart(name).length > projectNameMax) return `is longer than ${projectNameMax} bytes when encoded`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they cannot stand in headers and messages
  if (/[\x00-\x1f\x7f]/.test(name)) return 'holds a control character'
  return undefined
}

/** Percent-encodes everything outside `A-Za-z0-9._-` (DOMAIN section 9); lone surrogates become U+FFFD first. */
export const encodeKeyPart = (name: string): string =>
  name
    .toWellFormed()
    .replace(/[^A-Za-z0-9._-]/gu, (character) =>
      Array.from(
        new TextEncoder().encode(character),
        (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
      ).join(''),
    )
