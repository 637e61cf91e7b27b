/**
 * Lets the first event with a token pass and holds back its repetitions: what a client sends again after an outage is
 * counted once.
 *
 * Only a declaration: the engine decides, from the log and before any bolt runs (PROTOCOL section 3). So every sink below
 * agrees on what is a duplicate, whenever it reads, and a delete of the first event brings no repetition back (I-1, I-3).
 */
import type { DedupeOperator } from '../topology/model/dedupe-operator.ts'
import { errors } from '../topology/model/errors.ts'
import { knobs } from '../topology/model/knobs.ts'
import { formatPath, type Path, parsePath } from '../topology/model/path.ts'
import { parseDuration } from '../topology/model/quantity.ts'
import { orStandIn } from '../topology/model/refusal.ts'

export interface DedupeOptions {
  /** Written path of the property whose value is the token. Default `keen.uniqueness_token`. */
  readonly by?: string
  /** How far apart in append time two events are no duplicates any more. Default `31 days`. */
  readonly window?: string | number
}

const tokenProperty = 'keen.uniqueness_token'

/**
 * A bolt for `events.bolt('once', dedupe())`, directly below a spout. Of the events of one project and collection with
 * an equal token the first in the log passes, and the next one whose append time lies a window or more away from every
 * one that has passed. Events without a token pass. Equal tokens must share a partition of the log.
 *
 * Throws `badConfiguration` (stop) for a path or window that is none.
 */
export const dedupe = (options: DedupeOptions = {}): DedupeOperator =>
  orStandIn(
    () => make(options),
    () => make({}),
  )

const make = (options: DedupeOptions): DedupeOperator => {
  const [unknown] = Object.keys(options).filter((name) => name !== 'by' && name !== 'window')
  if (unknown !== undefined) refuse(`has no option ${JSON.stringify(unknown)}; it knows by and window`)
  const path = pathOf(options.by ?? tokenProperty)
  const windowMs = windowOf(options.window)
  const by = formatPath(path)
  return Object.freeze({
    kind: 'dedupe',
    name: 'dedupe',
    doc: `Per project and collection, the first event of each ${by}, again after ${daysText(windowMs)}; equal values must share a partition.`,
    order: 'partitionOrdered',
    path,
    windowMs,
    options: { by, windowMs },
  })
}

const refuse = (problem: string): never => {
  throw errors.badConfiguration({ problem: `dedupe: ${problem}` })
}

const pathOf = (by: unknown): Path =>
  (typeof by === 'string' ? parsePath(by) : undefined) ?? refuse(`by ${JSON.stringify(by)} is not a path`)

const windowOf = (window: string | number | undefined): number => {
  const { min, max, initial } = knobs.get('dedupe.windowMs')!
  const windowMs = window === undefined ? initial : parseDuration(window)
  if (typeof windowMs === 'string') return refuse(`window ${windowMs}`)
  if (windowMs < min || windowMs > max)
    return refuse(`window ${JSON.stringify(window)} lies outside ${daysText(min)} to ${daysText(max)}`)
  return windowMs
}

const units: readonly (readonly [ms: number, name: string])[] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
]

const daysText = (ms: number): string => {
  const [unitMs, name] = units.find(([one]) => ms % one === 0) ?? [1, 'ms']
  const count = ms / unitMs
  return `${count} ${name}${count === 1 || name === 'ms' ? '' : 's'}`
}
