import { expect, test } from 'vitest'
import { RejectTally } from '../../topology/observe/reject-tally.ts'

const letter = (message: string, cause = 'BoltError', tenant: string | null = 'acme') =>
  ({ kind: 'deadLetter', fields: { cause, message, tenant } }) as const

test('B5: rejects are counted by operator, cause and tenant', () => {
  const tally = new RejectTally()
  tally.note(letter('bolt purchases: no price'))
  tally.note(letter('bolt purchases: no country'))
  tally.note(letter('sink mail: no address'))
  tally.note(letter('no JSON object', 'InvalidEventError', null))
  tally.note({ kind: 'checkpoint', fields: {} })
  expect(tally.counts()).toEqual([
    { operator: 'purchases', cause: 'BoltError', tenant: 'acme', count: 2 },
    { operator: 'mail', cause: 'BoltError', tenant: 'acme', count: 1 },
    { operator: 'decode', cause: 'InvalidEventError', tenant: '', count: 1 },
  ])
})

test('kinds are bounded, and none is lost', () => {
  const tally = new RejectTally()
  for (let index = 0; index < 1_000; index++) tally.note(letter('bolt b: x', 'BoltError', `t${index}`))
  expect(tally.counts()).toHaveLength(201)
  expect(tally.counts().reduce((sum, { count }) => sum + count, 0)).toBe(1_000)
})
