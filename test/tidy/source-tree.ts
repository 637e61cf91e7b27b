/**
 * The tree as the tidy rules see it: each source file with its text, and its code with comments and strings blanked out,
 * character for character, so that a place in the one is the same place in the other.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { maskedCode } from '../../topology/declare/masked-code.ts'

export interface SourceFile {
  /** From the root of the repository, with `/`. */
  readonly path: string
  readonly text: string
  /** The text without the content of comments, strings and regular expressions. */
  readonly code: string
}

export interface Violation {
  readonly path: string
  /** From 1. */
  readonly line: number
  readonly rule: string
}

export const root: string = fileURLToPath(new URL('../..', import.meta.url))

const sourceFolders = ['topology', 'operators', 'sinks', 'examples', 'test']
const notRead = new Set(['node_modules', 'dist', 'data', '.tmp'])

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((found) => {
    if (notRead.has(found.name)) return []
    const path = join(folder, found.name)
    return found.isDirectory() ? filesBelow(path) : [path]
  })

const pathsBelow = (folder: string): readonly string[] =>
  filesBelow(join(root, folder)).map((path) => relative(root, path).replaceAll('\\', '/'))

export const readText = (path: string): string => readFileSync(join(root, path), 'utf8')

export const sourceFile = (path: string, text: string): SourceFile => ({ path, text, code: maskedCode(text) })

/** All TypeScript of the five source folders, tests included. */
export const sourceTree = (): readonly SourceFile[] =>
  sourceFolders
    .flatMap(pathsBelow)
    .filter((path) => path.endsWith('.ts'))
    .map((path) => sourceFile(path, readText(path)))

/** The pages that people read: those at the root, and `docs`. */
export const documents = (): readonly { readonly path: string; readonly text: string }[] =>
  [...readdirSync(root), ...pathsBelow('docs')]
    .filter((path) => path.endsWith('.md'))
    .map((path) => ({ path, text: readText(path) }))

export const isTest = (path: string): boolean => path.startsWith('test/')

export const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length

/** Each place where the pattern matches the code; `rule` may speak of the match. */
export const placesOf = (
  file: SourceFile,
  pattern: RegExp,
  rule: (match: RegExpExecArray) => string,
): readonly Violation[] =>
  [...file.code.matchAll(pattern)].map((match) => ({
    path: file.path,
    line: lineAt(file.code, match.index),
    rule: rule(match),
  }))

export const report = (violations: readonly Violation[]): readonly string[] =>
  violations.map(({ path, line, rule }) => `${path}:${line}: ${rule}`)
