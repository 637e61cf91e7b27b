/** One cell of an answer as an object: the values of its group, then its answers, by their names. */
import type { JsonObject, JsonScalar, JsonValue } from '../../topology/model/json.ts'

export const cellObject = (
  names: readonly string[],
  group: readonly JsonScalar[],
  values: readonly { readonly name: string }[],
  answers: readonly JsonValue[],
): JsonObject =>
  Object.fromEntries([
    ...names.map((name, index) => [name, group[index] ?? null] as const),
    ...values.map(({ name }, index) => [name, answers[index] ?? null] as const),
  ])
