/**
 * File names. One concept, one file: a file that exports one function or class is named for it, in kebab-case; a file
 * with several exports is named for what they share. An index only lists.
 */
import { isTest, type SourceFile, type Violation } from './source-tree.ts'

const banned = new Set(['utils', 'util', 'common', 'manager', 'misc', 'helpers', 'helper', 'shared', 'stuff'])
const kebabCase = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|config))?\.ts$/
const exported =
  /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:const|let|function\*?|class|interface|type)\s+([\w$]+)/gm

// Programs export nothing: their name says what starts them.
const programs = /^(?:topology\/cli\/bin|examples\/.*|topology\/.*-worker)\.ts$/

/** Files named for a subject that none of their exports repeats, with what they hold. */
const subjects: Readonly<Record<string, string>> = {
  'topology/declare/promise-text.ts': 'what a description promises: guarantee and visibility of a sink',
  'topology/engine/delete-work.ts': 'what is to be done next about listed deletes',
  'topology/engine/plan-questions.ts': 'questions that machines ask a plan',
  'topology/engine/shell/lane-happenings.ts': 'what a lane tells people of its epochs',
  'topology/engine/shell/lane-proposals.ts': 'what a lane says to its ledger and its sink about an epoch',
  'topology/engine/workers/messages.ts': 'what a supervisor and its workers say to each other',
  'topology/model/limits.ts': 'bounds that are no knobs',
  'topology/model/position.ts': 'offset, partition and sequence: the three positions',
  'topology/model/quantity.ts': 'bytes and durations as people write them',
  'topology/testing/conformance/row-store/fixtures.ts': 'what the clauses of the row store share',
}

export const nameViolations = (tree: readonly SourceFile[]): readonly Violation[] =>
  tree.flatMap((file) => nameProblems(file).map((rule) => ({ path: file.path, line: 1, rule })))

const nameProblems = (file: SourceFile): readonly string[] => {
  const base = file.path.slice(file.path.lastIndexOf('/') + 1)
  if (!kebabCase.test(base)) return ['a file name is kebab-case']
  const name = base.replace(/(?:\.test)?\.ts$/, '')
  const found = banned.has(name) ? [`${name} says nothing of what is in the file`] : []
  if (isTest(file.path) || name === 'index' || programs.test(file.path)) return found
  return [...found, ...exportProblems(file, name)]
}

const exportProblems = ({ path, code }: SourceFile, name: string): readonly string[] => {
  const all = [...code.matchAll(exported)].map((match) => wordsOf(match[1]!))
  if (all.length === 0) return ['exports nothing']
  const wanted = wordsOf(name)
  const isMain = all.some((words) => ` ${words.join(' ')} `.includes(` ${wanted.join(' ')} `))
  const isShared = all.length > 1 && wanted.some((word) => all.some((words) => words.includes(word)))
  const isSubject = path in subjects
  if ((isMain || isShared) && isSubject) return ['is named for its exports: take it off the list of subjects']
  return isMain || isShared || isSubject ? [] : [`is named for none of its exports (${all[0]!.join('-')})`]
}

/** `readSchema`, `read-schema`, `SCHEMAS` as words in the singular. */
const wordsOf = (name: string): readonly string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[-_$]+/)
    .map((word) => (word.length > 3 ? word.replace(/s$/, '') : word))

/** Subjects that no list has any more. */
export const idleSubjects = (tree: readonly SourceFile[]): readonly string[] =>
  Object.keys(subjects).filter((path) => !tree.some((file) => file.path === path))
