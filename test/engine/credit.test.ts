/** The byte budget: who may fetch, and which epochs close under pressure (I-6). */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { epochsToClose, isUnderPressure, mayFetch } from '../../topology/engine/credit.ts'

const credit = (heldBytes: number): { budgetBytes: number; heldBytes: number } => ({ budgetBytes: 100, heldBytes })

describe('a fetch', () => {
  test('is made while it fits under the budget', () => {
    expect([mayFetch(credit(90), 10), mayFetch(credit(91), 10)]).toEqual([true, false])
  })
  test('bigger than the budget is made when nothing is held: else nobody would ever read it (I-9)', () => {
    expect([mayFetch(credit(0), 500), mayFetch(credit(1), 500)]).toEqual([true, false])
  })
})

describe('pressure', () => {
  const holders = [
    { id: 'small', openBytes: 5 },
    { id: 'big', openBytes: 60 },
    { id: 'middle', openBytes: 15 },
    { id: 'empty', openBytes: 0 },
  ]
  test('begins at three quarters of the budget', () => {
    expect([isUnderPressure(credit(75)), isUnderPressure(credit(76))]).toEqual([false, true])
    expect(epochsToClose(credit(75), holders)).toEqual([])
  })
  test('closes the biggest first, until the rest fits under half of the budget', () => {
    expect(epochsToClose(credit(80), holders)).toEqual(['big'])
    expect(epochsToClose(credit(180), [...holders, { id: 'huge', openBytes: 100 }])).toEqual(['huge', 'big'])
  })
  test('closes at least one epoch that holds anything, never an empty one', () => {
    expect(epochsToClose(credit(80), [{ id: 'small', openBytes: 5 }])).toEqual(['small'])
    expect(epochsToClose(credit(80), [{ id: 'empty', openBytes: 0 }])).toEqual([])
  })
  test('whatever is held, closing what it says leaves at most half of the budget open', () => {
    const sizes = fc.array(fc.nat(200), { maxLength: 8 })
    fc.assert(
      fc.property(sizes, fc.nat(2_000), (list, held) => {
        const given = list.map((openBytes, index) => ({ id: String(index), openBytes }))
        const state = { budgetBytes: 400, heldBytes: held }
        if (!isUnderPressure(state)) return
        const closed = new Set(epochsToClose(state, given))
        const left = given.filter((one) => !closed.has(one.id)).reduce((sum, one) => sum + one.openBytes, 0)
        expect(left).toBeLessThanOrEqual(200)
      }),
    )
  })
})
