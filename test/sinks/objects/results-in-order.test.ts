import { expect, test } from 'vitest'
import { resultsInOrder } from '../../../sinks/objects/results-in-order.ts'

const turn = (): Promise<void> => new Promise(setImmediate)

/** Works that end in the reverse of their order, as far as they run together. */
const reversed = (
  failing = -1,
): { work: (item: number) => Promise<number>; most: () => number; running: () => number } => {
  let [running, most] = [0, 0]
  const work = async (item: number): Promise<number> => {
    running++
    most = Math.max(most, running)
    for (let turns = 0; turns < 10 - (item % 4); turns++) await turn()
    running--
    if (item === failing) throw new Error(`item ${item}`)
    return item
  }
  return { work, most: () => most, running: () => running }
}

const items = Array.from({ length: 50 }, (_, index) => index)

test('results come in the order of the items, several being worked on at once', async () => {
  const { work, most } = reversed()
  expect(await Array.fromAsync(resultsInOrder(items, () => 4, work))).toEqual(items)
  expect(most()).toBe(4)
})

test('a failure comes when its turn has come, and nothing runs on behind it', async () => {
  const { work, running } = reversed(17)
  const taken: number[] = []
  const take = async (): Promise<void> => {
    for await (const result of resultsInOrder(items, () => 4, work)) taken.push(result)
  }
  await expect(take()).rejects.toThrow('item 17')
  expect([taken, running()]).toEqual([items.slice(0, 17), 0])
})

test('who stops taking waits for what runs', async () => {
  const { work, running } = reversed()
  for await (const result of resultsInOrder(items, () => 4, work)) if (result === 5) break
  expect(running()).toBe(0)
})
