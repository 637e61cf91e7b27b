import { describe, expect, test } from 'vitest'
import { type CollectionSchema, inferSchema, readSchemaState, type SchemaBounds } from '../../operators/index.ts'
import { schemaCounts } from '../oracle/recompute-schema.ts'
import { foldAll, liveDeltas } from './fold-rows.ts'
import { movies, webhooks } from './sample-data.ts'

const operator = inferSchema()

/** The schema of a collection after writing and reading back every row. */
const schemaOf = (
  tuples: readonly unknown[],
  gone: readonly unknown[] = [],
  collection = 'events',
  bounds: SchemaBounds = {},
): CollectionSchema => {
  const states = [...foldAll(operator, tuples, gone).values()]
    .filter(({ key }) => key[1] === collection)
    .map(({ state }) => operator.decode(operator.encode(state)))
  return readSchemaState(states, collection, bounds)
}

const bodies = (...list: readonly object[]): readonly object[] => list.map((body) => ({ timestamp: 0, body }))
const named = (count: number, prefix = 'n'): object =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, i]))

describe('the schema of the movies', () => {
  const schema = schemaOf(movies(), [], 'movies')

  test('has the counts of the data', () => {
    expect(schema).toMatchObject({ events: 3_201, approximate: false, collapsed: [], unpublished: 0 })
    expect(schema.properties['Title']).toEqual({
      type: 'string',
      count: 3_201,
      types: { string: 3_191, num: 9, null: 1 },
      present: 1,
    })
  })

  test('publishes num where null is more frequent', () => {
    expect(schema.properties['US DVD Sales']).toMatchObject({ type: 'num', types: { num: 564, null: 2_637 } })
    expect(schema.properties['Running Time min']).toMatchObject({ type: 'num', types: { num: 1_209, null: 1_992 } })
  })

  test.each([
    ['MPAA Rating', 'R', { string: 2_000, num: 6, null: 1 }],
    ['Major Genre', 'Drama', { string: 2_405, num: 6, null: 1 }],
    ['US Gross', null, { string: 3_184, num: 9, null: 1 }],
  ])('after a delete of %s %s is what the others alone give', (name, value, title) => {
    const isGone = ({ body }: { readonly body: object }): boolean => Reflect.get(body, name) === value
    const left = schemaOf(movies(), movies().filter(isGone), 'movies')
    expect(left.properties['Title']?.types).toEqual(title)
    expect(left).toEqual(
      schemaOf(
        movies().filter((movie) => !isGone(movie)),
        [],
        'movies',
      ),
    )
  })
})

describe('the schema of the webhook payloads', () => {
  const collections = [...new Set(webhooks().map(({ collection }) => collection!))]
  const schemas = new Map(collections.map((name) => [name, schemaOf(webhooks(), [], name)]))

  test('has 11,380 paths in 58 collections, none collapsed', () => {
    const all = [...schemas.values()]
    expect(all.reduce((total, { properties }) => total + Object.keys(properties).length, 0)).toBe(11_380)
    expect(all).toHaveLength(58)
    expect(all.every(({ collapsed, unpublished }) => collapsed.length === 0 && unpublished === 0)).toBe(true)
  })

  test('has the types of the data', () => {
    expect(schemas.get('pull_request')?.properties['pull_request.mergeable']?.types).toEqual({ bool: 20, null: 9 })
    expect(schemas.get('pull_request')?.properties['action']?.types).toEqual({ string: 29 })
    expect(schemas.get('installation')?.properties['installation.created_at']).toMatchObject({
      type: 'num',
      types: { string: 2, num: 5 },
    })
  })

  test('agrees with the slow count for every collection', () => {
    for (const [name, { properties }] of schemas) {
      const counts = schemaCounts(
        webhooks()
          .filter(({ collection }) => collection === name)
          .map(({ body }) => body),
      )
      const found = Object.entries(properties).flatMap(([path, { types }]) =>
        Object.entries(types).map(([type, count]) => [`${type} ${path}`, count] as const),
      )
      expect(new Map(found)).toEqual(counts)
    }
  })

  test('leaves no row when every payload has left', () => {
    expect(liveDeltas(operator, foldAll(operator, webhooks(), webhooks()))).toEqual([])
  })
})

describe('names that are data', () => {
  test('are counted together above 200 child names, and reported', () => {
    const schema = schemaOf(bodies({ id: 1, counts: named(150, 'a') }, { id: 2, counts: named(51, 'b') }))
    expect(schema.properties).toMatchObject({ 'counts.*': { type: 'num', count: 201 }, id: { count: 2 } })
    expect(schema.collapsed).toEqual([{ path: 'counts', names: 201 }])
  })

  test('stay apart at 200, also when more have been there and were deleted', () => {
    const [first, second] = bodies({ counts: named(200, 'a') }, { counts: named(51, 'b') })
    const schema = schemaOf([first, second], [second])
    expect(schema).toEqual(schemaOf([first]))
    expect(Object.keys(schema.properties)).toHaveLength(200)
  })

  test('keep what lies below them, lists and quoted names too', () => {
    const users = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`u.${i}`, { name: 'x', tags: [{ t: 1 }] }]))
    const { properties, collapsed } = schemaOf(bodies({ users }))
    expect(Object.keys(properties)).toEqual(['users.*.name', 'users.*.tags', 'users.*.tags[].t'])
    expect(collapsed).toEqual([{ path: 'users', names: 300 }])
  })

  test('are collapsed from the outside in', () => {
    const inner = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`o${i}`, named(3, `i${i}`)]))
    const { properties } = schemaOf(bodies({ a: inner }), [], 'events', { childNames: 4 })
    expect(properties).toEqual({ 'a.*.*': { type: 'num', count: 15, types: { num: 15 }, present: 1 } })
  })

  test('of a wide event are published up to 1,000, the rest is told', () => {
    expect(Object.keys(schemaOf(bodies(named(1_000))).properties)).toHaveLength(1_000)
    const wide = bodies({ a: named(150), b: named(150), c: { d: named(150), e: named(150) }, f: [named(500)] })
    expect(schemaOf(wide, [], 'events', { publishedPaths: 400 })).toMatchObject({
      unpublished: 202,
      approximate: false,
    })
  })

  test('beyond the hard bound are given up within each row, and the schema says so', () => {
    const tuples = Array.from({ length: 60 }, (_, i) => bodies({ id: i, counts: named(500, `k${i}_`) })).flat()
    const schema = schemaOf(tuples)
    expect(schema.approximate).toBe(true)
    expect(schema.properties).toMatchObject({ id: { count: 60 }, 'counts.*': { count: 30_000 } })
    expect(
      liveDeltas(operator, foldAll(operator, tuples)).every(({ state }) => operator.encode(state).length < 16_384),
    ).toBe(true)
  })

  test('are exact up to 10,000 paths', () => {
    expect(schemaOf(Array.from({ length: 20 }, (_, i) => bodies({ m: named(500, `k${i}_`) })).flat()).approximate).toBe(
      false,
    )
  })

  test('that are too long or too deep are counted under a star', () => {
    let deep: object = { x: 1 }
    for (let i = 0; i < 100; i += 1) deep = { d: deep }
    const { properties } = schemaOf(bodies({ a: { ['k'.repeat(256)]: 1, ['l'.repeat(255)]: 2 }, deep }))
    expect(Object.keys(properties)).toEqual(['a.*', `a.${'l'.repeat(255)}`, `deep.${'d.'.repeat(62)}*`])
  })
})

test('ties between types go to string, num, bool, datetime, list; a path named __proto__ is a path', () => {
  const tie = bodies({ a: [1] }, { a: 'x' }, { a: 1 }, JSON.parse('{"__proto__":{"x":1}}'))
  expect(schemaOf(tie).properties['a']?.type).toBe('string')
  expect(Object.keys(schemaOf(tie).properties)).toEqual(['a', '__proto__.x'])
})
