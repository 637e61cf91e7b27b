/** Reading lists back from JSON: a stored state has the form that its own `encode` gave it. */
import type { JsonValue } from '../../topology/model/json.ts'

/** `Array.isArray` does not narrow readonly lists. */
export const isJsonList = (json: JsonValue | undefined): json is readonly JsonValue[] => Array.isArray(json)

/** The numbers of a list; none when it is no list. */
export const numbersOf = (json: JsonValue | undefined): readonly number[] => (isJsonList(json) ? json.map(Number) : [])
