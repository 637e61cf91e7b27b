/** The hard bound on paths: what is given up, how it is given back, and that a count is found where it was put. */
import { describe, expect, test } from 'vitest'
import { inferSchema, readSchemaState } from '../../../operators/index.ts'
import { countsOf, mergeSchema, type SchemaState, startSchema } from '../../../operators/infer-schema/schema-state.ts'
import { settleSchema } from '../../../operators/infer-schema/settle-schema.ts'
import { typeNames } from '../../../topology/model/event.ts'
import type { Weight } from '../../../topology/model/weight.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'
import { schemaCounts } from '../../oracle/recompute-schema.ts'
import { plainTuples } from '../plain-tuples.ts'
import { randomBody } from './given-schemas.ts'

const operator = inferSchema()

/** Rows of one slot: each epoch is added to what was written and read back before, as the sink does. */
class Slot {
  readonly #rows = new Map<string, string>()

  epoch(bodies: readonly object[], weight: Weight = 1): void {
    const deltas = new Map<string, { key: readonly unknown[]; state: SchemaState }>()
    operator.fold(plainTuples(bodies.map((body) => ({ timestamp: 0, body }))), weight, deltas as never) // keys are texts here
    for (const [id, { state }] of deltas) {
      const before = this.#rows.get(id)
      const next = before === undefined ? state : operator.merge(operator.decode(before), state)
      this.#rows.set(id, operator.encode(next))
    }
  }

  states(): readonly SchemaState[] {
    return [...this.#rows.values()].map(operator.decode)
  }

  read() {
    return readSchemaState(this.states(), 'events')
  }
}

const named = (count: number, prefix: string, value: unknown = 1): object =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, value]))

describe('a fragment beyond the bound', () => {
  test('gives up the widest object first and says so', () => {
    const slot = new Slot()
    for (let epoch = 0; epoch < 12; epoch += 1)
      slot.epoch([{ id: epoch, few: named(20, 'f'), counts: named(2_000, `k${epoch}_`) }])
    const { properties, collapsed, approximate } = slot.read()
    expect(approximate).toBe(true)
    expect(properties).toMatchObject({ 'counts.*': { count: 24_000 }, 'few.f7': { count: 12 }, id: { count: 12 } })
    expect(collapsed).toEqual([{ path: 'counts', names: expect.any(Number) }])
    expect(collapsed[0]!.names).toBeGreaterThan(500)
  })

  test('takes back what deleted events had added, whichever name they used', () => {
    const slot = new Slot()
    const events = Array.from({ length: 12 }, (_, epoch) => ({ counts: named(2_000, `k${epoch}_`) }))
    for (const event of events) slot.epoch([event])
    for (const event of events.slice(1)) slot.epoch([event], -1)
    expect(slot.read()).toMatchObject({ events: 1, properties: { 'counts.*': { count: 2_000 } } })
    slot.epoch(events.slice(0, 1), -1)
    expect(slot.states().every((state) => operator.isEmpty(state))).toBe(true)
  })

  test('keeps names one by one again when all that were counted together have left', () => {
    const slot = new Slot()
    slot.epoch([{ id: 1 }])
    const wide = { counts: named(24_000, 'k') }
    slot.epoch([wide])
    expect(slot.read().approximate).toBe(true)
    slot.epoch([wide], -1)
    slot.epoch([{ counts: { a: 1, b: 'x' } }])
    expect(slot.read()).toMatchObject({ approximate: false, collapsed: [], events: 2 })
    expect(Object.keys(slot.read().properties)).toEqual(['counts.a', 'counts.b', 'id'])
  })
})

const pathsMax = 60
const order: readonly string[] = typeNames

const deltaOf = (bodies: readonly object[], weight: number): SchemaState => {
  const delta = startSchema()
  for (const [pair, count] of schemaCounts(bodies)) {
    const [type = '', ...path] = pair.split(' ')
    countsOf(delta, path.join(' '))[order.indexOf(type)]! += weight * count
  }
  return delta
}

const countsIn = ({ paths }: SchemaState): readonly number[] => [...paths.values()].flat()
const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'whatever was given up and when, no count is lost and none goes below zero (seed %i)',
  (seed) => {
    const random = seededRandom(seed)
    const state = startSchema()
    const alive: object[] = []
    for (let epoch = 0; epoch < 30; epoch += 1) {
      const added = Array.from({ length: 8 }, () => randomBody(() => random.next(), 3))
      const gone = alive.splice(0, Math.floor(random.next() * 2 * alive.length))
      alive.push(...added)
      mergeSchema(mergeSchema(state, deltaOf(added, 1)), deltaOf(gone, -1))
      settleSchema(state, pathsMax)
      expect(Math.min(0, ...countsIn(state))).toBe(0)
      expect(sum(countsIn(state))).toBe(sum([...schemaCounts(alive).values()]))
      expect(state.paths.size).toBeLessThanOrEqual(pathsMax)
    }
    settleSchema(mergeSchema(state, deltaOf(alive, -1)), pathsMax)
    expect([state.paths.size, state.collapsed.size, state.characters]).toEqual([0, 0, 0])
  },
)

test('settling what is settled changes nothing', () => {
  const random = seededRandom(9)
  const bodies = Array.from({ length: 40 }, () => randomBody(() => random.next(), 3))
  const state = deltaOf(bodies, 1)
  settleSchema(state, pathsMax)
  const once = operator.encode(state)
  settleSchema(state, pathsMax)
  expect([operator.encode(state), operator.encode(operator.decode(once))]).toEqual([once, once])
})

describe('is settled without looking again and again, however many paths there are', () => {
  const settled = (paths: readonly string[]): SchemaState => {
    const state = startSchema()
    for (const path of paths) countsOf(state, path)[1]! += 1
    settleSchema(state, 1_000)
    return state
  }
  const names = Array.from({ length: 40_000 }, (_, index) => index.toString(36))

  test.each([
    ['one wide object', names],
    ['objects that are equally wide', names.map((name, index) => `o${index % 900}.${name}`)],
    ['pairs', names.map((name, index) => `p${index >> 1}.${name}`)],
    ['a binary tree', names.map((name, index) => [...index.toString(2)].join('.') + name)],
    [
      'lists in lists',
      names.map((_, index) => [...index.toString(2)].map((bit) => (bit === '0' ? 'a' : 'a[]')).join('.')),
    ],
  ])('%s', (_name, paths) => {
    const { paths: left } = settled(paths)
    expect(left.size).toBeLessThanOrEqual(1_000)
    expect(sum([...left.values()].flat())).toBe(names.length)
  })
})
