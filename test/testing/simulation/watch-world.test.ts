/** Watched parts in the simulated world itself: no false alarm, and the same seed is the same history. */
import { filter } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { objects } from 'spillway/sinks'
import { simulate, traceSeed, traceText } from 'spillway/testing'
import { expect, test } from 'vitest'
import keen from '../../../examples/keen/topology.ts'
import { ownParts } from '../../../examples/own-parts/topology.ts'
import random from '../../../examples/simulated-mistakes/random-topology.ts'
import { tempFolders } from '../../conformance/temp-folder.ts'

const newFolder = tempFolders()

const overlapping = defineTopology('overlapping', (t) => {
  const visits = t.spout('visits', log())
  const [one, other] = [
    visits.bolt(
      'one',
      filter(({ body }) => body['kind'] !== 'a'),
    ),
    visits.bolt(
      'other',
      filter(({ body }) => body['kind'] !== 'b'),
    ),
  ]
  t.merge([one, other]).sink('archive', objects({ format: 'ndjson' }))
})

test.each([
  ['keen', () => keen],
  ['own-parts', () => ownParts(newFolder())],
  ['an archive below streams that have events in common', () => overlapping],
])('%s passes', async (_name, make) => {
  const report = await simulate(make(), { seeds: 8 })
  expect(report.failure?.violation.message).toBeUndefined()
  expect(report).toMatchObject({ histories: 8, notes: [] })
})

test('a sink with real files waits for them: the same seed is the same history, to the letter', async () => {
  const one = await traceSeed(ownParts(newFolder()), 7)
  const other = await traceSeed(ownParts(newFolder()), 7)
  expect(traceText(one.entries)).toBe(traceText(other.entries))
})

test('a bolt that draws random numbers draws those of the seed', async () => {
  const [one, other] = [await traceSeed(random, 7), await traceSeed(random, 7)]
  expect(one.outcome.violation?.what).toContain('it draws random numbers')
  expect(traceText(one.entries)).toBe(traceText(other.entries))
})
