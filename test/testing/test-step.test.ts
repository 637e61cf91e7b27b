import { defineTopology, log } from 'spillway'
import { objects } from 'spillway/sinks'
import { advance, put, testTopology } from 'spillway/testing'
import { expect, test } from 'vitest'

test('time moves by milliseconds or by a duration as people write it', () => {
  expect(advance('5 minutes')).toEqual(advance(300_000))
  expect(advance(0)).toEqual({ kind: 'advance', ms: 0 })
})

const wrong: readonly unknown[] = ['soon', '', '-1 minute', -1, Number.NaN, Number.POSITIVE_INFINITY, undefined, {}]

test.each(wrong.map((one) => [one]))('advance(%j) is refused, not waited for', (time) => {
  const given = time as number // what a test without type checking may hand over
  expect(() => advance(given)).toThrow(TypeError)
})

test('an archive closes its objects by age while time moves', async () => {
  const topology = defineTopology('shop', (t) => {
    t.spout('events', log()).sink('archive', objects({ rotate: { age: '1 minute' } }))
  })
  const steps = [put({ n: 1 }), advance('2 minutes'), put({ n: 2 })]
  const result = await testTopology(topology, { partitions: 1 }).run(steps)
  expect(Object.keys(await result.objects())).toHaveLength(2)
})
