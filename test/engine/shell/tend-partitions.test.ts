/** How often lanes are looked at. */
import { createVirtualClock } from 'spillway/testing'
import { expect, test } from 'vitest'
import { KnobDesk } from '../../../topology/engine/knob-desk.ts'
import { tendPartitions } from '../../../topology/engine/shell/tend-partitions.ts'
import { drive } from '../../../topology/testing/drive.ts'

test('lanes that stand still for a decision are looked at sooner than others', async () => {
  const clock = createVirtualClock(0)
  const knobs = new KnobDesk()
  const end = new AbortController()
  const looks: number[] = []
  const supervise = async (): Promise<boolean> => {
    looks.push(clock.nowMs())
    if (looks.length === 6) end.abort()
    return looks.length > 2 && looks.length < 5
  }
  const parts = { clock, knob: (name: string) => knobs.value(name) }
  await drive(
    clock,
    tendPartitions(parts, () => [], { supervise, commit: async () => undefined }, end.signal),
  )
  expect(looks).toEqual([0, 500, 1_000, 1_200, 1_400, 1_900])
})
