/** `topology describe`: the declared graph for people, diagrams and programs, and the tables it keeps. */
import type { TableSpec } from '../model/ports/row-store.ts'
import { readRowsUrl, resourceUrlProblem } from '../resource-url.ts'
import type { CommandDefinition, CommandIo } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { readConfiguration } from './configuration.ts'
import { loadTopology } from './load-topology.ts'

const formats = ['text', 'mermaid', 'json'] as const

export const describe: CommandDefinition = {
  name: 'describe',
  doc: 'Shows what a topology file declares: the graph, what each sink guarantees and needs, the bounds of its epochs. Nothing is connected.',
  arguments: [{ name: 'FILE', doc: 'the topology file', isRequired: true }],
  options: [
    { flags: '--format <FORMAT>', doc: 'text (default), mermaid or json' },
    {
      flags: '--tables',
      doc: 'the CREATE statements of its tables instead, as the rows of the configuration take them',
    },
  ],
  common: ['rows', 'json'],
  examples: [
    'topology describe topology.ts',
    'topology describe topology.ts --format mermaid',
    'topology describe topology.ts --tables',
    'topology describe topology.ts --tables --rows cassandra://localhost:9042/shop',
  ],
  run: async (io, input) => {
    const format = input.flag('json') ? 'json' : input.choice('format', formats, 'text')
    const statementOf = await statements(io, input)
    input.check()
    const topology = await loadTopology(io, input.operands[0]!)
    const { describeTopology } = await import('../declare/describe-topology.ts')
    const description = describeTopology(topology)
    if (input.flag('tables')) {
      // Sinks share some of them.
      const tables = new Map(description.sinks.flatMap((sink) => sink.tables.map((table) => [table.name, table])))
      await printTables(io, format === 'json', [...tables.values()], statementOf)
    } else if (format === 'json') {
      const { describeJson } = await import('../declare/describe-json.ts')
      await io.print(`${describeJson(description, input.flag('pretty') ? 2 : 0)}\n`)
    } else if (format === 'mermaid') {
      const { describeMermaid } = await import('../declare/describe-mermaid.ts')
      await io.print(ended(describeMermaid(description)))
    } else {
      const { describeText } = await import('../declare/describe-text.ts')
      await io.print(ended(describeText(description)))
    }
    return 0
  },
}

const ended = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`)

type StatementOf = (table: TableSpec) => string

/** In the language of the rows that the configuration names. Nothing is connected. */
const statements = async (io: CommandIo, input: CommandInput): Promise<StatementOf> => {
  if (!input.flag('tables')) {
    if (input.text('rows') !== undefined) input.note({ at: '--rows', text: 'stands with --tables' })
    return () => ''
  }
  const { rows } = await readConfiguration(io, input, input.operands[0])
  const place = resourceUrlProblem('rows', rows.value) === undefined ? readRowsUrl(rows.value) : undefined
  if (place?.scheme !== 'cassandra')
    return (await import('../../sinks/rows/sqlite/create-table-statement.ts')).createTableStatement
  const { createTableStatement } = await import('../../sinks/rows/cassandra/create-table-statement.ts')
  const { keyspace, ttlSeconds } = place
  return (table) => createTableStatement(table, { ttlSeconds }, keyspace)
}

const printTables = async (
  io: CommandIo,
  isJson: boolean,
  tables: readonly TableSpec[],
  statementOf: StatementOf,
): Promise<void> => {
  const made = tables.map((table) => ({ table: table.name, statement: statementOf(table) }))
  if (isJson) await io.print(`${JSON.stringify(made)}\n`)
  else for (const { statement } of made) await io.print(`${statement.replace(/;?\s*$/, ';')}\n`)
}
