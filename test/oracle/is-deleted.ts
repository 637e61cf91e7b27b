/**
 * Which events a delete request matches, said once more in the slowest and most obvious way (DOMAIN sections 5 and 6).
 *
 * Nothing here shares code with the engine, the decoder or the delete matcher.
 */
import type { TrueDelete, TrueEvent } from './read-whole-log.ts'

type Plain = Readonly<Record<string, unknown>>

/** An event is deleted by every matching request that stands later in its partition. */
export const isDeletedBy = ({ partition, offset, request }: TrueDelete, event: TrueEvent): boolean => {
  if (partition !== event.partition || offset <= event.offset) return false
  if ((request['project'] ?? 'default') !== event.project) return false
  if (request['collection'] !== undefined && request['collection'] !== event.collection) return false
  const timeframe = request['timeframe'] as Plain | undefined // as the tests write them
  if (timeframe !== undefined) {
    const [startMs, endMs] = [Date.parse(String(timeframe['start'])), Date.parse(String(timeframe['end']))]
    if (event.timeMs < startMs || event.timeMs >= endMs) return false
  }
  const filters = (request['filters'] ?? []) as readonly Plain[] // as the tests write them
  return filters.every((filter) => passes(filter, event))
}

const passes = (filter: Plain, event: TrueEvent): boolean => {
  const [name, wanted] = [String(filter['property_name']), filter['property_value']]
  if (name === 'keen.id') {
    const ids: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted]
    return ids.includes(trueId(event))
  }
  const value = name.split('.').reduce<unknown>((at, part) => memberOf(at, part), event.body)
  switch (filter['operator']) {
    case 'eq':
      return isEqual(value, wanted)
    case 'ne':
      return !isEqual(value, wanted)
    case 'in':
      return (wanted as readonly unknown[]).some((one) => isEqual(value, one)) // as the tests write them
    case 'exists':
      return (value !== undefined) === wanted
    case 'contains':
      if (typeof value === 'string') return value.includes(String(wanted))
      return Array.isArray(value) && value.includes(wanted)
    case 'lt':
      return order(value, wanted) < 0
    case 'lte':
      return order(value, wanted) <= 0
    case 'gt':
      return order(value, wanted) > 0
    case 'gte':
      return order(value, wanted) >= 0
    default:
      throw new RangeError(`the oracle knows no operator ${String(filter['operator'])}`)
  }
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? (value as Plain)[name] // an object by the line above
    : undefined

const isEqual = (value: unknown, wanted: unknown): boolean =>
  Array.isArray(value) ? value.includes(wanted) : value === wanted

/** Below, at or above zero as the value is below, at or above the wanted one; not a number where they do not compare. */
const order = (value: unknown, wanted: unknown): number => {
  if (typeof value === 'number' && typeof wanted === 'number') return value - wanted
  if (typeof value !== 'string' || typeof wanted !== 'string') return Number.NaN
  return value < wanted ? -1 : value > wanted ? 1 : 0
}

/** The id of an event, put together digit by digit (DOMAIN section 1). */
export const trueId = ({ timeMs, partition, offset }: TrueEvent): string => {
  const bits =
    (BigInt(timeMs + 2 ** 47) << 80n) |
    (8n << 76n) |
    (BigInt(partition >>> 10) << 64n) |
    (2n << 62n) |
    (BigInt(partition & 1_023) << 52n) |
    BigInt(offset)
  const digits = bits.toString(16).padStart(32, '0')
  return [8, 12, 16, 20, 32].map((end, index) => digits.slice([0, 8, 12, 16, 20][index], end)).join('-')
}
