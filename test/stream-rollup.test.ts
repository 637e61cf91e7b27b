/** Answers made in a thread of their own: the same bytes, at the consumer's pace, and an end for what has none. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { count, rollup, sum } from '../operators/index.ts'
import { chunkBytes } from '../operators/query/write-answer.ts'
import { createMemoryRows } from '../sinks/rows/memory/memory-rows.ts'
import { readRollup } from '../sinks/rows/read-rollup.ts'
import { openSqliteRows } from '../sinks/rows/sqlite/sqlite-rows.ts'
import { systemClock } from '../topology/engine/shell/system-clock.ts'
import { errors } from '../topology/model/errors.ts'
import type { StateOperator } from '../topology/model/operator.ts'
import type { Clock } from '../topology/model/ports/clock.ts'
import type { RowStore } from '../topology/model/ports/row-store.ts'
import type { Topology } from '../topology/model/topology.ts'
import { type RollupStreamQuery, streamRollup } from '../topology/stream-rollup.ts'
import { createWorld } from './cli/cli-world.ts'
import { fill, type Order } from './sinks/rows/given-orders.ts'

const operator = rollup({
  window: '1 minute',
  by: ['country'],
  values: { orders: count(), revenue: sum('price') },
})
const startMs = Date.parse('2026-01-31T09:00:00Z')
const orders = Array.from(
  { length: 600 },
  (_, i): Order => ({
    at: new Date(startMs + (i % 97) * 60_000).toISOString(),
    country: `c${i % 13}`,
    price: i,
  }),
)
const query = { sink: 'revenue', operator, nowMs: startMs, groupBy: ['country'], interval: 'minutely' } as const
const memory = createMemoryRows()
const folder = mkdtempSync(join(tmpdir(), 'spillway-stream-'))
const path = join(folder, 'rows.db')

beforeAll(async () => {
  await fill(memory, 'revenue', operator, [orders.slice(0, 300), orders.slice(300)])
  const rows = await openSqliteRows({ path })
  await fill(rows, 'revenue', operator, [orders.slice(0, 300), orders.slice(300)])
  await rows.close()
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const textOf = async (asked: RollupStreamQuery): Promise<string> => {
  let text = ''
  for await (const chunk of streamRollup(asked)) text += Buffer.from(chunk).toString()
  return text
}

describe('an answer made in a thread', () => {
  test('has the bytes of the one that is made here, from rows by URL and from an open store', async () => {
    const expected = JSON.stringify(await readRollup({ ...query, rows: memory }))
    expect(await textOf({ ...query, rows: `sqlite:${path}` })).toBe(expected)
    expect(await textOf({ ...query, rows: memory })).toBe(expected)
  })

  test('refuses as the one that is made here', async () => {
    await expect(textOf({ ...query, rows: memory, groupBy: ['color'] })).rejects.toMatchObject({
      code: 'SPW-0501',
      message: expect.stringContaining('its groups are country'),
    })
    const failing: RowStore = {
      ...memory,
      scan: async function* () {
        yield []
        throw errors.storeUnavailable({ store: 'rows', reason: 'gone' })
      },
    }
    await expect(textOf({ ...query, rows: failing })).rejects.toMatchObject({ code: 'SPW-0302', errorClass: 'retry' })
  })

  test('ends after a whole interval when its time is over, and says so', async () => {
    const { result, cut } = JSON.parse(await textOf({ ...query, rows: memory, budgetMs: -1 }))
    expect(cut).toEqual({ reason: 'budget', unit: 'intervals', written: 1, of: 97 })
    const whole: unknown = JSON.parse(JSON.stringify((await readRollup({ ...query, rows: memory })).result))
    expect(result).toEqual(Object(whole).slice(0, 1))
  })

  test('is refused in place of being cut where the query is strict', async () => {
    const cut = textOf({ ...query, rows: memory, budgetMs: -1, isStrict: true })
    await expect(cut).rejects.toMatchObject({ code: 'SPW-0508', message: expect.stringContaining('1 of 97 intervals') })
  })
})

test('C17: however fast a large answer comes, everything else has its turn after each chunk', async () => {
  const timeframe = `2026-01-31T09:00/${new Date(startMs + 2_500 * 60_000).toISOString()}`
  let turn = 0
  let isOver = false
  const others = async (): Promise<void> => {
    for (; !isOver; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  const elsewhere = others()
  const bytesByTurn = new Map<number, number>()
  for await (const chunk of streamRollup({ ...query, rows: `sqlite:${path}`, timeframe })) {
    bytesByTurn.set(turn, (bytesByTurn.get(turn) ?? 0) + chunk.length)
    // A slow consumer: the thread is ahead, and chunks wait.
    if (turn % 2 === 0) await systemClock.sleep(5)
  }
  isOver = true
  await elsewhere
  const all = [...bytesByTurn.values()]
  expect(all.length).toBeGreaterThan(10)
  expect(Math.max(...all)).toBeLessThanOrEqual(2 * chunkBytes)
})

/** A module with a rollup whose aggregate never comes back from one of its functions. */
const turning = (endless: string): string => `import { writeFileSync } from 'node:fs'
import { defineAggregate, defineTopology, log } from 'spillway'
import { rollup } from 'spillway/operators'
import { tableRows } from 'spillway/sinks'
const cell = new Int32Array(new SharedArrayBuffer(4))
const turn = () => {
  for (let turns = 0; ; turns++) {
    writeFileSync(new URL('turns', import.meta.url), String(turns))
    Atomics.wait(cell, 0, 0, 2)
  }
}
const turning = () => defineAggregate<number>({
  name: 'turning', doc: 'Turns.', order: 'commutative', retraction: 'exact', path: ['price'], options: {},
  columnType: 'integer', start: () => 0, add: (sum) => sum + 1, merge: (left, right) => left + right,
  read: (sum) => ({ value: sum, approximate: false }), encode: (sum) => sum, decode: Number, sizeBytes: () => 8,
  ${endless}
})
export default defineTopology('turns', (t) => {
  t.spout('events', log()).bolt('turn', rollup({ window: '1 minute', values: { n: turning() } })).sink('turns', tableRows())
})
`

describe('C4: an answer that would take for ever', () => {
  test.each(['read', 'decode'])('in %s of an aggregate is given up, and its thread is ended', async (where) => {
    const world = createWorld()
    const healthy = join(world.folder, world.write('healthy.mts', turning('')))
    const file = join(world.folder, world.write('endless.mts', turning(`${where}: turn,`)))
    const operator = operatorOf(await import(pathToFileURL(healthy).href))
    const rows = createMemoryRows()
    await fill(rows, 'turns', operator, [orders])
    const { store, clock } = sleepingUntilRead(rows)
    const answer = textOf({ sink: 'turns', operator, file, rows: store, nowMs: 0, budgetMs: 10, clock })
    await expect(answer).rejects.toMatchObject({ code: 'SPW-0508', message: expect.stringContaining('than 10 ms') })
    const turns = (): string => readFileSync(join(world.folder, 'turns'), 'utf8')
    const last = turns()
    await systemClock.sleep(50)
    expect(turns()).toBe(last)
  })
})

const operatorOf = (module: { readonly default: Topology }): StateOperator => {
  const [bolt] = module.default.bolts
  return bolt?.operator as StateOperator // the only bolt is a rollup
}

/** Time stands still until the first rows have been handed over; then each sleep is a short one. */
const sleepingUntilRead = (rows: RowStore): { readonly store: RowStore; readonly clock: Clock } => {
  let wake = (): void => {}
  const read = new Promise<void>((resolve) => {
    wake = resolve
  })
  const store: RowStore = {
    ...rows,
    scan: async function* (table, range) {
      for await (const page of rows.scan(table, range)) {
        wake()
        yield page
      }
    },
  }
  const sleep: Clock['sleep'] = async (_ms, signal) => {
    await Promise.race([read, aborted(signal)])
    await systemClock.sleep(100, signal)
  }
  return { store, clock: { nowMs: systemClock.nowMs, sleep } }
}

const aborted = (signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal?.addEventListener('abort', () => resolve()))

test('an answer that is not wanted any more is given up with the reason', async () => {
  const stop = new AbortController()
  const text = textOf({ ...query, rows: stoppedAtFirstScan(stop), signal: stop.signal })
  await expect(text).rejects.toThrow('enough')
  await expect(textOf({ ...query, rows: memory, signal: stop.signal })).rejects.toThrow('enough')
})

const stoppedAtFirstScan = (stop: AbortController): RowStore => ({
  ...memory,
  async *scan(table, range) {
    stop.abort(new Error('enough'))
    yield* memory.scan(table, range)
  },
})
