/**
 * Checks the options of `log()`: unknown names, wrong types, paths that are none, constants that break a rule.
 *
 * One check per option; the compiler refuses a new option without one.
 */
import { parseTime } from '../model/event-time.ts'
import { collectionNameProblem, projectNameProblem } from '../model/names.ts'
import { didYouMean } from '../model/nearest-name.ts'
import { parsePath } from '../model/path.ts'
import { parseDuration } from '../model/quantity.ts'
import { hasCredentials } from '../model/shown-url.ts'
import type { LogOptions, SpoutNode } from '../model/topology.ts'
import { locationOf } from './node-location.ts'
import { type Problem, problem } from './problem.ts'

/** What is wrong with a value, and what to write. */
type Finding = readonly [text: string, suggestion?: string | undefined]
type Check = (value: unknown) => Finding | undefined

export const validateLogOptions = (spout: SpoutNode): readonly Problem[] => {
  const at = locationOf(spout)
  const found: Problem[] = []
  for (const [name, value] of Object.entries(spout.options)) {
    if (!isOption(name)) {
      const text = `spout ${spout.name}: log() has no option ${JSON.stringify(name)}`
      found.push(problem(text, didYouMean(name, Object.keys(checks)), at))
      continue
    }
    const finding = value === undefined ? undefined : checks[name](value)
    if (finding !== undefined) found.push(problem(`spout ${spout.name}: ${name} ${finding[0]}`, finding[1], at))
  }
  for (const [text, suggestion] of formatFindings(spout.options))
    found.push(problem(`spout ${spout.name}: ${text}`, suggestion, at))
  if (spout.options.project !== undefined && spout.options.tenant !== undefined) {
    found.push(problem(`spout ${spout.name}: project and tenant are two names of one option`, 'keep one', at))
  }
  return found
}

/** Options that only make sense together. */
const formatFindings = ({ format, schemas, registry }: LogOptions): readonly Finding[] => {
  const places = [schemas, registry].filter((place) => place !== undefined).length
  if (format !== undefined && format !== 'json' && format !== 'avro') return []
  if (format !== 'avro')
    return places === 0 ? [] : [['schemas and registry are for records in Avro', 'add format: "avro"']]
  if (places === 1) return []
  const advice = 'write schemas: "FOLDER" for single-object encoding, registry: "URL" for the Confluent wire format'
  return [[places === 0 ? 'format "avro" needs schemas' : 'schemas and registry are two formats', advice]]
}

const isText = (value: unknown): value is string => typeof value === 'string'

const path: Check = (value) => {
  if (!isText(value)) return ['is a path, written as a text', 'write "user.id"']
  if (parsePath(value) !== undefined) return undefined
  return [
    `${JSON.stringify(value)} is not a path`,
    'join names by dots; a name with a dot in it is a JSON string: a."b.c"',
  ]
}

const sourceForms = 'a constant, { header: "name" }, { key: true } or { path: "a.b" }'

const source =
  (constantProblem: (name: string) => string | undefined): Check =>
  (value) => {
    if (isText(value)) {
      const reason = constantProblem(value)
      return reason === undefined ? undefined : [`${JSON.stringify(value)} ${reason}`]
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`is ${sourceForms}`]
    const members: readonly (readonly [string, unknown])[] = Object.entries(value)
    const [first] = members
    if (first === undefined || members.length > 1) return [`is ${sourceForms}, one of them`]
    const [kind, of] = first
    if (kind === 'header') return isText(of) && of !== '' ? undefined : ['needs the name of a header']
    if (kind === 'key') return of === true ? undefined : ['has the record key as { key: true }']
    if (kind === 'path') return path(of)
    return [`cannot come from ${JSON.stringify(kind)}`, didYouMean(kind, ['header', 'key', 'path'])]
  }

const oneOf =
  (...known: readonly string[]): Check =>
  (value) => {
    if (isText(value) && known.includes(value)) return undefined
    return [`is ${known.map((one) => JSON.stringify(one)).join(' or ')}, not ${JSON.stringify(value)}`]
  }

const time: Check = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return path(value)
  const { path: at, unit, ...rest }: { path?: unknown; unit?: unknown } = value
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) return [`has no ${JSON.stringify(unknown)}`, didYouMean(unknown, ['path', 'unit'])]
  if (unit !== undefined && unit !== 'ms' && unit !== 's')
    return [`has the unit "ms" or "s", not ${JSON.stringify(unit)}`]
  return path(at)
}

const latenessMaxMs = 31_536_000_000

const lateness: Check = (value) => {
  const limitMs = isText(value) || typeof value === 'number' ? parseDuration(value) : 'is no duration'
  if (typeof limitMs === 'string') return [limitMs, 'write "7 days"']
  if (limitMs > 0 && limitMs <= latenessMaxMs) return undefined
  return [`${JSON.stringify(value)} is not within 1 ms to 365 days`, 'leave it out for no limit']
}

const from: Check = (value) => {
  if (value === 'earliest' || value === 'latest') return undefined
  if (isText(value) && parseTime(value) !== undefined) return undefined
  const advice = isText(value) && !/^\d/.test(value) ? didYouMean(value, ['earliest', 'latest']) : undefined
  return [`is "earliest", "latest" or an ISO 8601 time, not ${JSON.stringify(value)}`, advice]
}

const datetimes: Check = (value) => {
  if (!Array.isArray(value)) return ['is a list of paths', 'write ["ordered_at"]']
  for (const one of value) {
    const finding = path(one)
    if (finding !== undefined) return finding
  }
  return undefined
}

const logUrl: Check = (value) => {
  if (!isText(value) || value === '') return ['is the URL or the name of a log']
  // Options are shown, and kept for readers.
  if (hasCredentials(value)) return ['has a user or a password in it', 'secrets stand in the environment']
  return undefined
}

const registryUrl: Check = (value) => {
  if (!isText(value) || !/^https?:\/\/[^/?#]+(?:\/[^?#]*)?$/.test(value) || !URL.canParse(value))
    return ['is the URL of a schema registry', 'write "http://localhost:8081"']
  // Options are shown, and kept for readers.
  if (!hasCredentials(value)) return undefined
  return ['has a user or a password in it', 'set SCHEMA_REGISTRY_USERNAME and SCHEMA_REGISTRY_PASSWORD']
}

const checks: Readonly<Record<keyof LogOptions, Check>> = {
  log: logUrl,
  project: source(projectNameProblem),
  tenant: source(projectNameProblem),
  collection: source(collectionNameProblem),
  time,
  lateness,
  clientId: path,
  from,
  tombstones: oneOf('delete', 'ignore'),
  format: oneOf('json', 'avro'),
  schemas: (value) => (isText(value) && value !== '' ? undefined : ['is the path of a folder of .avsc files']),
  registry: registryUrl,
  limits: oneOf('keen'),
  datetimes,
}

const isOption = (name: string): name is keyof LogOptions => Object.hasOwn(checks, name)
