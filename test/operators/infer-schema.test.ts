import { describe, expect, test } from 'vitest'
import { inferSchema } from '../../operators/index.ts'
import { schemaBoundsOf } from '../../operators/infer-schema/infer-schema.ts'
import { trueProperties } from '../oracle/recompute-schema.ts'
import { foldAll, liveDeltas } from './fold-rows.ts'
import { bodies, schemaOf } from './infer-schema/given-schemas.ts'
import { movies, webhooks } from './sample-data.ts'

const operator = inferSchema()

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

  const properties = [...schemas.values()].flatMap((schema) => Object.entries(schema.properties))

  test('has 11,380 paths in 58 collections, 3,368 different ones, none collapsed', () => {
    expect([schemas.size, properties.length, new Set(properties.map(([path]) => path)).size]).toEqual([
      58, 11_380, 3_368,
    ])
    for (const schema of schemas.values())
      expect(schema).toMatchObject({ collapsed: [], unpublished: 0, approximate: false })
    expect(
      ['issues', 'pull_request', 'package'].map((name) => Object.keys(schemas.get(name)!.properties).length),
    ).toEqual([686, 575, 364])
  })

  test('has 77 paths of more than one type', () => {
    const typesOf = new Map<string, readonly string[]>()
    for (const [path, { types }] of properties)
      typesOf.set(path, [...new Set([...(typesOf.get(path) ?? []), ...Object.keys(types)])])
    const several = [...typesOf].filter(([, types]) => types.length > 1)
    const conflicts = several.filter(([, types]) => types.filter((type) => type !== 'null').length > 1)
    expect([several.length, conflicts.map(([path]) => path).sort()]).toEqual([
      77,
      ['installation.created_at', 'installation.updated_at', 'repository.created_at', 'repository.pushed_at'],
    ])
  })

  test('has every typed value of the data, once for an event whose lists repeat it', () => {
    const totals: Record<string, number> = {}
    for (const [, { types }] of properties)
      for (const [type, count] of Object.entries(types)) totals[type] = (totals[type] ?? 0) + count
    expect(totals).toEqual({ string: 48_069, num: 6_760, bool: 5_828, null: 2_278, list: 780 })
    const values: Record<string, number> = {}
    for (const { body } of webhooks()) countValues(body, values)
    expect(values).toEqual({ string: 48_266, number: 6_792, boolean: 5_834, null: 2_295, list: 780 })
  })

  test('has 24 paths within a collection that are leaf and prefix at once', () => {
    const both = [...schemas.values()].flatMap(({ properties: own }) =>
      Object.keys(own).filter((path) => Object.keys(own).some((other) => other.startsWith(`${path}.`))),
    )
    expect(both).toHaveLength(24)
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
    for (const [name, schema] of schemas) {
      const truth = trueProperties(
        webhooks()
          .filter(({ collection }) => collection === name)
          .map(({ body }) => body),
      )
      const found = Object.entries(schema.properties).map(([path, { type, count, types }]) => [
        path,
        { type, count, types },
      ])
      expect(Object.fromEntries(found)).toEqual(truth)
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
})

describe('options', () => {
  test('say how readers show the schema, and change nothing that is stored', () => {
    const other = inferSchema({ childNames: 20, publishedPaths: 10 })
    expect([operator.reading, other.reading]).toEqual([{}, { childNames: 20, publishedPaths: 10 }])
    expect(other.options).toEqual(operator.options)
    const tuples = bodies(named(300), { a: named(30) })
    const encoded = (one: typeof operator): readonly string[] =>
      [...foldAll(one, tuples).values()].map(({ state }) => one.encode(state))
    expect(encoded(other)).toEqual(encoded(operator))
    expect(schemaOf(tuples, [], 'events', schemaBoundsOf(other.reading)).collapsed).toEqual([
      { path: '', names: 301 },
      { path: '*', names: 30 },
    ])
  })

  test.each([
    [{ childNames: 19 }, 'childNames 19 is no whole number from 20 to 10000'],
    [{ publishedPaths: 20.5 }, 'publishedPaths 20.5 is no whole number from 10 to 10000'],
    [{ childnames: 30 } as object, 'there is no option "childnames"'], // a mistake of somebody without types
  ])('%j is refused', (options, problem) => {
    expect(() => inferSchema(options)).toThrow(`inferSchema: ${problem}`)
  })
})

test('ties between types go to string, num, bool, datetime, list; a path named __proto__ is a path', () => {
  const tie = bodies({ a: [1] }, { a: 'x' }, { a: 1 }, JSON.parse('{"__proto__":{"x":1}}'))
  expect(schemaOf(tie).properties['a']?.type).toBe('string')
  expect(Object.keys(schemaOf(tie).properties)).toEqual(['a', '__proto__.x'])
})

test('numbers as names stand in the order of the others', () => {
  const { properties } = schemaOf(bodies({ b: 1, 10: 1, 9: 1 }, { 10: 1 }))
  expect(properties).toMatchObject({ 10: { count: 2 }, 9: { count: 1 }, b: { count: 1 } })
})

const countValues = (value: unknown, into: Record<string, number>): void => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const type = value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value
    into[type] = (into[type] ?? 0) + 1
    // Elements that are no objects have no path.
    if (Array.isArray(value))
      for (const one of value) if (typeof one === 'object' && one !== null) countValues(one, into)
  } else for (const one of Object.values(value)) countValues(one, into)
}
