/**
 * Any value of a tuple as a JSON scalar, so that it can name a group or stand in a set of values.
 *
 * Lists and objects become their canonical JSON text; long texts are cut and end in a digest, so that one value cannot
 * fill a row (bounded state). Whatever JSON cannot write is absent.
 */
import { canonicalJson, type JsonScalar, type JsonValue } from '../topology/model/json.ts'
import { digestText } from './numbers/hash-text.ts'

/** Scalars as they are, containers as text that begins with `mark`; `undefined` where there is no value. */
export const plainValue = (value: unknown, lengthMax: number, mark = ''): JsonScalar | undefined => {
  switch (typeof value) {
    case 'string':
      // A text that begins like a container's cannot be taken for one.
      return mark !== '' && value.startsWith(mark) ? cut(mark + value, lengthMax) : cut(value, lengthMax)
    case 'number':
      return Number.isFinite(value) ? value + 0 : undefined
    case 'boolean':
      return value
    case 'object':
      return value === null ? null : containerText(value, lengthMax, mark)
    default:
      return undefined
  }
}

const containerText = (value: object, lengthMax: number, mark: string): string | undefined => {
  const json = writtenJson(value)
  if (json === undefined) return undefined
  // A Date writes itself as a text and is one.
  return typeof json === 'string' ? cut(json, lengthMax) : cut(mark + canonicalJson(json), lengthMax)
}

const writtenJson = (value: object): JsonValue | undefined => {
  try {
    return JSON.parse(JSON.stringify(value))
  } catch {
    return undefined
  }
}

const cut = (text: string, lengthMax: number): string =>
  text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 33).toWellFormed()}#${digestText(text)}`

/** A mark for containers: no ordinary text begins with it. */
export const containerMark = '\u0000'

/** The value that stands behind a scalar with that mark; a text that was cut stays a text. */
export const valueOfPlain = (plain: JsonScalar): JsonValue => {
  if (typeof plain !== 'string' || !plain.startsWith(containerMark)) return plain
  const text = plain.slice(1)
  if (text.startsWith(containerMark)) return text
  try {
    const value: JsonValue = JSON.parse(text)
    return value
  } catch {
    return text
  }
}

const kindRank = (value: JsonScalar): number => {
  if (value === null) return 0
  if (typeof value === 'boolean') return 1
  return typeof value === 'number' ? 2 : 3
}

/** Order of answers: null, bools, numbers, strings by code unit. */
export const compareScalars = (left: JsonScalar, right: JsonScalar): number => {
  const kinds = kindRank(left) - kindRank(right)
  if (kinds !== 0 || left === right || left === null || right === null) return kinds
  return left < right ? -1 : 1
}
