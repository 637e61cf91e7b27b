/** Lengths of files and functions. What is longer than the ceiling must stand in the ratchet. */
import { lineAt, type SourceFile } from './source-tree.ts'

export const fileLinesMax = 300
export const functionLinesMax = 60

export interface Measured {
  readonly path: string
  readonly line: number
  readonly number: number
}

export const fileLengths = (tree: readonly SourceFile[]): readonly Measured[] =>
  tree.map(({ path, text }) => ({ path, line: 1, number: text.trimEnd().split('\n').length }))

/** The longest function of each file; a `describe` of a test is a heading, no function. */
export const functionLengths = (tree: readonly SourceFile[]): readonly Measured[] =>
  tree.flatMap((file) => {
    const all = functionsOf(file).sort((left, right) => right.number - left.number)
    return all.slice(0, 1)
  })

const functionsOf = ({ path, code }: SourceFile): Measured[] => {
  const closers = closingBraces(code)
  return [...bodies(code, closers)].map((open) => {
    const line = lineAt(code, open)
    return { path, line, number: lineAt(code, closers.get(open) ?? open) - line + 1 }
  })
}

/** Each `{` to its `}`. */
const closingBraces = (code: string): ReadonlyMap<number, number> => {
  const open: number[] = []
  const pairs = new Map<number, number>()
  for (let index = 0; index < code.length; index++) {
    if (code[index] === '{') open.push(index)
    if (code[index] === '}') pairs.set(open.pop() ?? 0, index)
  }
  return pairs
}

const heading = /\bdescribe\b[^\n]*$/
const control = /\b(?:if|for|while|switch|catch|with|await)\s*$/

/** Braces that open the body of an arrow, a function or a method. */
const bodies = function* (code: string, closers: ReadonlyMap<number, number>): Generator<number> {
  for (const open of closers.keys()) {
    const before = code.slice(0, open).trimEnd()
    const line = before.slice(before.lastIndexOf('\n') + 1)
    if (before.endsWith('=>')) {
      if (!heading.test(line)) yield open
    } else if (isMethodBody(code, before)) yield open
  }
}

/** Behind `name(...)`, `name(...): Type`: going back over the type and the parentheses stands a name, not `if`. */
const isMethodBody = (code: string, before: string): boolean => {
  const typed = /\)\s*:[^;={}()]*$/.exec(before)
  const end = typed === null ? before.length - 1 : typed.index
  if (code[end] !== ')') return false
  let depth = 0
  for (let index = end; index >= 0; index--) {
    if (code[index] === ')') depth++
    if (code[index] === '(' && --depth === 0) {
      const head = code.slice(Math.max(0, index - 200), index)
      return /[\w$>\]]\s*$/.test(head) && !control.test(head)
    }
  }
  return false
}
