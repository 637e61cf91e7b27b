/**
 * The inferred schema as an Avro record schema.
 *
 * Avro names are letters, digits and `_`: other characters become `_`, names that meet get a number, and the name in the
 * events stands beside it as `property`. What not every event has is a union with null, whose default is null.
 */
import type { TypeName } from '../../topology/model/event.ts'
import type { JsonObject, JsonValue } from '../../topology/model/json.ts'
import { type PropertyMember, type PropertyNode, propertyTree } from './property-tree.ts'
import type { CollectionSchema } from './read-schema-state.ts'
import { schemaDoc } from './schema-doc.ts'

/** The record schema, or that of a map where the names of the events themselves are data; equal schemas give equal ones. */
export const avroSchemaOf = (schema: CollectionSchema): JsonObject =>
  new AvroWriter().object(propertyTree(schema), schema.collection, { doc: schemaDoc(schema) })

/** Valid names that are given out once each. */
class NameSet {
  readonly #taken = new Set<string>()

  take(wanted: string): string {
    const valid = wanted.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?![A-Za-z_])/, '_')
    let name = valid
    for (let number = 2; this.#taken.has(name); number += 1) name = `${valid}_${number}`
    this.#taken.add(name)
    return name
  }
}

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
  readonly #records = new NameSet()

  /** `name` is the way to the object: the name of its record tells where it stands. */
  object(node: PropertyNode, name: string, more: JsonObject = {}): JsonObject {
    const { members, others } = node
    // Properties beside names that are data are in the map too.
    if (others !== undefined) return { type: 'map', ...more, values: unionOf(this.#valuesOf(others, `${name}_value`)) }
    const record = this.#records.take(name)
    const fields = new NameSet()
    return {
      type: 'record',
      name: record,
      ...more,
      fields: members.map((member) => this.#field(member, fields, record)),
    }
  }

  #field({ name, isRequired, node }: PropertyMember, fields: NameSet, record: string): JsonObject {
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
