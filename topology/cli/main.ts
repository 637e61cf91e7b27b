/**
 * From words to an exit code: finds the command, loads it alone, runs it, and says what went wrong.
 */
import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { type CommandIo, type ExitCode, OutputClosed } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { type CommandEntry, commandTable } from './command-table.ts'
import { describeError, exitCodeOf } from './describe-error.ts'
import { didYouMean } from './did-you-mean.ts'
import { formatProblem, UsageProblems } from './usage-problems.ts'

/** The `topology` program. Sets the exit code and lets the process end by itself, so that streams are flushed. */
export const main = async (words: readonly string[]): Promise<void> => {
  const { createProcessIo } = await import('./process-io.ts')
  process.exitCode = await runWords(words, createProcessIo())
  // A user's topology file may hold timers or sockets open; the work is done, the streams are flushed below.
  const [out, errors] = [process.stdout, process.stderr]
  out.write('', () => errors.write('', () => process.exit()))
}

/** Runs one command line in the given world. */
export const runWords = async (words: readonly string[], io: CommandIo): Promise<ExitCode> => {
  try {
    return await dispatch(words, io)
  } catch (error) {
    return tell(error, io)
  }
}

const dispatch = async (words: readonly string[], io: CommandIo): Promise<ExitCode> => {
  const [first] = words
  if (first === '--version' || first === '-V') {
    await io.print(`${versionOf()}\n`)
    return 0
  }
  const { helpOfProgram } = await import('./commander-program.ts')
  if (first === undefined) {
    io.talk(helpOfProgram(io.columns))
    return 2
  }
  if (first === '--help' || first === '-h' || (first === 'help' && words.length === 1)) {
    await io.print(helpOfProgram(io.columns))
    return 0
  }
  if (first === 'help') return dispatch([...words.slice(1), '--help'], io)
  const group = groups().find((name) => name === first)
  if (group !== undefined && (words[1] === '--help' || words[1] === '-h')) {
    await io.print(helpOfProgram(io.columns, group))
    return 0
  }
  return runEntry(findEntry(words), words, io)
}

const runEntry = async (entry: CommandEntry, words: readonly string[], io: CommandIo): Promise<ExitCode> => {
  const [definition, { helpOfCommand, parseWords }] = await Promise.all([
    entry.load(),
    import('./commander-program.ts'),
  ])
  const rest = words.slice(entry.name.split(' ').length)
  const end = rest.indexOf('--')
  if ((end < 0 ? rest : rest.slice(0, end)).some((word) => word === '--help' || word === '-h')) {
    await io.print(helpOfCommand(definition, io.columns))
    return 0
  }
  let input: CommandInput | undefined
  try {
    input = parseWords(definition, rest)
    return await definition.run(io, input)
  } catch (error) {
    if (!(error instanceof UsageProblems)) return tell(error, io, entry.name, input)
    for (const problem of error.problems) io.talk(`topology ${entry.name}: ${formatProblem(problem)}\n`)
    const count = error.problems.length === 1 ? '' : `${error.problems.length} problems; `
    io.talk(`${count}see \`topology ${entry.name} --help\`\n`)
    return 2
  }
}

const groups = (): readonly string[] => [
  ...new Set(commandTable.filter(({ name }) => name.includes(' ')).map(({ name }) => name.split(' ')[0]!)),
]

const findEntry = (words: readonly string[]): CommandEntry => {
  const [first = '', second = ''] = words
  const found = commandTable.find(({ name }) => name === first || name === `${first} ${second}`)
  if (found !== undefined) return found
  if (first.startsWith('-'))
    throw new UsageProblems([{ at: first, text: 'options stand behind the command: `topology COMMAND [...]`' }])
  const inGroup = groups().includes(first)
  const known = inGroup
    ? commandTable.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name.split(' ')[1]!)
    : [...new Set(commandTable.map(({ name }) => name.split(' ')[0]!))]
  const word = inGroup ? second : first
  const hint = `The commands are ${known.join(', ')}.`
  if (word === '' || word.startsWith('-')) throw new UsageProblems([{ text: `${first} is a group of commands`, hint }])
  const written = inGroup ? `${first} ${second}` : first
  throw new UsageProblems([{ text: `unknown command ${JSON.stringify(written)}${didYouMean(word, known)}`, hint }])
}

const tell = (error: unknown, io: CommandIo, command?: string, input?: CommandInput): ExitCode => {
  if (error instanceof OutputClosed) return 0
  if (error instanceof UsageProblems) {
    for (const problem of error.problems) io.talk(`topology: ${formatProblem(problem)}\n`)
    return 2
  }
  io.talk(`topology${command === undefined ? '' : ` ${command}`}: ${describeError(error, input)}\n`)
  return exitCodeOf(error)
}

const versionOf = (): string => {
  const file = findPackageJSON(import.meta.url)
  if (file === undefined) return 'unknown'
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string } // our own package.json
  return version
}
