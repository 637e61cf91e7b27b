/** What documents say is so: commands and their options exist, files that are named exist, dependencies are accounted for. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { commandTable } from '../../topology/cli/command-table.ts'
import { optionsOf } from '../../topology/cli/commander-program.ts'
import { lineAt, readText, root, type Violation } from './source-tree.ts'

interface Page {
  readonly path: string
  readonly text: string
}

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

export const manifest = (): Manifest => JSON.parse(readText('package.json'))

const built = new Set(['test', 'start', 'ci', 'install', 'pack', 'exec'])
const npmCommand = /\bnpm (run )?([a-z][\w:-]*)/g

export const npmCommandViolations = (page: Page): readonly Violation[] => {
  const { scripts } = manifest()
  return [...page.text.matchAll(npmCommand)].flatMap((match) => {
    const [all, run, name = ''] = match
    if (name in scripts || (run === undefined && built.has(name)) || name === 'run') return []
    // `npm` as a word of a sentence.
    if (run === undefined && !inCode(page.text, match.index)) return []
    return [{ path: page.path, line: lineAt(page.text, match.index), rule: `there is no \`${all}\`` }]
  })
}

/** Within backticks, or on a line of a fenced or indented block. */
const inCode = (text: string, index: number): boolean => {
  const before = text.slice(text.lastIndexOf('\n', index) + 1, index)
  const isFenced = (text.slice(0, index).match(/^```/gm)?.length ?? 0) % 2 === 1
  return isFenced || /^ {4}/.test(before) || (before.match(/`/g)?.length ?? 0) % 2 === 1
}

// What `status` prints begins with `topology NAME:`.
const topologyCommand = /(?:^|`|\$ |npx |\| |run )topology (?:-- )?([a-z][\w-]*)(?![\w:-])([^`\n]*)/gm

export const topologyCommandViolations = async (page: Page): Promise<readonly Violation[]> => {
  const found: Violation[] = []
  for (const match of page.text.matchAll(topologyCommand)) {
    if (!inCode(page.text, match.index + match[0].indexOf('topology'))) continue
    const rule = await topologyCommandProblem(match[1]!, match[2]!)
    if (rule !== undefined) found.push({ path: page.path, line: lineAt(page.text, match.index), rule })
  }
  return found
}

const topologyCommandProblem = async (first: string, rest: string): Promise<string | undefined> => {
  const second = /^ ([a-z][\w-]*)/.exec(rest)?.[1] ?? ''
  const isGroup = commandTable.some(({ name }) => name.startsWith(`${first} `))
  if (isGroup && second === '') return undefined
  const name = isGroup ? `${first} ${second}` : first
  const entry = commandTable.find((one) => one.name === name)
  if (entry === undefined) return `there is no command \`topology ${name}\``
  const known = optionsOf(await entry.load()).flatMap(({ flags }) => flags.match(/--[\w-]+/g) ?? [])
  const strange = (rest.split(' | ')[0]!.match(/(?<=\s)--[a-z][\w-]*/g) ?? []).filter((flag) => !known.includes(flag))
  return strange.length === 0 ? undefined : `\`topology ${name}\` has no option ${strange.join(', ')}`
}

const namedFile = /`((?:topology|operators|sinks|examples|test|docs|\.ci)\/[\w./-]*)`|\]\((?!https?:|#)([^)#\s]+)/g

export const namedFileViolations = (page: Page): readonly Violation[] =>
  [...page.text.matchAll(namedFile)].flatMap((match) => {
    const path = match[1] ?? join(page.path, '..', match[2] ?? '')
    if (existsSync(join(root, path))) return []
    return [{ path: page.path, line: lineAt(page.text, match.index), rule: `there is no ${path}` }]
  })

/** Each dependency stands in a table row of DECISIONS.md, and no row speaks of one that has gone. */
export const dependencyViolations = (): readonly string[] => {
  const { dependencies, devDependencies } = manifest()
  const names = [...Object.keys(dependencies), ...Object.keys(devDependencies)]
  const section = readText('DECISIONS.md').split('## Dependencies')[1] ?? ''
  const rows = [...section.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1]!)
  return [
    ...names.filter((name) => !rows.includes(name)).map((name) => `${name} has no line in DECISIONS.md`),
    ...rows.filter((name) => !names.includes(name)).map((name) => `DECISIONS.md speaks of ${name}, which is not used`),
  ]
}
