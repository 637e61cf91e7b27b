/** `topology schema`: the inferred schema of a collection as a table, JSON, JSON Schema or Avro, or the list of collections. */
import { avroSchemaOf } from '../../operators/infer-schema/avro-schema.ts'
import { schemaBoundsOf } from '../../operators/infer-schema/infer-schema.ts'
import { jsonSchemaOf } from '../../operators/infer-schema/json-schema.ts'
import type { CollectionSchema, SchemaBounds } from '../../operators/infer-schema/read-schema-state.ts'
import type { CatalogueSink } from '../../sinks/rows/catalogue-entry.ts'
import { readSchema } from '../../sinks/rows/read-schema.ts'
import { errors } from '../model/errors.ts'
import type { JsonObject } from '../model/json.ts'
import { knobValue } from '../model/knobs.ts'
import { messageOf } from '../model/spillway-error.ts'
import { storedName } from '../served-entry.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { didYouMean } from './did-you-mean.ts'
import { chooseSink, type Reader, withReader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { type Freshness, readFreshness } from './read-freshness.ts'
import { schemaText } from './schema-text.ts'
import { createTalk } from './talk.ts'
import { formatDuration, formatNumber, textTable } from './text-table.ts'
import { UsageProblems } from './usage-problems.ts'
import { withLogs } from './with-logs.ts'

const formats = ['table', 'json-schema', 'avro'] as const

export const schema: CommandDefinition = {
  name: 'schema',
  doc: 'Shows the inferred schema of a collection: every property with its type, the share of events that show it, and the counts of all types seen. Without a collection: the list of them. The counts are exact, also after deletes; nothing is ever counted again.',
  arguments: [{ name: 'COLLECTION', doc: 'the collection', isRequired: false }],
  options: [
    { flags: '-p, --project <NAME>', doc: 'only this project' },
    { flags: '--sink <NAME>', doc: 'which sink, where several keep a schema' },
    { flags: '-f, --format <FORMAT>', doc: 'table (default), json-schema or avro: a document for other programs' },
    { flags: '--recount', doc: 'refused: there is nothing to count again; says what recomputes a schema' },
  ],
  common: ['log', 'rows', 'topology', 'namespace', 'json'],
  examples: [
    'topology schema',
    'topology schema purchases',
    'topology schema purchases --json --pretty',
    'topology schema purchases --format json-schema > purchases.schema.json',
  ],
  run: async (io, input) => {
    const format = input.choice('format', formats, 'table')
    const [collection] = input.operands
    if (format !== 'table' && collection === undefined)
      input.note({ at: '--format', text: 'a document is of one collection: name it' })
    if (input.flag('recount')) {
      input.check()
      throw errors.recountRefused({ what: collection === undefined ? 'a schema' : `the schema of ${collection}` })
    }
    return withReader<ExitCode>(io, input, (reader) => show(io, input, reader, format))
  },
}

const show = async (
  io: CommandIo,
  input: CommandInput,
  reader: Reader,
  format: (typeof formats)[number],
): Promise<ExitCode> => {
  const sink = chooseSink(
    reader.topology,
    'schema',
    ({ operator }) => operator?.name === 'inferSchema',
    input.text('sink'),
  )
  const stored = storedName(sink)
  const [wanted] = input.operands
  const read = (collection?: string): Promise<readonly CollectionSchema[]> =>
    readSchema({
      rows: reader.rows,
      sink: stored,
      project: input.text('project'),
      collection,
      bounds: boundsOf(reader, sink),
    })
  if (wanted === undefined) {
    await printList(io, input, await read())
    return 0
  }
  const [described] = await read(wanted)
  if (described === undefined) throw unknownCollection(wanted, await read())
  if (format === 'json-schema') await io.print(documentText(jsonSchemaOf(described)))
  else if (format === 'avro') await io.print(documentText(avroSchemaOf(described)))
  else await print(io, input, described, await freshnessOf(io, input, reader, stored))
  return 0
}

/** Knobs of the settings, else what the operator was declared with. */
const boundsOf = ({ configuration }: Reader, { operator }: CatalogueSink): SchemaBounds => {
  const { childNames, publishedPaths } = schemaBoundsOf(operator?.reading)
  const declared = {
    ...(childNames === undefined ? {} : { 'schema.childNames': childNames }),
    ...(publishedPaths === undefined ? {} : { 'schema.publishedPaths': publishedPaths }),
  }
  return {
    childNames: knobValue('schema.childNames', configuration.knobs, declared),
    publishedPaths: knobValue('schema.publishedPaths', configuration.knobs, declared),
  }
}

const unknownCollection = (wanted: string, schemas: readonly CollectionSchema[]): UsageProblems => {
  const names = schemas.map(({ collection }) => collection)
  const hint = names.length === 0 ? 'There are none yet.' : `There are ${names.slice(0, 20).join(', ')}.`
  return new UsageProblems([{ text: `no collection ${JSON.stringify(wanted)}${didYouMean(wanted, names)}`, hint }])
}

/** Documents are kept in files that people read. */
const documentText = (document: JsonObject): string => `${JSON.stringify(document, undefined, 2)}\n`

const print = (
  io: CommandIo,
  input: CommandInput,
  described: CollectionSchema,
  fresh: Freshness | undefined,
): Promise<void> =>
  input.flag('json')
    ? printJson(io, input, { ...schemaJson(described), as_of: fresh?.asOf ?? null })
    : io.print(schemaText(described, positionsText(fresh), io.columns))

const positionsMax = 8

/** Everything below the positions is counted. */
const positionsText = (fresh: Freshness | undefined): string => {
  if (fresh === undefined) return 'as of positions that cannot be told'
  const positions = Object.entries(fresh.asOf)
  const list = positions.map(([place, at]) => `${place}:${formatNumber(at)}`).join(' ')
  const lag = fresh.millisecondsBehind
  const behind = lag === 0 ? 'all events are in' : `${formatDuration(lag)} behind the log`
  return `as of ${positions.length > positionsMax ? `${positions.length} partitions` : list}, ${behind}`
}

/** Freshness needs the log; without it the schema stands. */
const freshnessOf = async (
  io: CommandIo,
  input: CommandInput,
  reader: Reader,
  sink: string,
): Promise<Freshness | undefined> => {
  try {
    const nowMs = io.clock.nowMs()
    return await withLogs(io, reader, (logOf) => readFreshness(reader.topology, sink, reader.ledger, logOf, nowMs))
  } catch (error) {
    createTalk(io, input.logLevel).warn(`its positions cannot be told: ${messageOf(error)}`)
    return undefined
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
