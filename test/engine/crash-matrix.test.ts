/**
 * The crash matrix: the process dies before and after every single effect that a full run has, another one recovers, and
 * everything that anybody can read equals the run without a crash: rows, event rows, object keys and bytes, dead letters,
 * counters (I-1, I-2, I-3, I-7, I-8).
 */
import { remove, TestResult, type TestStep } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { eventId } from '../../topology/model/event-id.ts'
import { offset, partition } from '../../topology/model/position.ts'
import { everySink, everythingIn } from './every-sink.ts'
import { expectTruth } from './expect-truth.ts'
import { bad, order, orders, startMs } from './orders.ts'
import { playPhases } from './play-phases.ts'

const byKind = (kind: string): TestStep =>
  remove({ project: 'ann', filters: [{ property_name: 'kind', operator: 'eq', property_value: kind }] })
const byValue = (value: number): TestStep =>
  remove({ project: 'bob', filters: [{ property_name: 'value', operator: 'gte', property_value: value }] })
/** Names an order by the id that it gets when it stands at its own number, behind that many other records. */
const byOffset = (index: number, behind = 0): TestStep => {
  const id = eventId(startMs + index * 7_000, partition(0), offset(index + behind))
  const project = index % 3 === 0 ? 'ann' : 'bob'
  return remove({ project, filters: [{ property_name: 'keen.id', operator: 'eq', property_value: id }] })
}

const lists: Readonly<Record<string, readonly (readonly TestStep[])[]>> = {
  'plain events, in two goes': [orders(0, 8), orders(8, 12)],
  'malformed records and records that a bolt fails on': [
    [...orders(0, 4), bad('{"broken'), order(4, { poison: true }), bad('[]'), ...orders(5, 8)],
    [order(8, { poison: true }), order(9)],
  ],
  'deletes of events that are applied, that are not yet, and that come behind': [
    orders(0, 8),
    [byKind('a'), ...orders(8, 11), byValue(2), order(11)],
  ],
  'deletes that overlap, come twice, by id, and before their event': [
    [...orders(0, 6), byKind('a'), byOffset(7, 2), order(6)],
    [order(7), byKind('a'), byOffset(3), byOffset(3), byOffset(7, 2), byValue(1)],
  ],
}

describe.each(Object.entries(lists))('%s', (_, phases) => {
  test('a crash at any effect changes nothing', async () => {
    const plain = await playPhases(everySink, phases)
    const wanted = await everythingIn(plain.resources)
    const logs = { events: plain.resources.logs['default']! }
    await expectTruth(new TestResult(everySink, { ...plain.resources, logs }, 0))
    expect(plain.effects).toBeGreaterThan(20)
    for (let effect = 1; effect <= plain.effects; effect++) {
      for (const side of ['before', 'after'] as const) {
        const { resources, isCrashed } = await playPhases(everySink, phases, { effect, side })
        expect(isCrashed, `${side} ${effect}`).toBe(true)
        expect(await everythingIn(resources), `${side} effect ${effect}`).toEqual(wanted)
      }
    }
  })
})
