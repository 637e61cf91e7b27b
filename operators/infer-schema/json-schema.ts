/**
 * The inferred schema as a JSON Schema document (draft 2020-12).
 *
 * It holds for every event that was counted, where all paths are published. An empty object leaves no path: where one
 * stands in the place of another value, the document does not know it. Names that it does not list are not refused.
 */
import type { TypeName } from '../../topology/model/event.ts'
import type { JsonObject, JsonValue } from '../../topology/model/json.ts'
import { type PropertyNode, propertyTree } from './property-tree.ts'
import type { CollectionSchema } from './read-schema-state.ts'
import { schemaDoc } from './schema-doc.ts'

/** The document; equal schemas give equal documents. */
export const jsonSchemaOf = (schema: CollectionSchema): JsonObject => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: schema.collection,
  description: schemaDoc(schema),
  ...objectSchema(propertyTree(schema)),
})

const plainTypes: Readonly<Partial<Record<TypeName, string>>> = {
  string: 'string',
  num: 'number',
  bool: 'boolean',
  null: 'null',
}

/** Everything that was seen at a place, as one schema. */
const valueSchema = (node: PropertyNode): JsonObject => {
  const plain = node.types.flatMap((type) => plainTypes[type] ?? [])
  const [first, ...more] = [
    ...(plain.length === 0 ? [] : [{ type: plain.length === 1 ? plain[0]! : plain }]),
    ...(node.types.includes('datetime') ? [{ type: 'string', format: 'date-time' }] : []),
    ...(isList(node) ? [{ type: 'array', ...itemsOf(node) }] : []),
    ...(node.isObject ? [objectSchema(node)] : []),
  ]
  if (first === undefined) return {}
  return more.length === 0 ? first : { anyOf: [first, ...more] }
}

const isList = ({ types, elements }: PropertyNode): boolean => types.includes('list') || elements !== undefined

const objectSchema = (node: PropertyNode): JsonObject => ({ type: 'object', ...propertiesOf(node) })

const propertiesOf = ({ members, others }: PropertyNode): JsonObject => {
  const required = members.filter(({ isRequired }) => isRequired).map(({ name }) => name)
  const properties = members.map(({ name, node }): readonly [string, JsonValue] => [name, valueSchema(node)])
  return {
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
    ...(required.length === 0 ? {} : { required }),
    ...(others === undefined ? {} : { additionalProperties: valueSchema(others) }),
  }
}

/** Elements that are neither objects nor lists give no path: what is said of the others must not refuse them. */
const itemsOf = ({ elements }: PropertyNode): JsonObject =>
  elements === undefined ? {} : { items: { ...propertiesOf(elements), ...itemsOf(elements) } }
