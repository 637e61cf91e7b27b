/**
 * The Avro schema of a shape, and the writing of values in it.
 *
 * What not every object has is a union with null, whose default is null: an absent property and a null are one there.
 * Names that Avro does not allow stand beside their fields as `property`. What Avro cannot hold is `bytes` of JSON text,
 * marked `"encoded": "json"`. The names of an event that are data stand in one field, marked `"spread": true`.
 */
import { AvroNames } from '../../../topology/formats/avro/avro-names.ts'
import type { AvroOutput } from '../../../topology/formats/avro/avro-output.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../../topology/model/json.ts'
import { isHeldAsObject, keenName, type ValueShape } from './value-shape.ts'

// What a list can hold of which nothing is known.
const unknownTypes = ['null', 'boolean', 'double', 'string']

/** Of the events of an object: a record named for their collection. */
export const eventWriter = (shape: ValueShape, collection: string): ValueWriter =>
  new ValueWriter(shape, { name: collection, isOptional: false, isEvent: true, records: new AvroNames() })

interface Place {
  /** The way to it. */
  readonly name: string
  /** Whether some objects lack it. */
  readonly isOptional: boolean
  readonly isEvent: boolean
  /** Names of records that are taken. */
  readonly records: AvroNames
}

interface FieldWriter {
  readonly name: string
  readonly writer: ValueWriter
}

export class ValueWriter {
  readonly schema: JsonValue
  /** Indices of the branches of a union, by kind; without a union all are 0. */
  readonly #branches: ReadonlyMap<Kind, number>
  readonly #isUnion: boolean
  readonly #elements: ValueWriter | undefined
  readonly #fields: readonly FieldWriter[]
  readonly #others: ValueWriter | undefined
  readonly #isMap: boolean
  readonly #isPure: boolean

  constructor(shape: ValueShape, place: Place) {
    const { elements, others } = shape
    const below = { isOptional: false, isEvent: false, records: place.records }
    const record = shape.objects > 0 && !isMapOf(shape, place) ? place.records.take(place.name) : place.name
    this.#isPure = !shape.isJson
    this.#isMap = isMapOf(shape, place)
    const fields = this.#isMap ? [] : fieldsOf(shape, { ...place, name: record })
    this.#fields = fields
    this.#elements =
      elements === undefined ? undefined : new ValueWriter(elements, { ...below, name: `${record}_item` })
    this.#others = others === undefined ? undefined : new ValueWriter(others, { ...below, name: `${record}_value` })
    const types: readonly (readonly [Kind, JsonValue])[] = [
      ...(shape.isNull || place.isOptional ? [['null', 'null'] as const] : []),
      ...(shape.isString ? [['string', 'string'] as const] : []),
      ...(shape.isNum ? [['number', 'double'] as const] : []),
      ...(shape.isBool ? [['boolean', 'boolean'] as const] : []),
      ...(this.#elements === undefined ? [] : [['list', { type: 'array', items: this.#elements.schema }] as const]),
      ...(shape.objects === 0 ? [] : [['object', this.#objectSchema(record)] as const]),
      ...(shape.isJson ? [['json', { type: 'bytes', encoded: 'json' }] as const] : []),
    ]
    this.#branches = new Map(types.map(([kind], index) => [kind, index]))
    this.#isUnion = types.length > 1
    this.schema = types.length === 0 ? unknownTypes : types.length === 1 ? types[0]![1] : types.map(([, type]) => type)
  }

  /** Writes a value that the shape has taken in; `undefined` where it is absent. `level`: of the objects and lists around it. */
  write(output: AvroOutput, value: JsonValue | undefined, level: number): void {
    if (value === undefined || value === null) this.#branch(output, 'null')
    else if (typeof value === 'string') this.#string(output, value)
    else if (typeof value === 'number') {
      this.#branch(output, 'number')
      output.double(value)
    } else if (typeof value === 'boolean') {
      this.#branch(output, 'boolean')
      output.byte(value ? 1 : 0)
    } else if (!this.#isPure && !isHeldAsObject(value, level)) this.#json(output, value)
    else if (isJsonObject(value)) this.#object(output, value, level)
    else this.#list(output, value, level)
  }

  #branch(output: AvroOutput, kind: Kind): void {
    if (this.#isUnion) output.long(this.#branches.get(kind)!)
  }

  #string(output: AvroOutput, value: string): void {
    if (!this.#isPure && !value.isWellFormed()) this.#json(output, value)
    else {
      this.#branch(output, 'string')
      output.string(value)
    }
  }

  #json(output: AvroOutput, value: JsonValue): void {
    this.#branch(output, 'json')
    output.string(JSON.stringify(value))
  }

  #list(output: AvroOutput, value: readonly JsonValue[], level: number): void {
    this.#branch(output, 'list')
    if (value.length > 0) output.long(value.length)
    for (const element of value) this.#elements?.write(output, element, level + 1)
    output.byte(0)
  }

  #object(output: AvroOutput, value: JsonObject, level: number): void {
    this.#branch(output, 'object')
    if (this.#isMap) {
      this.#entries(output, value, Object.keys(value), level)
      return
    }
    for (const { name, writer } of this.#fields)
      writer.write(output, Object.hasOwn(value, name) ? value[name] : undefined, level + 1)
    if (this.#others === undefined) return
    const rest = Object.keys(value).filter((name) => name !== keenName)
    this.#entries(output, value, rest, level)
  }

  #entries(output: AvroOutput, value: JsonObject, names: readonly string[], level: number): void {
    if (names.length > 0) output.long(names.length)
    for (const name of names) {
      output.string(name)
      this.#others?.write(output, value[name], level + 1)
    }
    output.byte(0)
  }

  #objectSchema(record: string): JsonObject {
    const map = { type: 'map', values: this.#others?.schema ?? unknownTypes }
    if (this.#isMap) return map
    const names = new AvroNames()
    const fields = this.#fields.map(({ name, writer }) => fieldSchema(name, names.take(name), writer))
    const spread = { name: names.take('other_properties'), spread: true, type: map }
    return { type: 'record', name: record, fields: this.#others === undefined ? fields : [...fields, spread] }
  }
}

type Kind = 'null' | 'string' | 'number' | 'boolean' | 'list' | 'object' | 'json'

/** Of an event only what is beside `keen` can be data; an object of which no name is known is a map. */
const isMapOf = ({ members, others }: ValueShape, { isEvent }: Place): boolean =>
  (others !== undefined && !isEvent) || (members?.size ?? 0) === 0

const fieldsOf = (shape: ValueShape, place: Place): readonly FieldWriter[] =>
  [...(shape.members ?? [])]
    .sort(([left], [right]) => rankOf(left, place) - rankOf(right, place) || (left < right ? -1 : 1))
    .map(([name, member]) => ({
      name,
      writer: new ValueWriter(member.shape, {
        name: `${place.name}_${name}`,
        isOptional: member.seen < shape.objects,
        isEvent: false,
        records: place.records,
      }),
    }))

/** What leads to an event comes first. */
const rankOf = (name: string, { isEvent }: Place): number => (name === 'id' || (isEvent && name === keenName) ? 0 : 1)

const fieldSchema = (property: string, name: string, { schema }: ValueWriter): JsonObject => ({
  name,
  ...(property === name ? {} : { property }),
  type: schema,
  ...(Array.isArray(schema) && schema[0] === 'null' ? { default: null } : {}),
})
