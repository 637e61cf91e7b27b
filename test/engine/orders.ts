/** Records for the tests of the engine: small orders of two tenants, whose numbers can be added up by hand. */
import type { JsonObject } from '../../topology/model/json.ts'
import { type Put, put } from '../../topology/testing/test-step.ts'

export const startMs: number = Date.UTC(2026, 0, 1)

/** Order `index`: kind a or b, value 1 to 3, tenant ann or bob, seven seconds after the one before. */
export const order = (index: number, more: JsonObject = {}): Put =>
  put(
    { kind: index % 2 === 0 ? 'a' : 'b', value: 1 + (index % 3), number: index, ...more },
    {
      project: index % 3 === 0 ? 'ann' : 'bob',
      collection: index % 4 === 0 ? 'old' : 'new',
      partition: 0,
      atMs: startMs + index * 7_000,
    },
  )

export const orders = (from: number, to: number): Put[] =>
  Array.from({ length: to - from }, (_, index) => order(from + index))

/** A record whose value is given as it is. */
export const bad = (text: string): Put => put(text, { project: 'ann', collection: 'new', partition: 0, atMs: startMs })
