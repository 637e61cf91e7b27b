/** The crash matrix of an archive in Avro: whoever dies at whichever effect, the objects have the bytes of a run without. */
import { defineTopology, log } from 'spillway'
import { eventRows, objects } from 'spillway/sinks'
import { remove, type TestStep } from 'spillway/testing'
import { expect, test } from 'vitest'
import { everythingIn } from './every-sink.ts'
import { orders } from './orders.ts'
import { playPhases } from './play-phases.ts'

const archive = defineTopology('every', (t) => {
  const events = t.spout('orders', log())
  events.sink('events', eventRows())
  events.sink('archive', objects({ format: 'avro', rotate: { age: '1 minute', idle: '10 s' } }))
})

const byKind = (kind: string): TestStep =>
  remove({ project: 'ann', filters: [{ property_name: 'kind', operator: 'eq', property_value: kind }] })

test('a crash at any effect changes no byte of an object (I-7)', async () => {
  const phases = [orders(0, 8), [byKind('a'), ...orders(8, 11)]]
  const plain = await playPhases(archive, phases)
  const wanted = await everythingIn(plain.resources)
  expect(JSON.stringify(Object.keys(wanted))).not.toBe('[]')
  expect(plain.effects).toBeGreaterThan(10)
  for (let effect = 1; effect <= plain.effects; effect++) {
    for (const side of ['before', 'after'] as const) {
      const { resources } = await playPhases(archive, phases, { effect, side })
      expect(await everythingIn(resources), `${side} effect ${effect}`).toEqual(wanted)
    }
  }
})
