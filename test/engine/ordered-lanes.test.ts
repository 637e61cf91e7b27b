/** A branch that needs its tuples in order keeps one lane per partition, whoever asks for more (I-5). */
import { cut, testTopology } from 'spillway/testing'
import { expect, test } from 'vitest'
import { lanesOf } from '../../topology/engine/ledger/document.ts'
import { granted, refusalOf, withSinks } from './ledger/given-documents.ts'
import { expectOnce, once, send } from './once.ts'

const ordered = granted(withSinks({ free: 'rows' }), {
  kind: 'addSink',
  sink: 'ordered',
  sinkKind: 'rows',
  order: 'partitionOrdered',
  from: 0,
  to: null,
  fingerprint: 'f',
})

test('its lane is neither cut nor diverted', () => {
  const [[free], [kept]] = [lanesOf(ordered, 'free')[0]!, lanesOf(ordered, 'ordered')[0]!]
  const slots = [0, 1]
  expect(refusalOf(ordered, { kind: 'cut', lane: free, at: 5, cuts: [9], slots })).toBe('granted')
  expect(refusalOf(ordered, { kind: 'cut', lane: kept, at: 5, cuts: [9], slots })).toBe('ordered')
  expect(refusalOf(ordered, { kind: 'divert', lane: free, at: 5, tenant: 'ann', slot: 1 })).toBe('granted')
  expect(refusalOf(ordered, { kind: 'divert', lane: kept, at: 5, tenant: 'ann', slot: 1 })).toBe('ordered')
})

test('sinks below a dedupe stay whole where the others are cut', async () => {
  const steps = Array.from({ length: 20 }, (_, index) =>
    send({ token: `t${index % 7}`, value: index % 10, atMs: index }),
  )
  const result = await testTopology(once, { partitions: 1 }).run([...steps, cut('totals', 3), cut('all_totals', 3)])
  const [doc] = Object.values(await result.ledger())
  expect([lanesOf(doc!, 'totals').length, doc?.sinks['totals']?.homes.length]).toEqual([1, 0])
  expect(doc?.sinks['all_totals']?.homes.length).toBeGreaterThan(0)
  await expectOnce(result)
})
