/** Batches over plain objects, for the tests of operators: slow and obvious, shapes by DOMAIN section 4. */
import { type TypeName, typeNames } from '../../topology/model/event.ts'
import { formatPath, valueAt } from '../../topology/model/path.ts'
import type { ShapeNames, Tuples } from '../../topology/model/tuples.ts'

export interface PlainTuple {
  readonly project?: string
  readonly collection?: string
  readonly timestamp: number
  readonly body: object
}

const typeOf = (value: unknown): TypeName => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  return typeof value === 'number' ? 'num' : typeof value === 'boolean' ? 'bool' : 'string'
}

/** Adds `path type` of everything in an object. */
export const noteShapes = (object: object, prefix: string, into: Set<string>): void => {
  for (const [name, value] of Object.entries(object)) {
    const path = prefix === '' ? formatPath([name]) : `${prefix}.${formatPath([name])}`
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) noteShapes(value, path, into)
    else into.add(`${typeOf(value)} ${path}`)
    if (Array.isArray(value)) noteElements(value, `${path}[]`, into)
  }
}

const noteElements = (list: readonly unknown[], path: string, into: Set<string>): void => {
  for (const element of list) {
    if (Array.isArray(element)) noteElements(element, `${path}[]`, into)
    else if (typeof element === 'object' && element !== null) noteShapes(element, path, into)
  }
}

const codes = new Map<string, number>()
const pairOfCode: string[] = []
const names: ShapeNames = {
  name: (code) => {
    const [type = '', ...path] = pairOfCode[code]!.split(' ')
    return { path: path.join(' '), type: typeNames.find((one) => one === type)! }
  },
}

const codeOf = (pair: string): number => {
  const known = codes.get(pair)
  if (known !== undefined) return known
  codes.set(pair, pairOfCode.length)
  return pairOfCode.push(pair) - 1
}

export const plainTuples = (tuples: readonly unknown[]): Tuples => {
  const list = tuples as readonly PlainTuple[] // the tests make no others
  return {
    length: list.length,
    tuple: (index) => list[index],
    timesMs: () => list.map(({ timestamp }) => timestamp),
    projects: () => list.map(({ project }) => project ?? 'default'),
    collections: () => list.map(({ collection }) => collection ?? 'events'),
    column: (path) => list.map(({ body }) => valueAt(body, path)),
    shapes: () => {
      const found: number[] = []
      const starts = [0]
      for (const { body } of list) {
        const pairs = new Set<string>()
        noteShapes(body, '', pairs)
        found.push(...[...pairs].map(codeOf))
        starts.push(found.length)
      }
      return { codes: found, starts, names }
    },
    events: () => undefined,
  }
}
