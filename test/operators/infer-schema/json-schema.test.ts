import { describe, expect, test } from 'vitest'
import { jsonSchemaOf } from '../../../operators/index.ts'
import type { JsonObject, JsonValue } from '../../../topology/model/json.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'
import { bodies, randomBody, realSchemas, schemaOf } from './given-schemas.ts'

type Plain = Readonly<Record<string, unknown>>

const typeOf = (value: unknown): string => {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
const isObject = (value: unknown): value is Plain => typeOf(value) === 'object'

/** What a value breaks, as draft 2020-12 says of the keywords that the documents use; `format` only annotates. */
const problemsOf = (schema: JsonObject, value: unknown, at = ''): readonly string[] =>
  Object.entries(schema).flatMap(([keyword, said]) => {
    if (['$schema', 'title', 'description', 'format'].includes(keyword)) return []
    const check = checks[keyword]
    return check === undefined ? [`${at}: unknown keyword ${keyword}`] : check(said, value, at, schema)
  })

type Check = (said: JsonValue, value: unknown, at: string, schema: JsonObject) => readonly string[]

const objectOf = (said: JsonValue): JsonObject => said as JsonObject // the documents hold nothing else there
const listOf = (said: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(said) ? said : [])

const checks: Readonly<Record<string, Check>> = {
  type: (said, value, at) => ([said].flat().includes(typeOf(value)) ? [] : [`${at} is ${typeOf(value)}`]),
  anyOf: (said, value, at) =>
    listOf(said).some((one) => problemsOf(objectOf(one), value).length === 0) ? [] : [`${at} fits none`],
  properties: (said, value, at) =>
    Object.entries(objectOf(said)).flatMap(([name, one]) =>
      isObject(value) && Object.hasOwn(value, name) ? problemsOf(objectOf(one), value[name], `${at}.${name}`) : [],
    ),
  required: (said, value, at) =>
    listOf(said).flatMap((name) =>
      isObject(value) && !Object.hasOwn(value, String(name)) ? [`${at}.${name} is missing`] : [],
    ),
  additionalProperties: (said, value, at, { properties = {} }) =>
    isObject(value)
      ? Object.entries(value)
          .filter(([name]) => !Object.hasOwn(objectOf(properties), name))
          .flatMap(([name, one]) => problemsOf(objectOf(said), one, `${at}.${name}`))
      : [],
  items: (said, value, at) =>
    Array.isArray(value) ? value.flatMap((one, index) => problemsOf(objectOf(said), one, `${at}[${index}]`)) : [],
}

describe('a JSON Schema document', () => {
  test('says types, presence, lists, and paths that are leaf and prefix at once', () => {
    const schema = schemaOf(
      bodies(
        { name: 'a', price: 1, category: null, items: [1, { sku: 'x' }] },
        { name: 2, category: { details: { kind: 'y' } }, items: [] },
      ),
    )
    expect(jsonSchemaOf(schema)).toEqual({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'events',
      description: 'Inferred from 2 events.',
      type: 'object',
      properties: {
        category: {
          anyOf: [
            { type: 'null' },
            {
              type: 'object',
              properties: { details: { type: 'object', properties: { kind: { type: 'string' } }, required: ['kind'] } },
              required: ['details'],
            },
          ],
        },
        items: { type: 'array', items: { properties: { sku: { type: 'string' } } } },
        name: { type: ['string', 'number'] },
        price: { type: 'number' },
      },
      required: ['category', 'items', 'name'],
    })
  })

  test('gives names that are data one schema, and names that are too deep none', () => {
    const counts = Object.fromEntries(
      Array.from({ length: 201 }, (_, index) => [`k${index}`, index % 2 ? 1 : { x: '' }]),
    )
    const { properties } = jsonSchemaOf(schemaOf(bodies({ counts, long: { ['n'.repeat(256)]: { x: 1 } } })))
    expect(properties).toEqual({
      counts: {
        type: 'object',
        additionalProperties: {
          anyOf: [{ type: 'number' }, { type: 'object', properties: { x: { type: 'string' } } }],
        },
      },
      long: { type: 'object' },
    })
  })

  test('keeps every name as it is', () => {
    const body: object = JSON.parse('{"__proto__":1,"a.b":{"":true,"10":null},"*":[{"[]":1}],"say \\"é\\"":"😀"}')
    const document = jsonSchemaOf(schemaOf(bodies(body)))
    expect(Object.keys(document['properties'] as JsonObject).sort()).toEqual(Object.keys(body).sort()) // it is one
    expect(problemsOf(document, body)).toEqual([])
  })

  test('says times, and what it leaves out', () => {
    const schema = schemaOf(bodies({ at: 'x' }))
    const at = { type: 'datetime', count: 1, types: { datetime: 1 }, present: 1 } as const
    expect(jsonSchemaOf({ ...schema, properties: { at }, unpublished: 3, approximate: true })).toMatchObject({
      description:
        'Inferred from 1 event. 3 more paths are not described. Some names were counted together because there are too many.',
      properties: { at: { type: 'string', format: 'date-time' } },
    })
  })

  test('takes every event that it was inferred from: movies, earthquakes and webhooks', () => {
    const problems = realSchemas().flatMap(({ schema, events }) => {
      const document = jsonSchemaOf(schema)
      return events.flatMap((event) => problemsOf(document, event, schema.collection))
    })
    expect(problems).toEqual([])
  })

  test.each([1, 2, 3, 4])('takes every random event that it was inferred from (seed %i)', (seed) => {
    const random = seededRandom(seed)
    const events = Array.from({ length: 60 }, () => randomBody(() => random.next(), 3))
    const document = jsonSchemaOf(schemaOf(bodies(...events), [], 'events', { publishedPaths: 10_000 }))
    expect(events.flatMap((event) => problemsOf(document, event))).toEqual([])
  })

  test('is strict enough to refuse what was never seen', () => {
    const { schema } = realSchemas().find((one) => one.schema.collection === 'earthquakes')!
    expect(problemsOf(jsonSchemaOf(schema), { id: 1, type: 'Feature' })).toEqual([
      '.id is number',
      '.geometry is missing',
      '.properties is missing',
    ])
  })
})
