/**
 * Compares everything that a finished topology shows with a plain recomputation of the log: event rows, schema, rollup
 * and objects, through the answers of the program itself. Each difference is one sentence.
 */
import { join } from 'node:path'
import { percentileOf, recompute } from '../oracle/recompute.ts'
import { schemaCounts } from '../oracle/recompute-schema.ts'
import { topology } from './cli-process.ts'
import type { LoggedLine } from './log-tally.ts'
import { ObjectFolder } from './object-folder.ts'

type Json = Readonly<Record<string, unknown>>

/** Problems that are told; the rest is counted. */
const toldMax = 20

/** The archive as any reader of the store sees it. */
export interface ArchivedObjects {
  /** What a listing shows. */
  keys(): Promise<readonly string[]>
  /** Lines of all objects; one that is no whole object of the drill is a problem. */
  lines(problems: string[]): Promise<readonly string[]>
}

export interface OutcomePlace {
  readonly objects: ArchivedObjects
  /** For commands: where their resources are. */
  readonly env: Readonly<Record<string, string>>
  /** The results of a replay. Absent: what readers see. */
  readonly namespace?: string
}

const embedded = (folder: string): OutcomePlace => ({
  objects: new ObjectFolder(join(folder, 'data/objects')),
  env: {},
})

export const checkOutcome = async (
  folder: string,
  lines: readonly LoggedLine[],
  { objects, env, namespace }: OutcomePlace = embedded(folder),
): Promise<readonly string[]> => {
  const where = namespace === undefined ? [] : ['--namespace', namespace]
  const ask: Ask = (words, problems) => answerOf(folder, [...words, ...where], env, problems)
  const parts = await Promise.all([
    eventProblems(ask, lines),
    schemaProblems(ask, lines),
    rollupProblems(ask, lines),
    objectProblems(ask, lines, objects),
    letterProblems((words, problems) => answerOf(folder, words, env, problems)),
  ])
  const problems = parts.flat()
  const rest = problems.length - toldMax
  return rest > 0 ? [...problems.slice(0, toldMax), `and ${rest} more`] : problems
}

type Ask = (words: readonly string[], problems: string[]) => Promise<string>

/** The answer of a command, with whatever it failed of. */
const answerOf = async (
  folder: string,
  words: readonly string[],
  env: OutcomePlace['env'],
  problems: string[],
): Promise<string> => {
  const { code, stdout, stderr } = await topology(folder, words, env)
  if (code !== 0) problems.push(`${words.join(' ')} ended with ${code}: ${stderr}`)
  return stdout
}

const collectionsOf = (lines: readonly LoggedLine[]): readonly string[] => [
  ...new Set(lines.map(({ collection }) => collection)),
]

/** What is expected and found, as texts by name: too few, too many, other. */
export const compare = (
  what: string,
  expected: ReadonlyMap<string, string>,
  found: readonly (readonly [string, string])[],
): readonly string[] => {
  const problems: string[] = []
  const left = new Map(expected)
  for (const [name, text] of found) {
    const wanted = left.get(name)
    if (wanted === undefined) problems.push(`${what} ${name} is ${expected.has(name) ? 'there twice' : 'of no record'}`)
    else if (wanted !== text) problems.push(`${what} ${name} is ${text}, not ${wanted}`)
    left.delete(name)
  }
  for (const name of left.keys()) problems.push(`${what} ${name} is missing`)
  return problems
}

const eventProblems = async (ask: Ask, lines: readonly LoggedLine[]): Promise<readonly string[]> => {
  const problems: string[] = []
  for (const collection of collectionsOf(lines)) {
    const asked = ['events', collection, '--limit', String(lines.length + 1), '--json']
    const found = (await ask(asked, problems)).trimEnd().split('\n').filter(Boolean)
    const expected = lines
      .filter((line) => line.collection === collection)
      .map((line) => {
        const keen = { id: line.id, created_at: line.createdAt, timestamp: line.timestamp }
        return [line.id, JSON.stringify({ keen, ...line.body })] as const
      })
    const named = found.map((text) => [JSON.parse(text).keen.id, text] as const)
    problems.push(...compare('event row', new Map(expected), named))
  }
  return problems
}

const schemaProblems = async (ask: Ask, lines: readonly LoggedLine[]): Promise<readonly string[]> => {
  const problems: string[] = []
  for (const collection of collectionsOf(lines)) {
    const bodies = lines.filter((line) => line.collection === collection).map(({ body }) => body)
    const expected = [...schemaCounts(bodies)].map(([pair, count]) => [pair, String(count)] as const)
    const schema: Json = JSON.parse(await ask(['schema', collection, '--json'], problems))
    const found = Object.entries(schema['properties'] as Record<string, { types: Record<string, number> }>) // DOMAIN section 4
      .flatMap(([path, { types }]) => Object.entries(types).map(([type, n]) => [`${type} ${path}`, String(n)] as const))
    problems.push(...compare(`schema of ${collection}:`, new Map(expected), found))
    if (schema['events'] !== bodies.length) problems.push(`schema of ${collection} counts ${schema['events']} events`)
  }
  return problems
}

const rollupProblems = async (ask: Ask, lines: readonly LoggedLine[]): Promise<readonly string[]> => {
  const problems: string[] = []
  const asked = ['query', 'totals', '--group-by', 'kind', '--interval', 'every_10_minutes', '--fill', 'none', '--json']
  const { result } = JSON.parse(await ask(asked, problems))
  const found = new Map<string, Json>()
  for (const { timeframe, value } of result) {
    for (const row of value) found.set(`${timeframe.start} ${row.kind}`, row)
  }
  const groups = Map.groupBy(lines, ({ timestamp, body }) => `${timestamp.slice(0, 15)}0:00.000Z ${body['kind']}`)
  for (const [name, members] of groups) {
    const row = found.get(name)
    found.delete(name)
    if (row === undefined) problems.push(`rollup row ${name} is missing`)
    else problems.push(...rowProblems(name, row, members))
  }
  for (const name of found.keys()) problems.push(`rollup row ${name} is of no record`)
  return problems
}

const columns = { total: 'sum', mean: 'average', least: 'minimum', most: 'maximum' } as const
// What percentile states once it keeps buckets.
const percentileError = 0.01

const rowProblems = (name: string, row: Json, members: readonly LoggedLine[]): readonly string[] => {
  const amounts = members.map(({ body }) => body['amount'])
  const expected: Record<string, unknown> = {
    lines: members.length,
    notes: recompute['countUnique']!(members.map(({ body }) => body['note'])),
  }
  for (const [column, aggregate] of Object.entries(columns)) expected[column] = recompute[aggregate]!(amounts)
  const wrong = Object.keys(expected).filter((column) => row[column] !== expected[column])
  const p95 = percentileOf(amounts, 95)!
  if (Math.abs(Number(row['p95']) - p95) > Math.abs(p95) * percentileError) wrong.push('p95')
  return wrong.map((column) => `rollup row ${name}: ${column} is ${row[column]}, not ${expected[column] ?? p95}`)
}

const objectProblems = async (
  ask: Ask,
  lines: readonly LoggedLine[],
  objects: ArchivedObjects,
): Promise<readonly string[]> => {
  const problems: string[] = []
  const verdict = JSON.parse(await ask(['objects', '--verify', '--json'], problems))
  if (verdict.events !== lines.length || verdict.problem_count !== 0)
    problems.push(`objects --verify answers ${JSON.stringify(verdict)} for ${lines.length} records`)
  // The manifest names what the store shows, and nothing else.
  const keys = await objects.keys()
  if (keys.length !== verdict.objects) problems.push(`the store shows ${keys.length} objects, not ${verdict.objects}`)
  const expected = lines.map((line) => {
    const keen = JSON.stringify({ id: line.id, created_at: line.createdAt, timestamp: line.timestamp })
    return [line.id, `{"keen":${keen},${line.text.slice(1)}`] as const
  })
  const found = (await objects.lines(problems)).map((text) => [idOfLine(text), text] as const)
  return [...problems, ...compare('archived line', new Map(expected), found)]
}

/** The id that a line of the archive begins with. */
export const idOfLine = (text: string): string => /^\{"keen":\{"id":"([^"]*)"/.exec(text)?.[1] ?? text

const letterProblems = async (ask: Ask): Promise<readonly string[]> => {
  const problems: string[] = []
  const letters = await ask(['dead-letters', 'list', '--json'], problems)
  return letters.trim() === '[]' ? problems : [...problems, `dead letters: ${letters}`]
}
