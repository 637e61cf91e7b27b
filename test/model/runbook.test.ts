import { describe, expect, it } from 'vitest'
import { commandTable } from '../../topology/cli/command-table.ts'
import { findSymptoms } from '../../topology/cli/find-symptom.ts'
import { readKnobSetting } from '../../topology/model/knobs/knob-setting.ts'
import { allKnobs } from '../../topology/model/knobs.ts'
import { runbook } from '../../topology/model/runbook.ts'
import { runbookChecks } from '../../topology/observe/runbook/runbook-findings.ts'
import { wordsOf } from '../cli/cli-world.ts'
import { sourceTree } from '../tidy/source-tree.ts'

const numbersOf = (words: string): readonly number[] => findSymptoms(words).map(({ number }) => number)

describe('the runbook', () => {
  it('D12: names every knob, and no knob that is not there', () => {
    const named = new Set(runbook.flatMap(({ knobs }) => knobs))
    expect([...named].filter((name) => !allKnobs.has(name))).toEqual([])
    expect([...allKnobs.keys()].filter((name) => !named.has(name))).toEqual([])
  })

  it('D12: gives only lines that can be typed: commands that there are, options that they take, values that knobs take', async () => {
    for (const line of runbook.flatMap(({ commands }) => commands)) {
      const [program, ...words] = wordsOf(line)
      expect(program).toBe('topology')
      const entry = commandTable
        .filter(({ name }) => `${words.join(' ')} `.startsWith(`${name} `))
        .toSorted((left, right) => right.name.length - left.name.length)[0]
      expect(entry, line).toBeDefined()
      const { options, common } = await entry!.load()
      const known = `${options.map(({ flags }) => flags).join(' ')} ${common.map((name) => `--${name}`).join(' ')}`
      for (const option of words.filter((word) => word.startsWith('--')))
        expect(known.split(/[ ,]+/), line).toContain(option)
      if (entry!.name === 'tune set') readKnobSetting(words[2]!, words[3]!)
    }
  })

  it('D12: has a symptom for every alert', () => {
    const text = sourceTree()
      .filter(({ path }) => path.startsWith('topology/observe/alerts/'))
      .map((file) => file.text)
      .join('\n')
    const places = [...text.matchAll(/symptom(?::| =)(.*?)(?:, forMs|\n)/g), ...text.matchAll(/Symptoms = ({[^}]*})/g)]
    const names = places
      .flatMap(([, place = '']) => [...place.matchAll(/'([^']*)'/g)].map((match) => String(match[1])))
      .filter((name) => name.includes(' '))
    expect(names.length).toBeGreaterThan(5)
    expect(names.filter((name) => runbook.every((symptom) => symptom.name !== name))).toEqual([])
  })

  it('has twenty symptoms, each with what is said first, steps, checks that exist, knobs and commands', () => {
    expect(runbook.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    const used = new Set<string>()
    for (const { say, steps, checks, knobs, commands, name } of runbook) {
      expect(
        [say, ...steps].every((text) => text.endsWith('.')),
        name,
      ).toBe(true)
      expect(knobs.length * commands.length, name).toBeGreaterThan(0)
      for (const { look, byHand } of checks) {
        expect(look ?? byHand, name).toBeDefined()
        if (look !== undefined) expect(runbookChecks[look], look).toBeDefined()
        if (look !== undefined) used.add(look)
      }
    }
    expect(Object.keys(runbookChecks).filter((look) => !used.has(look))).toEqual([])
  })

  it('is found by number, name, words and slips of the hand', () => {
    expect(numbersOf('5')).toEqual([5])
    expect(numbersOf('lag grows')).toEqual([1])
    expect(numbersOf('Lag grows on one or more branches')).toEqual([1])
    expect(numbersOf('we are out of memory')).toEqual([6])
    expect(numbersOf('memmory')).toEqual([6])
    expect(numbersOf('kafka produce timeouts')).toEqual([3])
    expect(numbersOf('nothing moves')).toEqual([15])
    expect(numbersOf('gdpr deletes')).toEqual([9])
    expect(numbersOf('the query is slow')).toEqual([18])
    expect(numbersOf('noisy customer')).toEqual([2])
    expect(numbersOf('21')).toEqual([])
    expect(numbersOf('xyzzy')).toEqual([])
    expect(numbersOf('slow').length).toBeGreaterThan(1)
  })
})
