/** The house keeps its own rules: what is read here is the tree itself, and each violation names file, line and rule. */
import { describe, expect, test } from 'vitest'
import { arrowViolations, foreignLibraryViolations } from './tidy/arrows.ts'
import * as pages from './tidy/documents.ts'
import { effectViolations, idleAllowances } from './tidy/effects.ts'
import { idleSubjects, nameViolations } from './tidy/names.ts'
import { generatedPages } from './tidy/pages/generated-pages.ts'
import { ratchetViolations, undecidedExceptions } from './tidy/ratchet.ts'
import { pageViolations, sectionViolations } from './tidy/sections.ts'
import { fileLengths, fileLinesMax, functionLengths, functionLinesMax } from './tidy/sizes.ts'
import { documents, readText, report, sourceTree } from './tidy/source-tree.ts'
import { leftOutTests, unnamedInvariants } from './tidy/test-files.ts'
import { anyViolations, exportViolations, unexplainedCasts } from './tidy/types.ts'
import { machinePathViolations, wordViolations } from './tidy/words.ts'

const tree = sourceTree()
const papers = documents()

describe('imports', () => {
  test('follow the arrows', () => {
    expect(report(arrowViolations(tree))).toEqual([])
  })
  test('of a foreign library stand in one file', () => {
    expect(report(foreignLibraryViolations(tree))).toEqual([])
  })
})

describe('effects', () => {
  test('clock, random numbers, timers, network, process and files are used in listed places only', () => {
    expect(report(effectViolations(tree))).toEqual([])
  })
  test('each listed place still needs its allowance', () => {
    expect(idleAllowances(tree)).toEqual([])
  })
})

describe('files', () => {
  test('have at most 300 lines', () => {
    expect(report(ratchetViolations('file lines', fileLinesMax, fileLengths(tree)))).toEqual([])
  })
  test('have functions of at most 60 lines', () => {
    expect(report(ratchetViolations('function lines', functionLinesMax, functionLengths(tree)))).toEqual([])
  })
  test('are named for their main export', () => {
    expect([...report(nameViolations(tree)), ...idleSubjects(tree)]).toEqual([])
  })
  test('export by name', () => {
    expect(report(exportViolations(tree))).toEqual([])
  })
  test('cast only with the reason on the line', () => {
    expect(report(ratchetViolations('casts without a reason', 0, unexplainedCasts(tree)))).toEqual([])
  })
  test('have no hole in their types', () => {
    expect(report(anyViolations(tree))).toEqual([])
  })
  test('exceptions to the ceilings are decided', () => {
    expect(undecidedExceptions()).toEqual([])
  })
})

describe('words', () => {
  test('have one meaning each, and nothing is left for later', () => {
    expect(report(wordViolations([...tree, ...papers]))).toEqual([])
  })
  test('name no path of one machine', () => {
    expect(report(machinePathViolations([...tree, ...papers]))).toEqual([])
  })
  test('the lock file names no registry', () => {
    expect(readText('package-lock.json')).not.toMatch(/"resolved": "https?:/)
  })
})

describe('tests', () => {
  test('all run', () => {
    expect(report(leftOutTests(tree))).toEqual([])
  })
  test('name every invariant', () => {
    expect(unnamedInvariants(tree)).toEqual([])
  })
})

describe('documents', () => {
  test('name commands and options that exist', async () => {
    const commands = await Promise.all(papers.map((page) => pages.topologyCommandViolations(page)))
    expect(report([...papers.flatMap(pages.npmCommandViolations), ...commands.flat()])).toEqual([])
  })
  test('name files that exist', () => {
    expect(report(papers.flatMap(pages.namedFileViolations))).toEqual([])
  })
  test('have the sections that comments name', () => {
    expect(report([...pageViolations(tree), ...sectionViolations(tree)])).toEqual([])
  })
  test('account for each dependency', () => {
    expect(pages.dependencyViolations()).toEqual([])
  })
  test('that are generated equal what the code prints', async () => {
    for (const [path, text] of Object.entries(await generatedPages())) expect(readText(path), path).toBe(text)
  })
})
