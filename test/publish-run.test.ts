/** What a run tells beside the rows, and how seldom it asks whether its row is still its own. */
import { createMemoryRows, createVirtualClock } from 'spillway/testing'
import { expect, test } from 'vitest'
import { readRunPositions, runPositionsTable, writeRunPositions } from '../sinks/rows/run-positions.ts'
import type { RowStore } from '../topology/model/ports/row-store.ts'
import { type PublishedRun, publishRun } from '../topology/publish-run.ts'
import { drive } from '../topology/testing/drive.ts'

class GivenPublished {
  readonly clock = createVirtualClock()
  readonly memory = createMemoryRows()
  /** Under which names the process was told, each once. */
  readonly names: string[] = []
  reads = 0
  /** Reads fail, writes do not. */
  isBlind = false

  async begin(process: string): Promise<void> {
    await this.memory.ensureTable(runPositionsTable)
    const { memory } = this
    const read: RowStore['read'] = (table, keys) => {
      this.reads += 1
      return this.isBlind ? Promise.reject(new Error('no reply')) : memory.read(table, keys)
    }
    const scan: RowStore['scan'] = (table, range) => {
      if (this.isBlind) throw new Error('no reply')
      return memory.scan(table, range)
    }
    const rows = { ...memory, read, scan }
    const run = {
      status: () => ({ topology: 'shop', lanes: [], waitingFor: [] }),
      ended: new Promise(() => undefined),
      snapshot: () => undefined,
    } as unknown as PublishedRun // what is read of it
    void publishRun(run, rows, { host: 'host', process }, this.clock, (name) => {
      if (this.names.at(-1) !== name) this.names.push(name)
    })
  }

  /** Somebody else writes that row. */
  async take(name: string, process: string): Promise<void> {
    const told = { process, lanes: [], waitingFor: [], nowMs: this.clock.nowMs() + 1 }
    await writeRunPositions(this.memory, 'shop', name, told)
  }

  pass(ms: number): Promise<void> {
    return drive(this.clock, this.clock.sleep(ms))
  }
}

test('a process tells every second, and after its first seconds hardly asks whose its row is', async () => {
  const given = new GivenPublished()
  await given.begin('a')
  await given.pass(6_500)
  given.reads = 0
  for (let second = 0; second < 30; second++) {
    await given.pass(1_000)
    const { toldAtMs = 0 } = await readRunPositions(given.memory, 'shop', given.clock.nowMs())
    expect(given.clock.nowMs() - toldAtMs).toBeLessThanOrEqual(1_000)
  }
  expect(given.reads).toBeLessThanOrEqual(4)
  expect(given.names).toEqual(['host#1'])
})

test('two that took one row at once part within a second; one whose row is taken later does so within ten', async () => {
  const given = new GivenPublished()
  await given.begin('a')
  await given.pass(500)
  await given.take('host#1', 'b')
  await given.pass(1_000)
  expect(given.names).toEqual(['host#1', 'host#2'])
  await given.pass(20_300)
  // It publishes over it at first: whoever has taken it goes on as well.
  for (let second = 0; second < 11; second++) {
    await given.pass(1_000)
    await given.take('host#2', 'c')
  }
  await given.pass(1_000)
  // Of the first row nobody has heard for long.
  expect(given.names).toEqual(['host#1', 'host#2', 'host#1'])
})

test('who cannot see whose a row is writes none', async () => {
  const given = new GivenPublished()
  given.isBlind = true
  await given.begin('a')
  await given.pass(3_000)
  expect((await readRunPositions(given.memory, 'shop', given.clock.nowMs())).processes).toBe(0)
  given.isBlind = false
  await given.pass(10_000)
  given.isBlind = true
  await given.pass(12_000)
  await given.take('host#1', 'b')
  await given.pass(3_000)
  expect((await given.memory.read(runPositionsTable, [['shop', 'host#1']]))[0]?.[4]).toBe('b')
})
