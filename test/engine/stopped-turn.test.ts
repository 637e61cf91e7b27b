import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { tableRows } from 'spillway/sinks'
import { createMemoryRows, cut, put, testTopology } from 'spillway/testing'
import { expect, test } from 'vitest'
import { errors } from '../../topology/model/errors.ts'

const totals = defineTopology('totals', (t) => {
  t.spout('events', log())
    .bolt('counts', rollup({ window: '1 day', values: { events: count() } }))
    .sink('totals', tableRows())
})

test('a lane that stops with the turn of a slot stops the lanes that wait for it, and the run ends (I-9)', async () => {
  const inner = createMemoryRows()
  const broken = errors.pathUnusable({ path: 'rows', reason: 'EIO' })
  const rows = {
    ...inner,
    write: (...call: Parameters<typeof inner.write>) =>
      call[0].name === 'totals' ? Promise.reject(broken) : inner.write(...call),
  }
  const steps = [...Array.from({ length: 12 }, (_, index) => put({ index }, { partition: 0 })), cut('totals', 5)]
  await expect(testTopology(totals, { partitions: 1, resources: { rows } }).run(steps)).rejects.toThrow('EIO')
})
