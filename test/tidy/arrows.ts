/**
 * Which part may import which, as data: `model` <- `operators`, `sinks`, `declare`, `engine`, `observe`, `spouts` <- composition.
 *
 * Operators and the engine know neither a driver nor each other, so each can be read, tested and replaced alone.
 */
import { importsOf, packageOf } from './imports-of.ts'
import { isTest, type SourceFile, type Violation } from './source-tree.ts'

interface Part {
  readonly name: string
  /** Paths that begin so belong to the part; the first part that fits takes a file. */
  readonly has: (path: string) => boolean
  /** Parts it may import beside itself. */
  readonly imports: readonly string[]
}

const below =
  (folder: string) =>
  (path: string): boolean =>
    path.startsWith(`${folder}/`)

// Readers give people what the operators kept, so they read it as the operators do.
const isReader = (path: string): boolean => /^sinks\/rows\/read-[^/]*\.ts$/.test(path)

const libraryParts = [
  'model',
  'formats',
  'operators',
  'sinks',
  'readers',
  'declare',
  'engine',
  'observe',
  'spouts',
  'composition',
]

const parts: readonly Part[] = [
  { name: 'model', has: below('topology/model'), imports: [] },
  // Encodings that both the log and the objects can have: bytes in, bytes out.
  { name: 'formats', has: below('topology/formats'), imports: ['model'] },
  { name: 'declare', has: below('topology/declare'), imports: ['model'] },
  { name: 'engine', has: below('topology/engine'), imports: ['model'] },
  // What a run looks like from outside: it sees reports and ledgers, and neither log nor store.
  { name: 'observe', has: below('topology/observe'), imports: ['model', 'engine'] },
  { name: 'spouts', has: below('topology/spouts'), imports: ['model', 'formats'] },
  { name: 'operators', has: below('operators'), imports: ['model', 'formats'] },
  { name: 'readers', has: isReader, imports: ['model', 'operators', 'sinks'] },
  // The index of the sinks names the readers; no other sink knows them.
  { name: 'sink index', has: (path) => path === 'sinks/index.ts', imports: ['model', 'sinks', 'readers'] },
  { name: 'sinks', has: below('sinks'), imports: ['model', 'formats'] },
  { name: 'cli', has: below('topology/cli'), imports: [...libraryParts, 'sink index', 'testing'] },
  { name: 'testing', has: below('topology/testing'), imports: libraryParts },
  { name: 'composition', has: (path) => /^topology\/[^/]+\.ts$/.test(path), imports: libraryParts },
  // Examples are written as a user would write them: they import the package by its name.
  { name: 'examples', has: below('examples'), imports: [] },
]

const partOf = (path: string): Part | undefined => parts.find((part) => part.has(path))

/** Imports against the arrows, and files that belong to no part. */
export const arrowViolations = (tree: readonly SourceFile[]): readonly Violation[] =>
  tree
    .filter(({ path }) => !isTest(path))
    .flatMap((file) => {
      const part = partOf(file.path)
      if (part === undefined) return [{ path: file.path, line: 1, rule: 'belongs to no part of the arrows' }]
      return importsOf(file).flatMap(({ target, line }) => {
        if (target === undefined) return []
        const to = isTest(target) ? 'test' : (partOf(target)?.name ?? 'nothing known')
        if (to === part.name || part.imports.includes(to)) return []
        return [{ path: file.path, line, rule: `${part.name} does not import ${to} (${target})` }]
      })
    })

const libraryFolders = /^(?:topology|operators|sinks)\//

/** A foreign library is imported by one file of the library; its types may be named anywhere. */
export const foreignLibraryViolations = (tree: readonly SourceFile[]): readonly Violation[] => {
  const firstImporter = new Map<string, string>()
  return tree
    .filter(({ path }) => libraryFolders.test(path))
    .flatMap((file) =>
      importsOf(file).flatMap(({ specifier, isTypeOnly, line }) => {
        const name = packageOf(specifier)
        if (name === undefined || isTypeOnly) return []
        const first = firstImporter.get(name) ?? file.path
        firstImporter.set(name, first)
        return first === file.path ? [] : [{ path: file.path, line, rule: `${name} is imported by ${first} already` }]
      }),
    )
}
