/** The imports of a source file: where they stand, what they name, and whether they vanish with the types. */
import { dirname, posix } from 'node:path'
import { lineAt, type SourceFile } from './source-tree.ts'

export interface Import {
  readonly line: number
  /** As written: `../model/event.ts`, `rxjs`, `node:fs`. */
  readonly specifier: string
  /** Path from the root where the import is relative. */
  readonly target: string | undefined
  readonly isTypeOnly: boolean
  /** From the first character of the statement to the specifier. */
  readonly range: readonly [number, number]
}

// Found in the masked code, so that an import within a string or a comment is none. The specifier itself is a string.
const statement = /\b(?:import|export)\s+(type\s+)?(\*\s+as\s+[\w$]+|[\w$]*\s*,?\s*(?:\{[^}]*\})?|\*)\s*\bfrom\b/g
const bareImport = /\bimport\s*\(?(?=\s*$|\s{2,})/gm
const specifierHere = /\s*['"]([^'"\n]+)['"]/y

export const importsOf = (file: SourceFile): readonly Import[] => [
  ...[...file.code.matchAll(statement)].flatMap((match) => importAt(file, match, isTypeOnly(match))),
  ...[...file.code.matchAll(bareImport)].flatMap((match) => importAt(file, match, false)),
]

/** The package of a specifier: `@scope/name` or `name`; `undefined` for relative paths, Node's own and this package. */
export const packageOf = (specifier: string): string | undefined => {
  if (/^(?:\.|node:|spillway(?:\/|$))/.test(specifier)) return undefined
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0]
}

const isTypeOnly = (match: RegExpExecArray): boolean => {
  if (match[1] !== undefined) return true
  const names = /^\{([^}]*)\}$/s.exec((match[2] ?? '').trim())?.[1]?.split(',') ?? ['']
  return names.every((name) => name.trim() === '' || /^type\s/.test(name.trim())) && names.some((name) => name.trim())
}

const importAt = (file: SourceFile, match: RegExpExecArray, isTypeOnly: boolean): readonly Import[] => {
  specifierHere.lastIndex = match.index + match[0].length
  const specifier = specifierHere.exec(file.text)?.[1]
  if (specifier === undefined) return []
  const target = specifier.startsWith('.') ? posix.join(dirname(file.path), specifier) : undefined
  const line = lineAt(file.code, match.index)
  return [{ line, specifier, target, isTypeOnly, range: [match.index, specifierHere.lastIndex] }]
}
