/** What all aggregates over the numbers of one path share: other values and absent ones are ignored (DOMAIN section 7). */
import { errors } from '../../topology/model/errors.ts'
import { type Path, parsePath } from '../../topology/model/path.ts'
import { orStandIn } from '../../topology/model/refusal.ts'

/** Throws `badConfiguration` when the text is not a path. */
export const declaredPath = (verb: string, text: string): Path =>
  orStandIn(
    () => pathOf(verb, text),
    () => ['refused'],
  )

/** As `declaredPath`, but always thrown. */
export const pathOf = (verb: string, text: string): Path => {
  const path = typeof text === 'string' ? parsePath(text) : undefined
  if (path !== undefined) return path
  throw errors.badConfiguration({
    problem: `${verb}: ${JSON.stringify(text)} is not a path; join names by dots and write a name that holds . " [ ] or * as a JSON string`,
  })
}

export const isNumeric = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
