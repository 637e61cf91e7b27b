/**
 * The simulation bites: every planted fault is found, each variant that PROTOCOL section 11 refutes among them. Prints how
 * many histories each took, and which test finds those that histories meet too seldom; `planted-table.ts` counts those too.
 */
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { plantedFaults } from '../../topology/model/planted-faults.ts'
import { readText, sourceTree } from '../tidy/source-tree.ts'
import { type PlantedFault, plantedInService, plantedOthers, plantedVariants, unplantable } from './planted-list.ts'
import { findPlanted } from './play-planted.ts'

const seedsMax = 2_000
const all: readonly PlantedFault[] = [...plantedVariants, ...plantedOthers, ...plantedInService]
const lines = new Map<string, string>()

afterEach(() => plantedFaults.clear())
afterAll(() => {
  const table = [
    ...all.map(({ name, test }) => [name, lines.get(name) ?? test ?? 'not found']),
    ...Object.entries(unplantable),
  ]
  console.info(
    `planted fault: seeds until it was found\n${table.map(([name, said]) => `  ${name!.padEnd(28)} ${said}`).join('\n')}`,
  )
})

test.each(all.filter((fault) => fault.test === undefined))(
  'the simulation finds $name, planted',
  async ({ name, family }) => {
    const found = await findPlanted(name, family, seedsMax)
    if (found !== undefined) lines.set(name, `${found.seed} (${found.violation.invariant}, ${family})`)
    expect(found?.violation.invariant).toMatch(/^I-\d$/)
  },
  120_000,
)

describe('the list of planted faults', () => {
  const names = all.map(({ name }) => name)

  test('names each one that production code asks for, and no other', () => {
    const asked = sourceTree()
      .filter(({ path }) => !path.startsWith('test/'))
      .flatMap(({ text }) => [...text.matchAll(/plantedFaults\.has\('([a-z-]+)'\)/g)].map(([, name]) => name!))
    expect(names.toSorted()).toEqual([...new Set(asked)].sort())
  })

  test('names each variant that PROTOCOL section 11 refutes', () => {
    const section = readText('docs/protocol.md')
      .split(/^## /m)
      .find((text) => text.startsWith('11.'))!
    const refuted = [...section.matchAll(/`([a-z]+(?:-[a-z]+)+|undeclared)`/g)].map(([, name]) => name!)
    const known = [...plantedVariants.map(({ name }) => name), ...Object.keys(unplantable)]
    expect(known.toSorted()).toEqual([...new Set(refuted)].sort())
  })

  test.each(all.filter((fault) => fault.test !== undefined))('$name is planted by $test', ({ name, test: path }) => {
    const text = readText(path!)
    expect(text).toContain(`'${name}'`)
    expect(text).toMatch(/plantedFaults\.add\(|planted\(/)
  })
})
