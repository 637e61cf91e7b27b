import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { openFolderObjects } from '../../sinks/objects/folder/folder-objects.ts'
import { createMemoryObjects } from '../../sinks/objects/memory/memory-objects.ts'
import type { ObjectStore } from '../../topology/model/ports/object-store.ts'
import { objectStoreClauses } from '../../topology/testing/conformance/object-store.ts'
import { createFaultyObjectStore } from '../../topology/testing/faults/faulty-object-store.ts'
import { createSimulatedObjects } from '../../topology/testing/simulation/servers/simulated-objects.ts'
import { givenDice } from '../testing/simulation/given-dice.ts'
import { plantedObjectFaults } from './planted-object-faults.ts'
import { repeatingObjects } from './repeating.ts'

const folders: string[] = []

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

const folderStore = async (): Promise<ObjectStore> => {
  const folder = await mkdtemp(join(tmpdir(), 'spillway-objects-'))
  folders.push(folder)
  return openFolderObjects({ folder })
}

const pause = (): Promise<void> => Promise.resolve()
const everyFault = { objectBefore: 0.1, objectAfter: 0.2, objectLate: 0.2, objectSlow: 0.3 }

const adapters: Readonly<Record<string, () => Promise<ObjectStore>>> = {
  folder: folderStore,
  memory: async () => createMemoryObjects(),
  'faulty, faults off': async () =>
    createFaultyObjectStore({ store: createMemoryObjects(), random: { next: () => 0.5 } }),
  simulated: async () => createSimulatedObjects({ dice: givenDice(), pause }),
  'simulated with faults, to a caller that repeats': async () =>
    repeatingObjects(createSimulatedObjects({ dice: givenDice(everyFault), pause })),
}

for (const [adapter, make] of Object.entries(adapters)) {
  describe(`object store: ${adapter}`, () => {
    for (const clause of objectStoreClauses) test(clause.name, () => clause.run(make))
  })
}

describe('object store: a planted fault turns its clause red', () => {
  test('there is a fault for every clause', () => {
    expect(plantedObjectFaults.map(([name]) => name)).toEqual(objectStoreClauses.map(({ name }) => name))
  })

  test.each(plantedObjectFaults)('%s', async (name, make) => {
    const clause = objectStoreClauses.find((one) => one.name === name)
    await expect(clause?.run(make)).rejects.toThrow()
  })
})
