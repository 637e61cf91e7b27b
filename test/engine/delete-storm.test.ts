/** Ten thousand deletes an hour beside events: the ledger document, and what is held to match them, stay small (I-6). */
import { expect, test } from 'vitest'
import { GivenPorts } from './given-ports.ts'
import { order } from './orders.ts'
import { docOf, forget, shop, totalOf } from './single-ids.ts'

// Twelve minutes of ten orders and three deletes a second; each delete names an order of about a minute ago.
const rounds = 720
const [ordersPerRound, deletesPerRound] = [10, 3]

test('thousands of deletes by id beside events keep document and matcher small, and no lane stands still', async () => {
  const given = new GivenPorts()
  const run = await given.start(shop)
  const [runner] = run.engine.partitions
  const seen = { document: 0, entries: 0, blocks: 0, texts: 0, lag: 0 }
  const places: number[] = []
  let [index, deleted, at] = [0, 0, 0]
  for (let round = 0; round < rounds; round++) {
    for (let one = 0; one < ordersPerRound; one++) {
      given.append([order(index++)])
      places.push(at++)
    }
    for (let one = 0; one < deletesPerRound && round > 60; one++) {
      given.append([forget(deleted, places[deleted])])
      deleted += 1
      at += 1
    }
    await given.pass(1_000)
    const { doc } = runner!
    seen.document = Math.max(seen.document, JSON.stringify(doc).length)
    seen.entries = Math.max(seen.entries, doc.deletes.length)
    seen.blocks = Math.max(seen.blocks, doc.archive.length)
    seen.texts = Math.max(seen.texts, runner!.deleteBytes)
    if (round > 5) seen.lag = Math.max(seen.lag, at - Math.min(...Object.values(doc.lanes).map((lane) => lane.at)))
  }
  await given.pass(5_000)
  await given.drive(run.stop())
  const doc = await docOf(given)
  expect(deleted).toBeGreaterThan(1_900)
  expect(await totalOf(given)).toBe(index - deleted)
  expect(doc.nextDelete).toBeGreaterThan(200)
  expect(seen.document).toBeLessThan(40_000)
  expect(seen.entries).toBeLessThan(100)
  expect(seen.blocks).toBeLessThan(16)
  expect(seen.texts).toBeLessThan(4_000_000)
  expect(seen.lag).toBeLessThan(100)
})
