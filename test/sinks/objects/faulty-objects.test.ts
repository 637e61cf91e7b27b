import { expect, test } from 'vitest'
import { createMemoryObjects } from '../../../sinks/objects/memory/memory-objects.ts'
import { verifyObjects } from '../../../sinks/objects/verify-objects.ts'
import { createMemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import type { Random } from '../../../topology/model/ports/random.ts'
import { createFaultyObjectStore } from '../../../topology/testing/faults/faulty-object-store.ts'
import { createFaultyRowStore } from '../../../topology/testing/faults/faulty-row-store.ts'
import { apply, archiveOn, epochOf, numbersOf, retracting } from './given-objects.ts'

const randomFrom = (seed: number): Random => {
  let state = seed
  return {
    next: () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state / 2 ** 32
    },
  }
}

/** Calls again after every failure that may pass, as the engine does. */
const persistently = async <Answer>(run: () => Promise<Answer>): Promise<Answer> => {
  for (;;) {
    try {
      return await run()
    } catch (error) {
      expect(error).toMatchObject({ errorClass: 'retry' })
    }
  }
}

test('stores that fail, lose replies and act late lose no event and double none', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const [store, kept, random] = [createMemoryObjects(), createMemoryRows(), randomFrom(seed)]
    const chances = { before: 0.15, after: 0.15, late: 0.15, slow: 0.2 }
    const objects = createFaultyObjectStore({ store, random, chances })
    const rows = createFaultyRowStore({ store: kept, random, chances })
    const faulty = await persistently(() => archiveOn({ objects, rows }))
    const list = Array.from({ length: 30 }, (_, offset) => ({ offset, collection: `c${offset % 3}` }))
    const declared = epochOf(0, 30, { partBytes: 700 })
    await apply(faulty, list, declared, {}, persistently)
    const gone = list.filter(({ offset }) => offset % 4 === 1)
    await apply(faulty, gone, retracting(declared), {}, persistently)
    await objects.deliver()
    await apply(faulty, list, declared, {}, persistently)
    await rows.deliver()
    const left = list.filter(({ offset }) => offset % 4 !== 1).map(({ offset }) => offset)
    expect((await numbersOf(store)).toSorted((one, other) => one - other)).toEqual(left)
    expect(await verifyObjects({ rows: kept, objects: store, topology: 'demo' })).toMatchObject({ problems: [] })
  }
})
