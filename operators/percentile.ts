/**
 * The number at a rank, nearest rank, low: the one at place ceil(rank / 100 x n). Nothing is interpolated.
 *
 * Exact while a row holds few distinct numbers, within 1 % and marked `approximate` beyond; see `numbers/quantiles.ts`.
 */
import { type Aggregate, defineAggregate } from '../topology/model/aggregate.ts'
import { errors } from '../topology/model/errors.ts'
import { orStandIn } from '../topology/model/refusal.ts'
import { relativeError } from './numbers/buckets.ts'
import { declaredPath, isNumeric } from './numbers/numeric-aggregate.ts'
import {
  addToQuantiles,
  decodeQuantiles,
  encodeQuantiles,
  mergeQuantiles,
  type Quantiles,
  quantilesSizeBytes,
  quantileValuesMax,
  readRank,
  startQuantiles,
} from './numbers/quantiles.ts'

/**
 * The number at `path` that `rank` percent of the numbers do not exceed; `null` when there is none.
 *
 * `rank` is above 0 and at most 100. Throws `badConfiguration` when it is not, or when `path` is not a path.
 */
export const percentile = (path: string, rank: number): Aggregate<Quantiles> =>
  orStandIn(
    () => percentileOf(path, rank),
    () => percentileOf(path, 50),
  )

const percentileOf = (path: string, rank: number): Aggregate<Quantiles> => {
  if (typeof rank !== 'number' || !(rank > 0 && rank <= 100)) {
    throw errors.badConfiguration({ problem: `percentile: rank ${rank} is not above 0 and at most 100` })
  }
  const rankOf = nearestRank(rank)
  return defineAggregate({
    name: 'percentile',
    doc: `Nearest-rank percentile ${rank}, within ${relativeError * 100} % where it is not exact.`,
    order: 'commutative',
    retraction: 'bounded',
    path: declaredPath('percentile', path),
    options: { rank, relativeError, exactValues: quantileValuesMax },
    columnType: 'double',
    start: startQuantiles,
    add(state, value, weight) {
      if (isNumeric(value)) addToQuantiles(state, value, weight)
      return state
    },
    merge: mergeQuantiles,
    read: (state) => readRank(state, rankOf),
    encode: encodeQuantiles,
    decode: decodeQuantiles,
    sizeBytes: quantilesSizeBytes,
  })
}

/** ceil(rank / 100 x n) in whole numbers: 55 / 100 * 100 is a little above 55 in doubles. */
const nearestRank = (rank: number): ((total: number) => number) => {
  const [digits = '0', exponent = '0'] = rank.toExponential().split('e')
  const [, fraction = ''] = digits.split('.')
  const numerator = BigInt(digits.replace('.', ''))
  // rank / 100 = numerator x 10^-places
  const places = fraction.length - Number(exponent) + 2
  const divisor = 10n ** BigInt(Math.max(places, 0))
  return (total) => Number((numerator * BigInt(total) + divisor - 1n) / divisor)
}
