/**
 * Comments speak of `PROTOCOL section 5` and `DOMAIN section 2`: pages of `docs/` that anybody can open, with that section.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { lineAt, readText, root, type SourceFile, type Violation } from './source-tree.ts'

const pages: Readonly<Record<string, string>> = { PROTOCOL: 'docs/protocol.md', DOMAIN: 'docs/domain.md' }

// Capitals before `section 3` or `sections 2 and 6`; the text may break its line in between.
const reference = /\b([A-Z]{4,})(?:\.md)?\s*(?:\n\s*\*\s*)?sections?\s+(\d+)(?:\s+and\s+(\d+))?/g

/** Pages that comments name as a file: at the root of the repository, or not at all. */
const pageName = /\b[A-Z]{4,}\.md\b/g

export const pageViolations = (tree: readonly SourceFile[]): readonly Violation[] =>
  tree.flatMap((file) =>
    [...file.text.matchAll(pageName)]
      .filter(([name]) => !existsSync(join(root, name)))
      .map((match) => ({ path: file.path, line: lineAt(file.text, match.index), rule: `there is no ${match[0]}` })),
  )

export const sectionViolations = (tree: readonly SourceFile[]): readonly Violation[] =>
  tree.flatMap((file) =>
    [...file.text.matchAll(reference)].flatMap((match) => {
      const [, name = '', ...numbers] = match
      const at = { path: file.path, line: lineAt(file.text, match.index) }
      const page = pages[name]
      if (page === undefined) return [{ ...at, rule: `no page is called ${name}; say it here, or in docs/` }]
      const missing = numbers.filter((number) => number !== undefined && !hasSection(page, number))
      return missing.map((number) => ({ ...at, rule: `${page} has no section ${number}` }))
    }),
  )

const hasSection = (page: string, number: string): boolean => new RegExp(`^## ${number}\\. `, 'm').test(readText(page))
