/**
 * A problem of a declaration: what is wrong, what to write instead, and where in the user's file.
 *
 * Problems are data, so that all of them can be shown at once, by a person's terminal and by `--json` alike.
 */

/** A place in a source file; line and column are counted from 1. */
export interface SourceLocation {
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface Problem {
  readonly text: string
  /** What to do about it: a sentence without a full stop. */
  readonly suggestion?: string
  readonly at?: SourceLocation
}

/** A problem from parts that may be missing. */
export const problem = (text: string, suggestion?: string, at?: SourceLocation): Problem => ({
  text,
  ...(suggestion === undefined ? {} : { suggestion }),
  ...(at === undefined ? {} : { at }),
})

/** One line: `file:line:column: text (suggestion)`. */
export const formatProblem = (found: Problem): string => {
  const place = found.at === undefined ? '' : `${found.at.file}:${found.at.line}:${found.at.column}: `
  const advice = found.suggestion === undefined ? '' : ` (${found.suggestion})`
  return `${place}${found.text}${advice}`
}

/** As they stand in the files, those without a place first; equal places keep their order. */
export const inOrderOfText = (problems: readonly Problem[]): readonly Problem[] =>
  [...problems].sort((left, right) => compareText(fileOf(left), fileOf(right)) || placeOf(left) - placeOf(right))

const fileOf = (one: Problem): string => one.at?.file ?? ''
// Columns stay far below a million; a line is then one number with its column.
const placeOf = (one: Problem): number => (one.at === undefined ? 0 : one.at.line * 1e6 + one.at.column)
const compareText = (left: string, right: string): number => (left === right ? 0 : left < right ? -1 : 1)
