import { createVirtualClock } from 'spillway/testing'
import { expect, test } from 'vitest'
import { withinMs } from '../../topology/model/within-ms.ts'

const late = (): Error => new Error('no answer')

test('what ends in time gives its result or its error, and leaves nobody asleep', async () => {
  const clock = createVirtualClock(0)
  expect(await withinMs(clock, 100, late, async () => 'found')).toBe('found')
  const broken = withinMs(clock, 100, late, async () => {
    throw new Error('broken')
  })
  await expect(broken).rejects.toThrow('broken')
  expect(clock.advanceToNext()).toBe(false)
})

test('what does not end in time is not waited for', async () => {
  const clock = createVirtualClock(0)
  const waiting = withinMs(clock, 100, late, () => new Promise(() => undefined))
  clock.advance(100)
  await expect(waiting).rejects.toThrow('no answer')
})
