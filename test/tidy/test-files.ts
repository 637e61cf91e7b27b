/** What holds for the tests themselves: all of them run, and each invariant is named by one. */
import { isTest, placesOf, type SourceFile, type Violation } from './source-tree.ts'

const invariants = ['I-1', 'I-2', 'I-3', 'I-4', 'I-5', 'I-6', 'I-7', 'I-8', 'I-9']

/** Invariants whose capability is not built, with what is missing. An entry leaves when a test names it. */
const notBuilt: Readonly<Record<string, string>> = {}

const testFiles = (tree: readonly SourceFile[]): readonly SourceFile[] =>
  tree.filter(({ path }) => path.endsWith('.test.ts'))

/** A test that is left out on purpose says why it cannot run there (`skipIf`); one that is left out by hand is lost. */
export const leftOutTests = (tree: readonly SourceFile[]): readonly Violation[] =>
  tree
    .filter(({ path }) => isTest(path))
    .flatMap((file) =>
      placesOf(
        file,
        /\b(?:test|it|describe|suite)(?:\.\w+)*\.(?:only|skip|todo|fails)\b/g,
        ([call]) => `${call}: all tests run`,
      ),
    )

/** The names of tests stand in strings, so the whole text is read; comments of test files name invariants truly, too. */
const isNamed = (tree: readonly SourceFile[], invariant: string): boolean =>
  testFiles(tree).some(({ path, text }) => !path.startsWith('test/tidy') && new RegExp(`\\b${invariant}\\b`).test(text))

export const unnamedInvariants = (tree: readonly SourceFile[]): readonly string[] =>
  invariants
    .filter((invariant) => isNamed(tree, invariant) === invariant in notBuilt)
    .map((invariant) =>
      invariant in notBuilt ? `${invariant} is built: take it off the list` : `no test names ${invariant}`,
    )
