/**
 * Words that mean something else here, or nothing; marks of unfinished work; paths of one machine. Comments, texts that
 * people see, and documents are read alike.
 */
import { lineAt, type SourceFile, type Violation } from './source-tree.ts'

const instead: Readonly<Record<string, string>> = {
  'consumer lag': 'lag, with its unit',
  seamless: 'say what happens',
  robust: 'say what it withstands',
  savepoint: 'checkpoint',
  checkpointing: 'committing an epoch',
  'worker pool': 'workers',
  'exactly-once semantics': 'say what happens exactly once',
  'exactly once semantics': 'say what happens exactly once',
  'real-time': 'say how late it may be',
}

const bannedWords = new RegExp(`\\b(?:${Object.keys(instead).join('|')})`, 'gi')
const unfinished = /\b(?:TODO|FIXME|XXX|HACK)\b/g
// Ann is nobody: her paths are samples of tests.
const machinePath = /(?<![\w.$}])\/(?:root|work|Users|home|tmp|private|mnt)\/(?!ann\b)[\w.-]+/g

// These files speak of the words themselves.
const isExempt = (path: string): boolean => path === 'test/tidy/words.ts'

type Page = Pick<SourceFile, 'path' | 'text'>

const occurrences = (page: Page, pattern: RegExp, rule: (found: string) => string): readonly Violation[] =>
  [...page.text.matchAll(pattern)].map((match) => ({
    path: page.path,
    line: lineAt(page.text, match.index),
    rule: rule(match[0]),
  }))

export const wordViolations = (pages: readonly Page[]): readonly Violation[] =>
  pages
    .filter(({ path }) => !isExempt(path))
    .flatMap((page) => [
      ...occurrences(page, bannedWords, (word) => `${word}: ${instead[word.toLowerCase()]}`),
      ...occurrences(page, unfinished, (mark) => `${mark}: finish it, or give it a decision`),
    ])

export const machinePathViolations = (pages: readonly Page[]): readonly Violation[] =>
  pages
    .filter(({ path }) => !isExempt(path))
    .flatMap((page) => occurrences(page, machinePath, (path) => `path of one machine: ${path}`))
