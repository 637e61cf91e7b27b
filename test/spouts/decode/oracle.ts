/** What a record is, said slowly: strict UTF-8, JSON.parse, and every rule by a plain walk. */
import { formatPath } from '../../../topology/model/path.ts'

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The body of a valid event, else `undefined`. */
export const bodyOf = (bytes: Uint8Array): Record<string, unknown> | undefined => {
  try {
    const body: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
    return isObject(body) && isAllowed(body) ? body : undefined
  } catch {
    return undefined
  }
}

const isAllowed = (body: Record<string, unknown>): boolean => {
  if (levelsOf(body) > 1_000 || !hasFiniteNumbers(body)) return false
  if (!Object.hasOwn(body, 'keen')) return true
  const { keen } = body
  const allowed = ['timestamp', 'location', 'uniqueness_token', 'addons']
  return isObject(keen) && Object.keys(keen).every((name) => allowed.includes(name))
}

const levelsOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(levelsOf)) : 0

const hasFiniteNumbers = (value: unknown): boolean => {
  if (typeof value === 'number') return Number.isFinite(value)
  return typeof value !== 'object' || value === null || Object.values(value).every(hasFiniteNumbers)
}

/** The (path, type) pairs of a body of at most 64 levels, sorted. */
export const shapeOfBody = (body: Record<string, unknown>): string[] => {
  const pairs = new Set<string>()
  const members = (object: Record<string, unknown>, prefix: string): void => {
    for (const [name, value] of Object.entries(object)) {
      const isLong = name.length > 255
      const written = `${prefix}${prefix === '' ? '' : '.'}${isLong ? '*' : formatPath([name])}`
      show(value, written, isLong)
    }
  }
  const show = (value: unknown, written: string, isRest: boolean): void => {
    if (!isObject(value)) pairs.add(`${written}: ${typeOf(value, written)}`)
    descend(value, written, isRest)
  }
  const descend = (value: unknown, written: string, isRest: boolean): void => {
    if (Array.isArray(value)) for (const element of value) descend(element, isRest ? written : `${written}[]`, isRest)
    else if (isObject(value) && isRest) for (const one of Object.values(value)) show(one, written, true)
    else if (isObject(value)) members(value, written)
  }
  members(body, '')
  return [...pairs].sort()
}

const typeOf = (value: unknown, written: string): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'string') return written === 'keen.timestamp' ? 'datetime' : 'string'
  return typeof value === 'number' ? 'num' : 'bool'
}
