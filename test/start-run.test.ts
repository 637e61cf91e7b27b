/** What a run makes for itself, and takes away again. */
import { existsSync } from 'node:fs'
import { defineTopology, log } from 'spillway'
import { expect, test } from 'vitest'
import { errors } from '../topology/model/errors.ts'
import { defineSink } from '../topology/model/sink.ts'
import type { Topology } from '../topology/model/topology.ts'
import { GivenPorts } from './engine/given-ports.ts'

/** A topology whose sink tells where it would spill. */
const telling = (open: (spillFolder: string) => void): Topology => {
  const epoch = {
    add: () => {},
    heldBytes: () => 0,
    spilledBytes: () => 0,
    write: async () => 'written' as const,
    discard: () => {},
  }
  const sink = defineSink({
    sinkKind: 'custom',
    name: 'teller',
    doc: 'Tells its spill folder.',
    order: 'commutative',
    options: {},
    knobs: {},
    epochAge: 'epoch.ageMs',
    subtracts: true,
    tables: () => [],
    open: async ({ spillFolder }) => {
      open(spillFolder)
      return { close: async () => {}, openEpoch: () => epoch }
    },
  })
  return defineTopology('shop', (t) => void t.spout('events', log()).sink('told', sink))
}

test('two runs of one process spill into folders of their own, which go when the run has ended', async () => {
  const folders: string[] = []
  const topology = telling((folder) => folders.push(folder))
  const given = [new GivenPorts(), new GivenPorts()]
  const runs = await Promise.all(given.map((one) => one.start(topology)))
  expect([new Set(folders).size, ...folders.map((folder) => existsSync(folder))]).toEqual([2, true, true])
  for (const [index, one] of given.entries()) await one.drive(runs[index]!.stop())
  await expect.poll(() => folders.filter((folder) => existsSync(folder))).toEqual([])
})

test('a run that cannot start leaves no folder', async () => {
  const folders: string[] = []
  const topology = telling((folder) => {
    folders.push(folder)
    throw errors.pathUnusable({ path: folder, reason: 'unwanted' })
  })
  await expect(new GivenPorts().start(topology)).rejects.toMatchObject({ code: 'SPW-0308' })
  expect(folders.map((folder) => existsSync(folder))).toEqual([false])
})
