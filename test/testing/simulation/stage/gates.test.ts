/** Where calls wait until the schedule lets them go on. */
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../../topology/testing/seeded-random.ts'
import { Gates } from '../../../../topology/testing/simulation/stage/gates.ts'
import { Party } from '../../../../topology/testing/simulation/stage/party.ts'

const turn = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))

describe('gates', () => {
  test('let one call go on at a time, of those that may move', async () => {
    const [gates, live, frozen] = [new Gates(), new Party('live'), new Party('frozen')]
    const passed: string[] = []
    for (const party of [live, frozen]) {
      gates.admit(party)
      for (const call of ['a', 'b']) void party.pass().then(() => passed.push(`${party.name} ${call}`))
    }
    frozen.isFrozen = true
    const random = seededRandom(1)
    expect(gates.openOne(random)).toBe(true)
    await turn()
    expect(passed).toHaveLength(1)
    expect(gates.openOne(random)).toBe(true)
    expect(gates.openOne(random)).toBe(false)
    await turn()
    expect(passed.sort()).toEqual(['live a', 'live b'])
    frozen.isFrozen = false
    expect(gates.openOne(random)).toBe(true)
  })

  test('never let go on what has died', async () => {
    const [gates, party] = [new Gates(), new Party('dead')]
    gates.admit(party)
    let hasPassed = false
    void party.pass().then(() => {
      hasPassed = true
    })
    party.isGone = true
    gates.forget(party)
    party.ahead = 5
    void party.pass().then(() => {
      hasPassed = true
    })
    expect(gates.openOne(seededRandom(1))).toBe(false)
    await turn()
    expect(hasPassed).toBe(false)
  })

  test('open those of the quick more often than those of the slow', () => {
    const [gates, quick, slow] = [new Gates(), new Party('quick', 1), new Party('slow', 0.1)]
    for (const party of [quick, slow]) {
      gates.admit(party)
      for (let call = 0; call < 500; call++) void party.pass()
    }
    const random = seededRandom(7)
    for (let step = 0; step < 100; step++) gates.openOne(random)
    expect(500 - quick.waiting.length).toBeGreaterThan(3 * (500 - slow.waiting.length))
  })

  test('are passed at once by who runs ahead', async () => {
    const party = new Party('ahead')
    party.ahead = 2
    let passed = 0
    for (let call = 0; call < 3; call++) void party.pass().then(() => passed++)
    await turn()
    expect([passed, party.waiting.length]).toEqual([2, 1])
  })
})
