import { expect, test } from 'vitest'
import { createMemoryObjects } from '../../../sinks/objects/memory/memory-objects.ts'
import { WriteTurns, writeTurnsOf } from '../../../sinks/objects/write-turns.ts'

const mib = 1_048_576
const one = { bytes: 1, isFresh: true }

/** How many objects of these sizes are on their way together at most. */
const mostAtOnce = async (sizes: readonly number[], atOnce: number): Promise<number> => {
  const turns = new WriteTurns()
  let [running, most] = [0, 0]
  const work = async (): Promise<void> => {
    most = Math.max(most, ++running)
    await new Promise(setImmediate)
    running--
  }
  await Promise.all(sizes.map((size) => turns.take({ bytes: size, isFresh: true }, atOnce, work)))
  return most
}

test.each([
  ['small objects as many as are allowed', Array.from({ length: 40 }, () => 1), 16, 16],
  ['large objects as many as fit into memory', Array.from({ length: 9 }, () => 30 * mib), 16, 2],
  ['an object of any size by itself', [200 * mib, 200 * mib, 1], 16, 1],
  ['one at least', [1, 1, 1], 0, 1],
])('%s', async (_, sizes, atOnce, most) => {
  expect(await mostAtOnce(sizes, atOnce)).toBe(most)
})

test('a failure gives its turn to the next', async () => {
  const turns = new WriteTurns()
  const failing = turns.take(one, 1, () => Promise.reject(new Error('no')))
  const next = turns.take(one, 1, async () => 'next')
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('next')
})

test('all archives of a store share its turns', () => {
  const store = createMemoryObjects()
  expect(writeTurnsOf(store)).toBe(writeTurnsOf(store))
  expect(writeTurnsOf(store)).not.toBe(writeTurnsOf(createMemoryObjects()))
})

test.each([1, 4])(
  'D2: what has just come is written before a backlog, which goes on in every fourth turn, %i at once',
  async (atOnce) => {
    const turns = new WriteTurns()
    const begun: string[] = []
    const take = (name: string, isFresh: boolean): Promise<void> =>
      turns.take({ bytes: 1, isFresh }, atOnce, async () => {
        begun.push(name)
        await new Promise(setImmediate)
      })
    const late = Array.from({ length: 12 }, () => take('late', false))
    const fresh = Array.from({ length: 6 }, () => take('fresh', true))
    await Promise.all([...late, ...fresh])
    // Seen red: in order of arrival.
    expect(begun.slice(atOnce, atOnce + 8)).toEqual([
      'fresh',
      'fresh',
      'fresh',
      'late',
      'fresh',
      'fresh',
      'fresh',
      'late',
    ])
  },
)
