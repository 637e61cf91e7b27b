/**
 * The one file that knows commander: it parses words and lays out help. What a word means is the command's.
 *
 * Commander stops at the first thing it does not know; here unknown options and missing or superfluous arguments are
 * collected, so that a person sees all of them at once.
 */
import { Command, CommanderError, Option } from 'commander'
import type { CommandDefinition, CommonOption, OptionDefinition } from './command.ts'
import { CommandInput } from './command-input.ts'
import { commandTable } from './command-table.ts'
import { didYouMean } from './did-you-mean.ts'
import type { UsageProblem } from './usage-problems.ts'

const commonOptions: Readonly<Record<Exclude<CommonOption, 'json'>, OptionDefinition>> = {
  log: {
    flags: '--log <URL>',
    doc: 'the log: file:FOLDER[?partitions=N&retention=7d] or kafka://HOST:PORT[,HOST:PORT]/TOPIC (default file:./data/log)',
  },
  rows: {
    flags: '--rows <URL>',
    doc: 'rows and ledger: sqlite:FILE or cassandra://HOST:PORT[,HOST:PORT]/KEYSPACE[?dc=NAME&ttl=90d] (default sqlite:./data/rows.db)',
  },
  objects: {
    flags: '--objects <URL>',
    doc: 'objects: file:FOLDER or s3://BUCKET[/PREFIX][?encryption=AES256] (default file:./data/objects)',
  },
  topology: { flags: '--topology <NAME>', doc: 'which topology, where several share the rows' },
  namespace: { flags: '--namespace <NAME>', doc: 'the result of a replay, instead of the live one' },
}

const jsonOptions: readonly OptionDefinition[] = [
  { flags: '--json', doc: 'output for programs, compact' },
  { flags: '--pretty', doc: 'with --json: indented' },
]

const everywhere: readonly OptionDefinition[] = [
  { flags: '--log-level <LEVEL>', doc: 'error, warn, info (default) or debug: how much stderr says' },
  { flags: '-h, --help', doc: 'this help' },
]

/** All options of a command, in the order of its help. */
export const optionsOf = (definition: CommandDefinition): readonly OptionDefinition[] => [
  ...definition.options,
  ...definition.common.flatMap((name) => (name === 'json' ? jsonOptions : [commonOptions[name]])),
  ...everywhere,
]

export const helpOfCommand = (definition: CommandDefinition, columns: number): string => {
  const examples = definition.examples.map((line) => `  $ ${line}`).join('\n')
  return `${layOut(commandOf(definition), columns)}\nExamples:\n${examples}\n`
}

/** The help of `topology` itself, or of a group such as `log`. */
export const helpOfProgram = (columns: number, group?: string): string => {
  const program = new Command(group === undefined ? 'topology' : `topology ${group}`).usage('COMMAND [...]')
  program.helpCommand(false).helpOption('-h, --help', 'this help; `topology COMMAND --help` shows that of a command')
  if (group === undefined) {
    program.description('Runs topologies: an event log feeds rows, rollups, schemas and archives, exactly once.')
    program.option('-V, --version', 'the version')
  }
  for (const entry of commandTable) {
    if (group !== undefined && !entry.name.startsWith(`${group} `)) continue
    program.addCommand(
      new Command(group === undefined ? entry.name : entry.name.slice(group.length + 1)).summary(entry.summary),
    )
  }
  return layOut(program, columns)
}

const layOut = (command: Command, columns: number): string =>
  command.configureOutput({ getOutHelpWidth: () => columns, getOutHasColors: () => false }).helpInformation()

/** Reads the words behind the command's name; what is wrong with them is in the input's problems. */
export const parseWords = (definition: CommandDefinition, words: readonly string[]): CommandInput => {
  const command = commandOf(definition)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  const problems: UsageProblem[] = []
  let operands: readonly string[] = []
  let unknown: readonly string[] = []
  try {
    const parsed = command.parseOptions([...words])
    operands = parsed.operands
    unknown = parsed.unknown
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    problems.push({ text: error.message.replace(/^error: /, '') })
  }
  const isOption = (word: string): boolean => word.length > 1 && word.startsWith('-')
  const known = optionsOf(definition).flatMap(({ flags }) => flags.match(/--?[\w-]+/g) ?? [])
  const strangers = unknown.filter(isOption)
  for (const word of strangers) problems.push(unknownOption(word, known))
  // Behind an unknown option nobody can tell its value from an argument: the word is taken for the value.
  const others = unknown.filter((word, index) => !isOption(word) && !isOption(unknown[index - 1] ?? ''))
  const places = [...operands, ...others]
  if (problems.length === 0) problems.push(...argumentProblems(definition, places))
  return new CommandInput(places, optionValues(command), problems)
}

const unknownOption = (word: string, known: readonly string[]): UsageProblem => {
  const name = word.replace(/=.*$/s, '')
  return known.includes(name)
    ? { at: name, text: 'takes no value' }
    : { at: name, text: `unknown option${didYouMean(name, known)}` }
}

const argumentProblems = (definition: CommandDefinition, operands: readonly string[]): readonly UsageProblem[] => {
  const names = definition.arguments
  const missing = names.filter((argument, index) => argument.isRequired && operands[index] === undefined)
  const isOpen = names.at(-1)?.isRepeated === true
  const spare = isOpen ? [] : operands.slice(names.length)
  return [
    ...missing.map(({ name, doc }) => ({ text: `${name} is missing: ${doc}` })),
    ...spare.map((word) => ({ text: `unexpected argument ${JSON.stringify(word)}` })),
  ]
}

const commandOf = (definition: CommandDefinition): Command => {
  const command = new Command(`topology ${definition.name}`).description(definition.doc).helpOption(false)
  for (const { name, doc, isRequired, isRepeated = false } of definition.arguments) {
    const dots = isRepeated ? '...' : ''
    command.argument(isRequired ? `<${name}${dots}>` : `[${name}${dots}]`, doc)
  }
  for (const { flags, doc, isRepeated = false } of optionsOf(definition)) {
    const option = new Option(flags, doc)
    if (isRepeated)
      option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value])
    command.addOption(option)
  }
  return command
}

/** Values by the written flag: commander keeps `group-by` as `groupBy`, and `no-keep` as a `keep` that is false. */
const optionValues = (command: Command): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    command.options.map((option) => {
      const value: unknown = command.getOptionValue(option.attributeName())
      return [option.name(), option.negate ? value === false : value]
    }),
  )
