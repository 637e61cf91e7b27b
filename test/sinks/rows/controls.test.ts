import { createMemoryRows } from 'spillway/testing'
import { expect, test } from 'vitest'
import { type Control, type ControlKind, readControls, writeControl } from '../../../sinks/rows/controls.ts'

const control = (name: string, value: string, atMs: number, kind: ControlKind = 'delete'): Control => ({
  ...{ kind, name, value, atMs },
  ...{ author: 'ann', reason: 'lunch' },
})

test('the latest word wins, also when the clock has gone back; other kinds and topologies are apart', async () => {
  const rows = createMemoryRows()
  await writeControl(rows, 'shop', control('d1', 'paused', 5_000))
  await writeControl(rows, 'shop', control('d1', 'running', 1_000))
  await writeControl(rows, 'shop', control('d2', 'paused', 5_000))
  await writeControl(rows, 'shop', control('d3', 'paused', 5_000, 'branch'))
  await writeControl(rows, 'other', control('d4', 'paused', 5_000))
  const found = await readControls(rows, 'shop', 'delete')
  expect(found.map(({ name, value }) => [name, value])).toEqual([
    ['d1', 'running'],
    ['d2', 'paused'],
  ])
  expect(found[0]).toEqual(control('d1', 'running', 5_001))
})
