/**
 * Comments speak of `PROTOCOL section 5` and `DOMAIN section 2`: pages of `docs/` that anybody can open, with that section.
 */
import { lineAt, readText, type SourceFile, type Violation } from './source-tree.ts'

const pages: Readonly<Record<string, string>> = { PROTOCOL: 'docs/protocol.md', DOMAIN: 'docs/domain.md' }

// Capitals before `section 3` or `sections 2 and 6`; the text may break its line in between.
const reference = /\b([A-Z]{4,})(?:\.md)?\s*(?:\n\s*\*\s*)?sections?\s+(\d+)(?:\s+and\s+(\d+))?/g

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
