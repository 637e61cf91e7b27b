/**
 * The inferred schema as an Avro record schema.
 *
 * A name that Avro does not allow stands beside its field as `property`. What not every event has is a union with null,
 * whose default is null.
 */
import { AvroNames } from '../../topology/formats/avro/avro-names.ts'
import type { TypeName } from '../../topology/model/event.ts'
import type { JsonObject, JsonValue } from '../../topology/model/json.ts'
import { type PropertyMember, type PropertyNode, propertyTree } from './property-tree.ts'
import type { CollectionSchema } from './read-schema-state.ts'
import { schemaDoc } from './schema-doc.ts'

/** The record schema, or that of a map where the names of the events themselves are data; equal schemas give equal ones. */
export const avroSchemaOf = (schema: CollectionSchema): JsonObject =>
  new AvroWriter().object(propertyTree(schema), schema.collection, { doc: schemaDoc(schema) })

const plainTypes: Readonly<Partial<Record<TypeName, string>>> = {
  bool: 'boolean',
  num: 'double',
  string: 'string',
  datetime: 'string',
}

// Elements of lists that are neither objects nor lists give no path; this is all that they can be.
const unknownTypes = ['null', 'boolean', 'double', 'string']

/** An object of which nothing is known but that it is one: its names are too long or too deep. */
const isHidden = ({ members, others }: PropertyNode): boolean => members.length === 0 && others === undefined

class AvroWriter {
  readonly #records = new AvroNames()

  /** `name` is the way to the object: the name of its record tells where it stands. */
  object(node: PropertyNode, name: string, more: JsonObject = {}): JsonObject {
    const { members, others } = node
    // Properties beside names that are data are in the map too.
    if (others !== undefined) return { type: 'map', ...more, values: unionOf(this.#valuesOf(others, `${name}_value`)) }
    const record = this.#records.take(name)
    const fields = new AvroNames()
    return {
      type: 'record',
      name: record,
      ...more,
      fields: members.map((member) => this.#field(member, fields, record)),
    }
  }

  #field({ name, isRequired, node }: PropertyMember, fields: AvroNames, record: string): JsonObject {
    const own = fields.take(name)
    const types = this.#typesOf(node, `${record}_${own}`)
    const isNullable = !isRequired || node.types.includes('null')
    return {
      name: own,
      ...(own === name ? {} : { property: name }),
      type: unionOf(isNullable ? ['null', ...types] : types),
      ...(isRequired ? {} : { default: null }),
    }
  }

  /** All that a place holds but null. */
  #typesOf(node: PropertyNode, name: string): readonly JsonValue[] {
    const plain = node.types.flatMap((type) => plainTypes[type] ?? [])
    const isList = node.types.includes('list') || node.elements !== undefined
    return [
      ...new Set(plain),
      ...(isList ? [{ type: 'array', items: this.#itemsOf(node.elements, `${name}_item`) }] : []),
      ...(node.isObject ? [isHidden(node) ? { type: 'map', values: unknownTypes } : this.object(node, name)] : []),
    ]
  }

  #valuesOf(node: PropertyNode, name: string): readonly JsonValue[] {
    return [...(node.types.includes('null') ? ['null'] : []), ...this.#typesOf(node, name)]
  }

  #itemsOf(elements: PropertyNode | undefined, name: string): readonly JsonValue[] {
    return elements === undefined ? unknownTypes : [...unknownTypes, ...this.#typesOf(elements, name)]
  }
}

/** One type is written alone. */
const unionOf = (types: readonly JsonValue[]): JsonValue => (types.length === 1 ? types[0]! : types)
