import { describe, expect, test } from 'vitest'
import {
  type Aggregate,
  average,
  count,
  countUnique,
  first,
  last,
  maximum,
  median,
  minimum,
  percentile,
  rollup,
  selectUnique,
  stddev,
  sum,
} from '../../operators/index.ts'
import { aggregateClauses } from '../../topology/testing/conformance/aggregate.ts'
import { operatorClauses } from '../../topology/testing/conformance/operator.ts'
import {
  aggregateUnderTest,
  honestOperators,
  plantedAggregates,
  plantedOperators,
  underTest,
} from './planted-operators.ts'

const aggregates: readonly Aggregate[] = [
  count(),
  sum('price'),
  average('price'),
  stddev('price'),
  minimum('price'),
  maximum('price'),
  median('price'),
  percentile('price', 95),
  countUnique('price'),
  countUnique('price', { exactValues: 100 }),
  selectUnique('price'),
  first('price'),
  last('price'),
]

describe.each(Object.entries(honestOperators))('%s keeps the contract', (_name, operator) => {
  for (const clause of operatorClauses) test(clause.name, () => clause.run(() => underTest(operator())))
})

describe.each(aggregates)('a rollup of $name keeps the contract', (aggregate) => {
  const operator = rollup({ window: '1 minute', by: ['country'], values: { value: aggregate } })
  for (const clause of operatorClauses) test(clause.name, () => clause.run(() => underTest(operator)))
})

describe.each(aggregates)('$name keeps the contract', (aggregate) => {
  for (const clause of aggregateClauses) test(clause.name, () => clause.run(() => aggregateUnderTest(aggregate)))
})

describe('a planted fault is caught', () => {
  test.each(operatorClauses)('by: $name', async (clause) => {
    await expect(clause.run(() => underTest(plantedOperators[clause.name]!()))).rejects.toThrow()
  })

  test.each(aggregateClauses)('by: $name', async (clause) => {
    await expect(clause.run(() => aggregateUnderTest(plantedAggregates[clause.name]!))).rejects.toThrow()
  })
})
