/**
 * The slow path of the decoder: `JSON.parse`, then every rule by a plain walk. It alone refuses records, so the causes of
 * dead letters are a function of the record (I-1), whatever the fast path knew.
 */
import { errors } from '../../model/errors.ts'
import { isJsonObject, type JsonObject } from '../../model/json.ts'
import { nestingLevelsMax } from '../../model/limits.ts'
import { formatPath } from '../../model/path.ts'
import { SpillwayError } from '../../model/spillway-error.ts'
import { isKeenName } from './shape-trie.ts'

// Keen's rules of DOMAIN section 2.
const keenNameMax = 255
/** Strings have fewer characters than this. */
export const keenStringMax = 10_000
/** Characters of `keen.uniqueness_token`. */
export const uniquenessTokenMax = 64
/** Bytes of an event. */
export const keenEventBytesMax = 900_000
// The bounds are -2^63 and 2^63 - 1; as a double the latter is 2^63.
const keenNumberMax = 2 ** 63

/** Why Keen refused a property name; `undefined` when it took it. */
export const keenNameProblem = (name: string): string | undefined => {
  if (name.length === 0) return 'is empty'
  if (name.length > keenNameMax) return `has ${name.length} characters, at most ${keenNameMax} are allowed`
  if (name.includes('.')) return 'holds a dot'
  return name.startsWith('$') ? 'starts with $' : undefined
}

// A byte order mark is kept, so that it is an error as it is for JSON.parse.
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The JSON value in bytes `[start, end)`; an error of class `reject` where there is none. */
export const parseJson = (
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly value: unknown } | SpillwayError => {
  let text: string
  try {
    text = strictUtf8.decode(bytes.subarray(start, end))
  } catch {
    return errors.invalidEvent({ reason: 'the value is not UTF-8' })
  }
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    // Only the place: the words of the engine change with its version.
    const place = /position (\d+)/.exec(String(error))?.[1]
    const reason = place === undefined ? 'the value is not JSON' : `the value is not JSON: see character ${place}`
    return errors.invalidEvent({ reason })
  }
}

/** The body of an event in bytes `[start, end)`, or the error of class `reject` that it is refused with. */
export const parseBody = (
  bytes: Uint8Array,
  start: number,
  end: number,
  hasKeenLimits: boolean,
): JsonObject | SpillwayError => {
  const parsed = parseJson(bytes, start, end)
  if (parsed instanceof SpillwayError) return parsed
  const body = parsed.value
  if (!isJsonObject(body)) return errors.invalidEvent({ reason: 'the value is not a JSON object' })
  return problemOf(body, [], 1, hasKeenLimits) ?? keenProblem(body) ?? body
}

/** The first value, in the order of the body, that cannot be handled. `names` is the way to it. */
export const problemOf = (
  value: unknown,
  names: string[],
  level: number,
  hasKeenLimits: boolean,
): SpillwayError | undefined => {
  if (typeof value === 'number') return numberProblem(value, names, hasKeenLimits)
  if (typeof value === 'string') return hasKeenLimits ? stringProblem(value, names) : undefined
  if (typeof value !== 'object' || value === null) return undefined
  if (level > nestingLevelsMax)
    return errors.invalidEvent({ reason: `the value nests deeper than ${nestingLevelsMax} levels` })
  if (Array.isArray(value)) {
    for (const element of value) {
      const problem = problemOf(element, names, level + 1, hasKeenLimits)
      if (problem !== undefined) return problem
    }
    return undefined
  }
  for (const [name, member] of Object.entries(value)) {
    const reason = hasKeenLimits ? keenNameProblem(name) : undefined
    if (reason !== undefined) return errors.invalidPropertyName({ property: name, reason })
    names.push(name)
    const problem = problemOf(member, names, level + 1, hasKeenLimits)
    if (problem !== undefined) return problem
    names.pop()
  }
  return undefined
}

const numberProblem = (value: number, names: readonly string[], hasKeenLimits: boolean): SpillwayError | undefined => {
  const isDouble = Number.isFinite(value)
  if (isDouble && !(hasKeenLimits && Math.abs(value) > keenNumberMax)) return undefined
  const reason = isDouble ? 'is outside -2^63 to 2^63 - 1' : 'is not finite as a double'
  return errors.invalidPropertyValue({ property: formatPath(names), reason })
}

const stringProblem = (value: string, names: readonly string[]): SpillwayError | undefined =>
  value.length < keenStringMax
    ? undefined
    : errors.invalidPropertyValue({
        property: formatPath(names),
        reason: `has ${value.length} characters, fewer than ${keenStringMax} are allowed`,
      })

const keenProblem = (body: JsonObject): SpillwayError | undefined => {
  if (!Object.hasOwn(body, 'keen')) return undefined
  const keen = body['keen']
  if (!isJsonObject(keen)) return errors.namespaceType({})
  const property = Object.keys(keen).find((name) => !isKeenName(name))
  return property === undefined ? undefined : errors.invalidKeenProperty({ property })
}
