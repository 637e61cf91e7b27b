/** What may befall the processes of a history, and what they do when they wake. */
import { describe, expect, test } from 'vitest'
import { playHistory } from '../../../../topology/testing/simulation/history.ts'
import { Trace, type TraceEntry } from '../../../../topology/testing/simulation/trace.ts'
import { ordersScenario } from '../../../simulation/orders-scenario.ts'

const entriesOf = async (seed: number, isShared: boolean): Promise<readonly TraceEntry[]> => {
  const trace = new Trace()
  const { violation } = await playHistory({
    seed,
    draw: ordersScenario({ size: 6, partitions: isShared ? 2 : 1, isShared }),
    trace,
  })
  expect(violation, `seed ${seed}`).toBeUndefined()
  return trace.entries
}

/** The first seed in whose history something is found. */
const firstWith = async <Found>(
  find: (entries: readonly TraceEntry[]) => Found | undefined,
  isShared = false,
): Promise<Found | undefined> => {
  for (let seed = 1; seed <= 60; seed++) {
    const found = find(await entriesOf(seed, isShared))
    if (found !== undefined) return found
  }
  return undefined
}

describe('a process of a history', () => {
  test('does nothing while it stands still, and goes on as a zombie when it wakes', async () => {
    const zombie = await firstWith((entries) => {
      const frozen = entries.findIndex(({ kind }) => kind === 'freeze')
      if (frozen < 0) return undefined
      const { who } = entries[frozen]!
      const rest = entries.slice(frozen + 1)
      const woken = rest.findIndex((entry) => entry.who === who && entry.what === 'wakes')
      const later = rest.slice(woken + 1).filter((entry) => entry.who === who && entry.kind !== 'freeze')
      if (woken < 0 || later.every(({ kind }) => kind !== 'decision')) return undefined
      // It may be killed, jump or be frozen once more; nothing of its own doing.
      return rest
        .slice(0, woken)
        .filter((entry) => entry.who === who && (entry.kind === 'call' || /declares|commits/.test(entry.what)))
    })
    expect(zombie).toEqual([])
  }, 30_000)

  test('is expelled from its group when it stands still for too long, and comes back', async () => {
    const found = await firstWith((entries) => {
      const expelled = entries.find(({ what }) => what === 'is expelled from its group')
      return entries.find(({ who, what }) => who === expelled?.who && what === 'is back in its group')
    }, true)
    expect(found).toBeDefined()
  }, 30_000)

  test('may begin with a clock that is off', async () => {
    const found = await firstWith((entries) => entries.find(({ what }) => /begins, its clock -?\d+ ms off/.test(what)))
    expect(found).toBeDefined()
  }, 30_000)
})
