/**
 * Turns an Avro schema into a function that turns bytes of that schema into JSON text, without an object in between.
 *
 * Records and maps become objects, arrays lists, enums and strings texts, bytes and fixed base64, a union whatever its
 * branch is. Depth and length of what is written are bounded, for a schema can describe endless values in no bytes (I-6).
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'
import { logicalText, type Transcode } from './logical-text.ts'
import { enumText, type FieldText, listText, mapText, recordText, unionText } from './nested-text.ts'
import { fixedText, jsonText, plainText } from './plain-text.ts'

export interface CompileOptions {
  /**
   * The schema is one of our own objects: `property` is the name of a field in the event, `encoded: "json"` marks bytes
   * that hold JSON, `spread` a map whose entries belong to the record itself, and a null that may stand for an absent
   * property is left out.
   */
  readonly isOwn?: boolean
}

/** Throws an `Error` that says what is wrong with the schema. */
export const compileAvro = (schema: JsonValue, options: CompileOptions = {}): Transcode =>
  new AvroCompiler(options.isOwn ?? false).compile(schema, '', 0)

const schemaLevelsMax = 1_000

interface Named {
  readonly namespace: string
  read: Transcode | undefined
}

class AvroCompiler {
  readonly #isOwn: boolean
  readonly #named = new Map<string, Named>()

  constructor(isOwn: boolean) {
    this.#isOwn = isOwn
  }

  compile(schema: JsonValue, namespace: string, level: number): Transcode {
    if (level > schemaLevelsMax) throw new Error('the schema nests too deep')
    if (typeof schema === 'string') return plainText.get(schema) ?? this.#reference(schema, namespace)
    if (Array.isArray(schema)) return unionText(schema.map((branch) => this.compile(branch, namespace, level + 1)))
    if (!isJsonObject(schema)) throw new Error('a schema is a name, an object or a list')
    const { type } = schema
    if (typeof type !== 'string') return this.compile(type ?? null, namespace, level + 1)
    if (type === 'record' || type === 'error') return this.#record(schema, namespace, level)
    if (type === 'enum') return this.#enum(schema, namespace)
    if (type === 'fixed') return this.#fixed(schema, namespace)
    if (type === 'array') return listText(this.compile(schema['items'] ?? null, namespace, level + 1))
    if (type === 'map') return mapText(this.compile(schema['values'] ?? null, namespace, level + 1))
    if (this.#isOwn && type === 'bytes' && schema['encoded'] === 'json') return jsonText
    return logicalText(schema, type) ?? this.compile(type, namespace, level + 1)
  }

  #reference(name: string, namespace: string): Transcode {
    const named = this.#named.get(fullName(name, namespace)) ?? this.#named.get(name)
    if (named === undefined) throw new Error(`type ${JSON.stringify(name)} is not defined`)
    // A record may hold itself: it is complete only later.
    return (input, output, level) => named.read?.(input, output, level)
  }

  #name(schema: JsonObject, namespace: string): Named {
    const { name, namespace: own } = schema
    if (typeof name !== 'string') throw new Error(`a ${String(schema['type'])} has no name`)
    const full = fullName(name, typeof own === 'string' ? own : namespace)
    if (this.#named.has(full)) throw new Error(`type ${JSON.stringify(full)} is defined twice`)
    const named: Named = { read: undefined, namespace: full.slice(0, Math.max(0, full.lastIndexOf('.'))) }
    this.#named.set(full, named)
    return named
  }

  #record(schema: JsonObject, outer: string, level: number): Transcode {
    const named = this.#name(schema, outer)
    const { fields } = schema
    if (!Array.isArray(fields)) throw new Error('a record has no list of fields')
    const read = recordText(fields.map((field) => this.#field(field, named.namespace, level + 1)))
    named.read = read
    return read
  }

  #field(field: JsonValue, namespace: string, level: number): FieldText {
    if (!isJsonObject(field) || typeof field['name'] !== 'string') throw new Error('a field has no name')
    const { name, property, type = null } = field
    const written = this.#isOwn && typeof property === 'string' ? property : name
    const isSpread = this.#isOwn && field['spread'] === true && isJsonObject(type)
    return {
      ...(isSpread ? { spread: this.compile(type['values'] ?? null, namespace, level) } : {}),
      label: Buffer.from(`${JSON.stringify(written)}:`),
      read: this.compile(type, namespace, level),
      absent: this.#isOwn && field['default'] === null && Array.isArray(type) ? type.indexOf('null') : -1,
    }
  }

  #enum(schema: JsonObject, outer: string): Transcode {
    const named = this.#name(schema, outer)
    const { symbols } = schema
    if (!Array.isArray(symbols)) throw new Error('an enum has no list of symbols')
    named.read = enumText(symbols.map(String))
    return named.read
  }

  #fixed(schema: JsonObject, outer: string): Transcode {
    const named = this.#name(schema, outer)
    const { size } = schema
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0) throw new Error('a fixed has no size')
    named.read = logicalText(schema, 'fixed', size) ?? fixedText(size)
    return named.read
  }
}

const fullName = (name: string, namespace: string): string =>
  name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
