/** `docs/errors.md`, printed from the catalogue: code, name, class, what the text says, what to do. */
import type { ErrorEntry } from '../../../topology/model/error-entry.ts'
import { errors } from '../../../topology/model/errors.ts'
import { generatedNote, tableCell } from './page-parts.ts'

const classes: readonly (readonly [string, string])[] = [
  ['retry', 'infrastructure: the lane waits and tries again, with growing pauses; nothing is lost'],
  ['reject', 'this record: it becomes a dead letter with its cause, and the lane goes on'],
  ['stop', 'the program or its configuration: the run ends with one line that says why'],
]

const groups: readonly (readonly [string, string])[] = [
  ['SPW-01', 'Records'],
  ['SPW-02', 'The log'],
  ['SPW-03', 'Stores'],
  ['SPW-04', 'The engine'],
  ['SPW-05', 'Declaration, configuration, commands'],
  ['SPW-06', 'Page, metrics, alerts'],
]

/** Every value of a text is shown by its name in angle brackets. */
const placeholders: object = new Proxy(
  {},
  { get: (_target, name) => (typeof name === 'string' ? `<${name}>` : undefined) },
)

const sentenceOf = (entry: ErrorEntry<never>): string =>
  entry
    .text(placeholders as never) // only shown: each value that a text takes is its own name
    .replaceAll(/"(<\w+>)"/g, '$1')
    .replaceAll('NaN', '<number>')

export const errorsPage = (): string => {
  const entries: readonly ErrorEntry<never>[] = Object.values(errors)
    .map(({ entry }) => entry)
    .toSorted((left, right) => (left.code < right.code ? -1 : 1))
  const sections = groups.map(([prefix, title]) => {
    const rows = entries.filter(({ code }) => code.startsWith(prefix)).map(rowOf)
    return `## ${title}\n\n| code | name | class | text | what to do |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`
  })
  const meaning = classes.map(([name, text]) => `- \`${name}\`: ${text}`).join('\n')
  return `# Errors\n\n${generatedNote}\n\nEach error has a code that is never used for anything else, and a class that says who acts:\n\n${meaning}\n\n${sections.join('\n')}`
}

const rowOf = (entry: ErrorEntry<never>): string =>
  `| ${entry.code} | ${entry.name} | \`${entry.errorClass}\` | ${tableCell(sentenceOf(entry))} | ${tableCell(entry.hint)} |`
