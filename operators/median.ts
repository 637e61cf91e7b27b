/** The median: percentile 50, nearest rank, low, so that the median of 10 and 20 is 10. */
import { type Aggregate, defineAggregate } from '../topology/model/aggregate.ts'
import { declaredPath } from './numbers/numeric-aggregate.ts'
import type { Quantiles } from './numbers/quantiles.ts'
import { percentile } from './percentile.ts'

/** Median of the numbers at `path`; `null` when there are none. Throws `badConfiguration` when `path` is not a path. */
export const median = (path: string): Aggregate<Quantiles> =>
  defineAggregate({
    ...percentile(path, 50),
    name: 'median',
    doc: 'Nearest-rank median.',
    path: declaredPath('median', path),
  })
