/** Batches over plain objects, for the tests of operators: slow and obvious, shapes by DOMAIN section 4. */
import { typeNames } from '../../topology/model/event.ts'
import { valueAt } from '../../topology/model/path.ts'
import type { ShapeNames, Tuples } from '../../topology/model/tuples.ts'
import { schemaCounts } from '../oracle/recompute-schema.ts'

export interface PlainTuple {
  readonly project?: string
  readonly collection?: string
  readonly timestamp: number
  readonly body: object
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
        for (const pair of schemaCounts([body]).keys()) found.push(codeOf(pair))
        starts.push(found.length)
      }
      return { codes: found, starts, names }
    },
    events: () => undefined,
  }
}
