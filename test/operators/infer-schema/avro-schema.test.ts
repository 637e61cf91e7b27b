import { describe, expect, test } from 'vitest'
import { avroSchemaOf } from '../../../operators/index.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../../topology/model/json.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'
import { bodies, randomBody, realSchemas, schemaOf } from './given-schemas.ts'

const listOf = (json: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(json) ? json : [])
const kindOf = (type: JsonValue): string => String(isJsonObject(type) ? type['type'] : type)
const primitives = ['null', 'boolean', 'double', 'string']

/** What the Avro specification forbids; `names` are those of the records so far. */
const faultsOf = (type: JsonValue, names: Set<string>): readonly string[] => {
  if (typeof type === 'string') return primitives.includes(type) ? [] : [`no type ${type}`]
  if (!isJsonObject(type)) return unionFaults(listOf(type), names)
  if (type['type'] === 'array') return faultsOf(type['items']!, names)
  return type['type'] === 'map' ? faultsOf(type['values']!, names) : recordFaults(type, names)
}

const unionFaults = (types: readonly JsonValue[], names: Set<string>): readonly string[] => {
  const kinds = types.map((one) => (kindOf(one) === 'record' ? `record ${(one as JsonObject)['name']}` : kindOf(one))) // a record is an object
  const isOpen = types.length > 0 && !types.some((one) => Array.isArray(one)) && new Set(kinds).size === kinds.length
  return [...(isOpen ? [] : [`union of ${kinds}`]), ...types.flatMap((one) => faultsOf(one, names))]
}

const recordFaults = (record: JsonObject, names: Set<string>): readonly string[] => {
  const name = String(record['name'])
  const fields = listOf(record['fields']).filter(isJsonObject)
  const all = fields.map((field) => String(field['name']))
  const wrong = [name, ...all].filter((one) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(one))
  const twice = names.has(name) || new Set(all).size < all.length ? [`${name} has a name twice`] : []
  names.add(name)
  const defaults = fields.filter(
    (field) => 'default' in field && listOf(field['type'])[0] !== 'null' && field['type'] !== 'null',
  )
  return [
    ...wrong.map((one) => `name ${one}`),
    ...twice,
    ...defaults.map((field) => `default of ${String(field['name'])} fits not its first type`),
    ...fields.flatMap((field) => faultsOf(field['type']!, names)),
  ]
}

/** Whether a value of an event can be written with a type, fields found by the name that they have in events. */
const fits = (type: JsonValue, value: unknown): boolean => {
  if (typeof type === 'string') return primitiveOf(value) === type
  if (!isJsonObject(type)) return listOf(type).some((one) => fits(one, value))
  if (type['type'] === 'array') return Array.isArray(value) && value.every((one) => fits(type['items']!, one))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  if (type['type'] === 'map') return Object.values(value).every((one) => fits(type['values']!, one))
  return listOf(type['fields'])
    .filter(isJsonObject)
    .every((field) => {
      const name = String(field['property'] ?? field['name'])
      return fits(field['type']!, Object.hasOwn(value, name) ? Reflect.get(value, name) : field['default'])
    })
}

const primitiveOf = (value: unknown): string =>
  value === null ? 'null' : ({ boolean: 'boolean', number: 'double', string: 'string' }[String(typeof value)] ?? 'none')

describe('an Avro schema', () => {
  test('has records, unions with null for what is optional, arrays, and names that Avro allows', () => {
    const schema = schemaOf(
      bodies(
        { 'Running Time': 1, 'Running-Time': 'a', category: null, items: [1, { sku: 'x' }], '2d': true },
        { 'Running Time': 2, category: { details: { kind: 'y' } }, items: [] },
      ),
      [],
      'events',
    )
    const unknown = ['null', 'boolean', 'double', 'string']
    expect(avroSchemaOf({ ...schema, collection: 'shop.orders' })).toEqual({
      type: 'record',
      name: 'shop_orders',
      doc: 'Inferred from 2 events.',
      fields: [
        { name: '_2d', property: '2d', type: ['null', 'boolean'], default: null },
        { name: 'Running_Time', property: 'Running Time', type: 'double' },
        { name: 'Running_Time_2', property: 'Running-Time', type: ['null', 'string'], default: null },
        {
          name: 'category',
          type: [
            'null',
            {
              type: 'record',
              name: 'shop_orders_category',
              fields: [
                {
                  name: 'details',
                  type: {
                    type: 'record',
                    name: 'shop_orders_category_details',
                    fields: [{ name: 'kind', type: 'string' }],
                  },
                },
              ],
            },
          ],
        },
        {
          name: 'items',
          type: {
            type: 'array',
            items: [
              ...unknown,
              {
                type: 'record',
                name: 'shop_orders_items_item',
                fields: [{ name: 'sku', type: ['null', 'string'], default: null }],
              },
            ],
          },
        },
      ],
    })
  })

  test('makes maps of names that are data, and of objects whose names it does not know', () => {
    const counts = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`k${index}`, index % 2 ? 1 : null]))
    const schema = avroSchemaOf(schemaOf(bodies({ counts, long: { ['n'.repeat(256)]: 1 } })))
    expect(listOf(schema['fields'])).toEqual([
      { name: 'counts', type: ['null', { type: 'map', values: ['null', 'double'] }], default: null },
      { name: 'long', type: ['null', { type: 'map', values: ['null', 'boolean', 'double', 'string'] }], default: null },
    ])
    const wide = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`k${index}`, 'x']))
    expect(avroSchemaOf(schemaOf(bodies(wide)))).toMatchObject({ type: 'map', values: 'string' })
  })

  test('writes a text once where it is a time too', () => {
    const schema = schemaOf(bodies({ at: 'x' }))
    const at = { type: 'string', count: 2, types: { string: 1, datetime: 1 }, present: 1 } as const
    expect(avroSchemaOf({ ...schema, properties: { at } })['fields']).toEqual([{ name: 'at', type: 'string' }])
  })

  test('is valid and can hold every event of the movies, earthquakes and webhooks', () => {
    for (const { schema, events } of realSchemas()) {
      const avro = avroSchemaOf(schema)
      expect(faultsOf(avro, new Set())).toEqual([])
      expect(events.filter((event) => !fits(avro, event))).toEqual([])
    }
  })

  test.each([1, 2, 3, 4])('is valid and can hold every random event (seed %i)', (seed) => {
    const random = seededRandom(seed)
    const events = Array.from({ length: 60 }, () => randomBody(() => random.next(), 3))
    const avro = avroSchemaOf(schemaOf(bodies(...events), [], 'events', { publishedPaths: 10_000 }))
    expect(faultsOf(avro, new Set())).toEqual([])
    expect(events.filter((event) => !fits(avro, event))).toEqual([])
  })
})
