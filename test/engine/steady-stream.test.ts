/** Records that never cease to come, one by one: they are fetched together, and by one cursor. */
import { defineTopology, log } from 'spillway'
import { objects } from 'spillway/sinks'
import { describe, expect, test } from 'vitest'
import type { RecordBatch } from '../../topology/model/record.ts'
import { everySink } from './every-sink.ts'
import { GivenPorts } from './given-ports.ts'
import { order } from './orders.ts'
import { withFetch } from './with-fetch.ts'

const archived = defineTopology('archived', (t) => {
  t.spout('events', log()).sink('archive', objects())
})

class GivenStream extends GivenPorts {
  readonly batches: RecordBatch[] = []
  #next = 0

  constructor() {
    super()
    const log = withFetch(this.log, async (fetch, _from, waitMs) => {
      const batch = await fetch()
      // Who looks for a time only does not wait.
      if (batch.records.length > 0 && waitMs > 0) this.batches.push(batch)
      return batch
    })
    this.resources = { ...this.resources, logs: { events: log, default: log } }
  }

  /** A record every 10 ms. */
  async stream(ms: number): Promise<readonly RecordBatch[]> {
    this.batches.length = 0
    for (let passed = 0; passed < ms; passed += 10) {
      this.append([order(this.#next++)])
      await this.pass(10)
    }
    return this.batches
  }
}

const recordsOf = (batches: readonly RecordBatch[]): number =>
  batches.reduce((sum, { records }) => sum + records.length, 0)

describe('a live run at the end of its log', () => {
  test('gathers records that come one by one, as long as `batch.waitMs` says', async () => {
    const given = new GivenStream()
    const run = await given.start(everySink)
    await given.stream(500)
    expect((await given.stream(1_000)).length).toBeLessThanOrEqual(51)
    run.tune('batch.waitMs', 0)
    await given.stream(100)
    expect((await given.stream(1_000)).length).toBeGreaterThan(80)
    await given.drive(run.stop())
  })

  test('rests at the end only, however little a fetch may bring', async () => {
    const given = new GivenStream()
    given.append(Array.from({ length: 20_000 }, (_, index) => order(index)))
    const run = await given.start(archived, { knobs: { 'fetch.partitionBytes': 65_536, 'batch.waitMs': 1_000 } })
    await given.pass(4_000)
    expect(recordsOf(given.batches)).toBe(20_000)
    await given.drive(run.stop())
  })

  test.each([0, 10, 20, 30, 40])(
    'reads each record once again when a sink that was behind has come to the end, %i ms after another fetch',
    async (ms) => {
      const given = new GivenStream()
      const run = await given.start(everySink)
      await given.stream(200)
      run.pause('totals')
      await given.stream(2_000 + ms)
      run.resume('totals')
      await given.stream(1_000)
      expect(recordsOf(await given.stream(1_000))).toBeLessThanOrEqual(105)
      await given.drive(run.stop())
    },
  )
})
