/** Deletes that are done leave the ledger document, and keep what they mean: for lanes to come and for later deletes. */
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { eventRows, tableRows } from 'spillway/sinks'
import { crashableResources, remove } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { deletesTable } from '../../topology/engine/shell/delete-rows.ts'
import { loadDeleteTexts } from '../../topology/engine/shell/load-delete-texts.ts'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import { offset, partition } from '../../topology/model/position.ts'
import { startRun } from '../../topology/start-run.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'
import { docOf, forget, forgetMany, shop, totalOf } from './single-ids.ts'

const key = { topology: 'shop', spout: 'events', partition: 0 }
const quick = { 'delete.coalesceMs': 0, 'epoch.ageMs': 100, 'ledger.tickMs': 50, 'delete.rewriteMs': 0 }

/** A hundred orders, the first forty of them deleted one by one: as many entries, all done. */
const fortyDeleted = async (): Promise<GivenPorts> => {
  const given = new GivenPorts()
  given.append(orders(0, 100))
  const run = await given.start(shop, { knobs: quick })
  for (let index = 0; index < 40; index++) {
    given.append([forget(index)])
    await given.pass(300)
  }
  given.append(orders(100, 101))
  await given.pass(2_000)
  await given.drive(run.stop())
  return given
}

describe('deletes that are done', () => {
  test('leave the document together, for one row with their texts and final counts', async () => {
    const given = await fortyDeleted()
    const doc = await docOf(given)
    expect(doc.nextDelete).toBe(40)
    expect(doc.deletes.length).toBeLessThan(32)
    expect(doc.archive.reduce((sum, block) => sum + block.records, doc.deletes.length)).toBe(40)
    const { archived } = await loadDeleteTexts(given.resources.rows, key, doc, 100)
    expect(archived.map(({ n, counted }) => [n, counted])).toEqual(archived.map((_, n) => [n, [1]]))
    expect(await totalOf(given)).toBe(61)
  })

  test('are not done again when somebody names the same events, or a filter matches them', async () => {
    const given = await fortyDeleted()
    given.append([...forgetMany(0, 40), remove({ id: 'all of ann', project: 'ann' })])
    await given.run(shop)
    // Of the orders 40 to 100, twenty are ann's: 42, 45 .. 99.
    expect(await totalOf(given)).toBe(41)
    const { deletes } = await docOf(given)
    expect(deletes.at(-1)!.counted.byRecord.filter((events) => events > 0)).toEqual([20])
  })

  test('are dropped by a sink that is added later', async () => {
    const given = await fortyDeleted()
    const more = defineTopology('shop', (t) => {
      const events = t.spout('events', log())
      const by = events.bolt('by', rollup({ window: '1 year', values: { orders: count() } }))
      by.sink('totals', tableRows())
      by.sink('again', tableRows())
      events.sink('store', eventRows())
    })
    await given.run(more)
    const rows = await given.read(more).rows('again')
    expect(rows.reduce((sum, row) => sum + Number(row['orders']), 0)).toBe(61)
  })

  test('are forgotten when the log has dropped everything before them', async () => {
    const given = await fortyDeleted()
    const { archive } = await docOf(given)
    given.log.expire(partition(0), offset(archive[0]!.to))
    await given.run(shop)
    expect((await docOf(given)).archive).toEqual(archive.slice(1))
    expect(await totalOf(given)).toBe(61)
  })
})

describe('a crash', () => {
  test('at any effect of the archiving leaves a list that says the same (I-1, I-3)', async () => {
    for (let effect = 1; ; effect++) {
      const given = await fortyDeleted()
      await listAgain(given)
      const ports = crashableResources(given.resources, { effect, side: effect % 2 === 0 ? 'before' : 'after' })
      const options = { untilCaughtUp: true, clock: given.clock, random: seededRandom(1), knobs: quick }
      const work = async (): Promise<boolean> => {
        await (await startRun(shop, ports, options)).ended
        return false
      }
      const isCrashed = await given.drive(Promise.race([work(), ports.crashed.then(() => true)]))
      given.append([...forgetMany(30, 45), ...orders(101, 102)])
      await given.run(shop, { knobs: quick })
      expect(await totalOf(given), `effect ${effect}`).toBe(57)
      if (!isCrashed) break
    }
  })
})

/** Takes the archive apart: the next run finds forty entries that are done. */
const listAgain = async (given: GivenPorts): Promise<void> => {
  const { rows, ledger } = given.resources
  const doc = await docOf(given)
  const { archived } = await loadDeleteTexts(rows, key, doc, 100)
  const listed = await Promise.all(
    archived.map(async ({ n, isById, records, refused, counted }) => {
      const stored = `entry ${n}`
      await rows.write(deletesTable, [['shop', 'events', 0, stored, JSON.stringify({ records, refused })]], 1)
      const at = records[0]!.offset
      const work = doc.deletes[0]?.work ?? {}
      return {
        n,
        isById,
        stored,
        offsets: [[at, at + 1] as const],
        records: 1,
        cover: {},
        work,
        counted: { sink: 'totals', byRecord: counted },
      }
    }),
  )
  const deletes = [...listed, ...doc.deletes]
  await ledger.compareAndSet(key, doc.ver, { ...doc, ver: doc.ver + 1, deletes, archive: [], scannedTo: 0 })
}

const without = (rows: RowStore): RowStore => ({
  name: rows.name,
  ensureTable: (table) => rows.ensureTable(table),
  write: (table, written, stamps) => rows.write(table, written, stamps),
  read: async (table, keys) => (table.name === deletesTable.name ? keys.map(() => undefined) : rows.read(table, keys)),
  scan: (table, range) => rows.scan(table, range),
  close: () => rows.close(),
})

test('rows that have lost what a delete says stop the run, for nobody knows what to leave out', async () => {
  const given = new GivenPorts()
  given.append([...orders(0, 5), forget(1)])
  await given.run(shop)
  given.resources = { ...given.resources, rows: without(given.resources.rows) }
  await expect(given.run(shop)).rejects.toMatchObject({ code: 'SPW-0309', errorClass: 'stop' })
})

test('a sink that lapsed while it was retired may not return', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 5))
  await given.run(shop)
  const doc = await docOf(given)
  const sinks = { ...doc.sinks, totals: { ...doc.sinks['totals']!, retired: true, lapsed: true } }
  await given.resources.ledger.compareAndSet(key, doc.ver, { ...doc, ver: doc.ver + 1, sinks })
  await expect(given.run(shop)).rejects.toMatchObject({ code: 'SPW-0405', errorClass: 'stop' })
})
