import { simulate } from 'spillway/testing'
import { expect, test } from 'vitest'
import { appending } from '../../examples/simulated-mistakes/appending-topology.ts'
import counting from '../../examples/simulated-mistakes/counting-topology.ts'
import { mended } from '../../examples/simulated-mistakes/mended-topology.ts'
import random from '../../examples/simulated-mistakes/random-topology.ts'
import { tempFolders } from '../conformance/temp-folder.ts'
import { watchedRun } from '../testing/simulation/watched-run.ts'

const newFolder = tempFolders()

const found = [
  ['draws random numbers', () => random, { kind: 'bolt', name: 'sampled' }, 'it draws random numbers (Math.random())'],
  ['keeps state', () => counting, { kind: 'bolt', name: 'numbered' }, 'it keeps state between batches'],
  ['appends', () => appending(newFolder()), { kind: 'sink', name: 'lines' }, 'appends to the file'],
] as const

test.each(found)('in the simulated world, a part that %s is found and named (I-1)', async (_name, make, part, what) => {
  const { failure } = await simulate(make(), { seeds: 20 })
  expect(failure?.violation.part).toEqual(part)
  expect(failure?.violation.what).toContain(what)
  expect(failure?.violation.invariant).toBe('I-1')
})

test.each(found)('in a plain test run too, a part that %s is found and named', async (_name, make, part, what) => {
  const run = await watchedRun(make())
  expect(run.part).toEqual(part)
  expect(run.what).toContain(what)
})

test('mended, they pass', async () => {
  const report = await simulate(mended(newFolder()), { seeds: 6 })
  expect(report.failure?.violation.message).toBeUndefined()
  expect(report).toMatchObject({ histories: 6, notes: [] })
})
