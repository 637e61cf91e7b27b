/** `topology schema`: the inferred schema of a collection, or the list of collections. */
import type { CollectionSchema, SchemaProperty } from '../../operators/infer-schema/read-schema-state.ts'
import { readSchema } from '../../sinks/rows/read-schema.ts'
import type { JsonObject } from '../model/json.ts'
import { messageOf } from '../model/spillway-error.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { didYouMean } from './did-you-mean.ts'
import { chooseSink, type Reader, withReader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { readFreshness } from './read-freshness.ts'
import { createTalk } from './talk.ts'
import { formatNumber, plural, textTable } from './text-table.ts'
import { UsageProblems } from './usage-problems.ts'
import { withLogs } from './with-logs.ts'

export const schema: CommandDefinition = {
  name: 'schema',
  doc: 'Shows the inferred schema of a collection: every property with its type, the share of events that show it, and the counts of all types seen. Without a collection: the list of them.',
  arguments: [{ name: 'COLLECTION', doc: 'the collection', isRequired: false }],
  options: [
    { flags: '-p, --project <NAME>', doc: 'only this project' },
    { flags: '--sink <NAME>', doc: 'which sink, where several keep a schema' },
  ],
  common: ['log', 'rows', 'topology', 'json'],
  examples: ['topology schema', 'topology schema purchases', 'topology schema purchases --json --pretty'],
  run: (io, input) => withReader<ExitCode>(io, input, (reader) => show(io, input, reader)),
}

const show = async (io: CommandIo, input: CommandInput, reader: Reader): Promise<ExitCode> => {
  const { topology } = reader
  const sink = chooseSink(topology, 'schema', ({ operator }) => operator?.name === 'inferSchema', input.text('sink'))
  const [wanted] = input.operands
  const schemas = await readSchema({ rows: reader.rows, sink: sink.name, project: input.text('project') })
  if (wanted === undefined) {
    await printList(io, input, schemas)
    return 0
  }
  const described = schemas.find(({ collection }) => collection === wanted)
  if (described === undefined) {
    const names = schemas.map(({ collection }) => collection)
    const hint = names.length === 0 ? 'There are none yet.' : `There are ${names.slice(0, 20).join(', ')}.`
    throw new UsageProblems([{ text: `no collection ${JSON.stringify(wanted)}${didYouMean(wanted, names)}`, hint }])
  }
  if (!input.flag('json')) await io.print(schemaText(described))
  else await printJson(io, input, { ...schemaJson(described), as_of: await asOf(io, input, reader, sink.name) })
  return 0
}

/** Positions that the schema is of: everything below them is counted. */
const asOf = async (
  io: CommandIo,
  input: CommandInput,
  reader: Reader,
  sink: string,
): Promise<Readonly<Record<string, number>> | null> => {
  try {
    const nowMs = io.clock.nowMs()
    const fresh = await withLogs(io, reader, (logOf) =>
      readFreshness(reader.topology, sink, reader.ledger, logOf, nowMs),
    )
    return fresh.asOf
  } catch (error) {
    createTalk(io, input.logLevel).warn(`its positions cannot be told: ${messageOf(error)}`)
    return null
  }
}

const printList = async (io: CommandIo, input: CommandInput, schemas: readonly CollectionSchema[]): Promise<void> => {
  const rows = schemas.map(({ collection, events, properties, unpublished }) => ({
    collection,
    events,
    properties: Object.keys(properties).length + unpublished,
  }))
  if (input.flag('json')) return printJson(io, input, rows)
  if (rows.length === 0) return io.print('no collections yet\n')
  const columns = [
    { title: 'COLLECTION' },
    { title: 'EVENTS', align: 'right' },
    { title: 'PROPERTIES', align: 'right' },
  ] as const
  return io.print(
    textTable(
      columns,
      rows.map((row) => [row.collection, formatNumber(row.events), formatNumber(row.properties)]),
    ),
  )
}

const schemaJson = (described: CollectionSchema): JsonObject => ({
  collection: described.collection,
  events: described.events,
  approximate: described.approximate,
  properties: Object.fromEntries(
    Object.entries(described.properties).map(([path, { type, count, types, present }]) => [
      path,
      { type, count, types: Object.fromEntries(Object.entries(types)), present },
    ]),
  ),
  collapsed: described.collapsed.map(({ path, names }) => ({ path, names })),
  unpublished: described.unpublished,
})

const schemaText = (described: CollectionSchema): string => {
  const { collection, events, approximate, collapsed, unpublished } = described
  const columns = [
    { title: 'PROPERTY' },
    { title: 'TYPE' },
    { title: 'EVENTS', align: 'right' },
    { title: 'SHARE', align: 'right' },
    { title: 'TYPES SEEN' },
  ] as const
  const rows = Object.entries(described.properties).map(([path, property]) => [
    path,
    property.type,
    formatNumber(property.count),
    shareText(property.present),
    typesText(property),
  ])
  const notes = [
    ...collapsed.map(({ path, names }) => `${path} stands for ${formatNumber(names)} names\n`),
    ...(unpublished > 0 ? [`${formatNumber(unpublished)} more paths\n`] : []),
    ...(approximate ? ['approximate: there are more paths than are kept\n'] : []),
  ]
  return `${collection}: ${plural(events, 'event')}\n\n${textTable(columns, rows)}${notes.length > 0 ? '\n' : ''}${notes.join('')}`
}

const shareText = (share: number): string => {
  const percent = share * 100
  return `${percent === 100 || percent === 0 ? percent : percent > 99.9 || percent < 0.1 ? percent.toFixed(3) : percent.toFixed(1)} %`
}

/** Empty where only one type was seen: then the type says it all. */
const typesText = ({ types }: SchemaProperty): string => {
  const seen = Object.entries(types).sort(([, left], [, right]) => right - left)
  return seen.length < 2 ? '' : seen.map(([type, count]) => `${type} ${formatNumber(count)}`).join(', ')
}
