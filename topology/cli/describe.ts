/** `topology describe`: the declared graph for people, diagrams and programs, and the tables it keeps. */
import type { CommandDefinition, CommandIo } from './command.ts'
import { loadTopology } from './load-topology.ts'

const formats = ['text', 'mermaid', 'json'] as const

export const describe: CommandDefinition = {
  name: 'describe',
  doc: 'Shows what a topology file declares: the graph, what each sink guarantees and needs, the bounds of its epochs. Nothing is connected.',
  arguments: [{ name: 'FILE', doc: 'the topology file', isRequired: true }],
  options: [
    { flags: '--format <FORMAT>', doc: 'text (default), mermaid or json' },
    { flags: '--tables', doc: 'the CREATE statements of its tables instead' },
  ],
  common: ['json'],
  examples: [
    'topology describe topology.ts',
    'topology describe topology.ts --format mermaid',
    'topology describe topology.ts --tables',
  ],
  run: async (io, input) => {
    const format = input.flag('json') ? 'json' : input.choice('format', formats, 'text')
    input.check()
    const topology = await loadTopology(io, input.operands[0]!)
    const { describeTopology } = await import('../declare/describe-topology.ts')
    const description = describeTopology(topology)
    if (input.flag('tables')) {
      const tables = description.sinks.flatMap((sink) => sink.tables)
      await printTables(io, format === 'json', tables)
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

const printTables = async (
  io: CommandIo,
  isJson: boolean,
  tables: readonly import('../model/ports/row-store.ts').TableSpec[],
): Promise<void> => {
  const { createTableStatement } = await import('../../sinks/rows/sqlite/create-table-statement.ts')
  const statements = tables.map((table) => ({ table: table.name, statement: createTableStatement(table) }))
  if (isJson) await io.print(`${JSON.stringify(statements)}\n`)
  else for (const { statement } of statements) await io.print(`${statement.replace(/;?\s*$/, ';')}\n`)
}
