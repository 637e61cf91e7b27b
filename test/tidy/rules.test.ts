/** The rules see what they are for: each is shown a file that breaks it, and one that only looks as if it did. */
import { describe, expect, test } from 'vitest'
import { arrowViolations, foreignLibraryViolations } from './arrows.ts'
import { npmCommandViolations, topologyCommandViolations } from './documents.ts'
import { effectViolations } from './effects.ts'
import { nameViolations } from './names.ts'
import { ratchetViolations } from './ratchet.ts'
import { sectionViolations } from './sections.ts'
import { functionLengths } from './sizes.ts'
import { report, type SourceFile, sourceFile } from './source-tree.ts'
import { leftOutTests } from './test-files.ts'
import { anyViolations, exportViolations, unexplainedCasts } from './types.ts'
import { machinePathViolations, wordViolations } from './words.ts'

const file = (path: string, ...lines: readonly string[]): SourceFile => sourceFile(path, `${lines.join('\n')}\n`)

describe('arrows', () => {
  test('an operator imports model only', () => {
    const operator = file(
      'operators/count.ts',
      "import type { Event } from '../topology/model/event.ts'",
      "import { log } from '../topology/declare/log.ts'",
      "const lazy = () => import('../sinks/index.ts')",
      "const text = `import { x } from '../test/x.ts'`",
    )
    expect(report(arrowViolations([operator]))).toEqual([
      'operators/count.ts:2: operators does not import declare (topology/declare/log.ts)',
      'operators/count.ts:3: operators does not import sink index (sinks/index.ts)',
    ])
  })
  test('a library has one importing file; its types may be named anywhere', () => {
    const tree = [
      file('topology/engine/a.ts', "import { Observable } from 'rxjs'"),
      file('topology/engine/b.ts', "import type { Observable } from 'rxjs'", "import { type A, type B } from 'rxjs'"),
      file('topology/engine/c.ts', "import { type A, map } from 'rxjs/operators'"),
    ]
    expect(report(foreignLibraryViolations(tree))).toEqual([
      'topology/engine/c.ts:1: rxjs is imported by topology/engine/a.ts already',
    ])
  })
})

test('effects are found as calls and as modules, not as words or methods', () => {
  const lines = [
    "import { readFileSync } from 'node:fs'",
    'const now = Date.now()',
    'const then = new Date(0)',
    'const page = await fetch(url)',
    'const batch = await log.fetch(0, from)',
    'const text = "Math.random()" // setTimeout()',
    'this.process.stop()',
    'process.exit(1)',
  ]
  const found = effectViolations([file('topology/engine/a.ts', ...lines)])
  expect(found.map(({ line }) => line)).toEqual([2, 4, 8, 1])
})

describe('types', () => {
  test('a cast has its reason on the line', () => {
    const lines = [
      "import * as fs from 'node:fs'",
      'export { a as b }',
      'const kinds = [1] as const',
      'const url = value as string',
      "const page = value as Page // it says 'http://'",
      "const link = value as 'http://x'",
    ]
    const found = unexplainedCasts([file('sinks/a.ts', ...lines)])
    expect(found).toEqual([{ path: 'sinks/a.ts', line: 4, number: 2 }])
  })
  test('any, export * and default exports', () => {
    const lines = ['const a: any = Promise.any([])', "export * from './b.ts'", 'export default a']
    const tree = [file('sinks/a.ts', ...lines), file('examples/keen/topology.ts', 'export default a')]
    expect(report([...anyViolations(tree), ...exportViolations(tree)])).toEqual([
      'sinks/a.ts:1: `any` is no type',
      'sinks/a.ts:2: `export *`: name what is public',
      'sinks/a.ts:3: default export',
    ])
  })
})

describe('sizes', () => {
  const long = Array.from({ length: 9 }, () => '  call()')
  test.each([
    ['an arrow', 'const f = (a: string): void => {'],
    ['a function', 'function f(a: string): Promise<void> {'],
    ['a method', 'async read(a: (b: number) => void): Promise<void> {'],
  ])('%s is measured', (_name, head) => {
    expect(functionLengths([file('a.ts', head, ...long, '}')])[0]?.number).toBe(11)
  })
  test('a condition and a class are no functions', () => {
    expect(functionLengths([file('a.ts', 'if (a(b)) {', ...long, '}', 'class A {', ...long, '}')])).toEqual([])
  })
})

test('names: the main export, or the subject of several', () => {
  const tree = [
    file('sinks/read-events.ts', 'export const readEvents = 1'),
    file('sinks/row-keys.ts', 'export const keyOf = 1', 'export const keysWithin = 1'),
    file('sinks/scan.ts', 'export const readPage = 1'),
    file('sinks/utils.ts', 'export const utils = 1'),
    file('sinks/readAll.ts', 'export const readAll = 1'),
  ]
  expect(nameViolations(tree).map(({ path }) => path)).toEqual(['sinks/scan.ts', 'sinks/utils.ts', 'sinks/readAll.ts'])
})

test('words: what means something else, what is left for later, what is on one machine', () => {
  const mark = ['TO', 'DO'].join('')
  const lines = [
    `// ${mark}: a ${['ro', 'bust'].join('')} thing`,
    `// ${['', 'home', 'bob'].join('/')}`,
    '// todo of a delete',
  ]
  const page = [file('sinks/a.ts', ...lines)]
  expect([...wordViolations(page), ...machinePathViolations(page)].map(({ line }) => line)).toEqual([1, 1, 2])
})

test('tests that are left out by hand', () => {
  const call = ['test', 'only'].join('.')
  const lines = [`${call}('a', () => {})`, "test.skipIf(isRoot)('b', () => {})", 'log.skip(zero, 5)']
  expect(leftOutTests([file('test/a.test.ts', ...lines)]).map(({ line }) => line)).toEqual([1])
})

test('commands and options of documents exist', async () => {
  const text = [
    '`npm run check`',
    '`npm run shine`',
    '`topology fly`',
    '`topology run x.ts --until-caught-up --faster`',
  ]
  const page = { path: 'A.md', text: text.join('\n') }
  expect(report([...npmCommandViolations(page), ...(await topologyCommandViolations(page))])).toEqual([
    'A.md:2: there is no `npm run shine`',
    'A.md:3: there is no command `topology fly`',
    'A.md:4: `topology run` has no option --faster',
  ])
})

test('sections of pages exist', () => {
  const [there, beyond] = ['PROTOCOL section 3', ['PROTOCOL', 'section 99'].join(' ')]
  expect(sectionViolations([file('sinks/a.ts', `// ${there}`, `// ${beyond}`)]).map(({ line }) => line)).toEqual([2])
})

test('the ratchet: a listed number goes down only, and what fits leaves the list', () => {
  const measured = [
    { path: 'a', line: 1, number: 70 },
    { path: 'b', line: 1, number: 65 },
    { path: 'c', line: 1, number: 80 },
    { path: 'd', line: 1, number: 20 },
  ]
  expect(report(ratchetViolations('function lines', 60, measured, { a: 70, b: 66, c: 79, d: 61 }))).toEqual([
    'b:1: 65 function lines, less than before: list 65',
    'c:1: 80 function lines, more than the listed 79',
    'd:1: fits again in function lines: take it off the list',
  ])
})
