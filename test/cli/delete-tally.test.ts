import { expect, test } from 'vitest'
import { DeleteTally } from '../../topology/cli/delete-tally.ts'
import type { Happening } from '../../topology/model/run-handle.ts'
import { createWorld } from './cli-world.ts'

const happening = (fields: Happening['fields'], kind: Happening['kind'] = 'delete'): Happening => ({
  ...{ kind, level: 'info', atMs: 0, text: '' },
  fields,
})

test('B14: a run tells once what deletes took out; each sink only with --log-level debug', async () => {
  const world = createWorld()
  await world.topology('init')
  await world.topology('ingest sample/purchases.ndjson -c purchases -p shop')
  await world.topology('run topology.ts --until-caught-up')
  for (const [country, level, detail] of [
    ['AU', 'info', 0],
    ['NZ', 'debug', 1],
  ] as const) {
    await world.topology(`delete -p shop -c purchases --where 'country eq "${country}"'`)
    const { stderr } = await world.topology(`run topology.ts --until-caught-up --log-level ${level}`)
    expect(stderr).toMatch(/^deletes took \d+ events out; `topology deletes` tells which did$/m)
    expect(Math.sign(stderr.match(/ is done on /g)?.length ?? 0)).toBe(detail)
  }
})

test('an event counts once, however many sinks it has left', () => {
  const tally = new DeleteTally()
  for (const [partition, offset, sink, retracted] of [
    [0, 7, 'rows', 3],
    [0, 7, 'objects', 2],
    [1, 7, 'rows', 1],
  ] as const)
    expect(tally.add(happening({ partition, offset, sink, retracted }))).toBe(true)
  expect(tally.text()).toBe('deletes took 4 events out; `topology deletes` tells which did')
})

test('without an event there is nothing to tell, and what else happens is none of its business', () => {
  const tally = new DeleteTally()
  expect(tally.add(happening({ partition: 0, offset: 7, sink: 'rows', retracted: 0 }))).toBe(true)
  expect(tally.add(happening({ id: 'gone', paused: false }))).toBe(false)
  expect(tally.add(happening({ retracted: 5 }, 'checkpoint'))).toBe(false)
  expect(tally.text()).toBeUndefined()
})
