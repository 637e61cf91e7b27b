/** Types without holes: no `any`, no cast without its reason on the line; and exports that a reader can follow. */
import { importsOf } from './imports-of.ts'
import type { Measured } from './sizes.ts'
import { lineAt, placesOf, type SourceFile, type Violation } from './source-tree.ts'

export const anyViolations = (tree: readonly SourceFile[]): readonly Violation[] =>
  tree.flatMap((file) => placesOf(file, /(?<![.\w$])any\b(?!\s*[(:])/g, () => '`any` is no type'))

// A topology file is found by its default export; the configuration of a tool is, too.
const hasDefaultExport = (path: string): boolean => /^(?:examples|test)\/.*topology\.ts$/.test(path)

export const exportViolations = (tree: readonly SourceFile[]): readonly Violation[] =>
  tree.flatMap((file) => [
    ...placesOf(file, /\bexport\s+(?:type\s+)?\*/g, () => '`export *`: name what is public'),
    ...(hasDefaultExport(file.path) ? [] : placesOf(file, /\bexport\s+default\b/g, () => 'default export')),
  ])

/** Casts without a comment on their line, by file: the first one's line and how many there are. */
export const unexplainedCasts = (tree: readonly SourceFile[]): readonly Measured[] =>
  tree.flatMap((file) => {
    const lines = castLines(file).filter((line) => !isExplained(file, line))
    return lines.length === 0 ? [] : [{ path: file.path, line: lines[0]!, number: lines.length }]
  })

const castLines = (file: SourceFile): readonly number[] => {
  const renamed = [...importsOf(file).map(({ range }) => range), ...exportLists(file)]
  return [...file.code.matchAll(/(?<![.\w$])as\b(?!\s+const\b)/g)]
    .map(({ index }) => index)
    .filter((index) => !renamed.some(([from, to]) => from <= index && index < to))
    .filter((index) => /^as\s+[\w$([{'"`]/.test(file.text.slice(index, index + 80)))
    .filter((index) => !/[{,([]\s*$|\bin\s+[^\]]*$/.test(file.code.slice(Math.max(0, index - 40), index)))
    .map((index) => lineAt(file.code, index))
}

const exportLists = ({ code }: SourceFile): readonly (readonly [number, number])[] =>
  [...code.matchAll(/\bexport\s+(?:type\s+)?\{[^}]*\}/g)].map((match) => [match.index, match.index + match[0].length])

/** Whether the line of a cast has a comment, or, where the formatter has broken the line, the line that closes it. */
const isExplained = (file: SourceFile, line: number): boolean => {
  const code = file.code.split('\n')
  const next = code.slice(line, line + 8).findIndex((text) => /^\s*[)\]}][()[\]{};,\s]*$/.test(text))
  return hasComment(file, line) || (next >= 0 && hasComment(file, line + next + 1))
}

/** Whether behind the last character of code on the line a comment stands. */
const hasComment = (file: SourceFile, line: number): boolean => {
  const text = file.text.split('\n')[line - 1] ?? ''
  const code = file.code.split('\n')[line - 1] ?? ''
  const tail = text.slice(code.trimEnd().length).replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/g, '')
  return /\/\/|\/\*/.test(tail)
}
