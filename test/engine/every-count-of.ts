/** The schema that a sink keeps as the oracle counts it: `type path` -> events, over all projects. */
import type { TestResult } from 'spillway/testing'
import { readSchema } from '../../sinks/rows/read-schema.ts'

export const everyCountOf = async (result: TestResult, sink: string): Promise<ReadonlyMap<string, number>> => {
  const counts = new Map<string, number>()
  for (const { properties } of await readSchema({ rows: result.resources.rows, sink }))
    for (const [path, { types }] of Object.entries(properties))
      for (const [type, count] of Object.entries(types))
        counts.set(`${type} ${path}`, (counts.get(`${type} ${path}`) ?? 0) + Number(count))
  return counts
}
