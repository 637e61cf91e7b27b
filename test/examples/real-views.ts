/**
 * What a project shows of itself: event rows, archived lines, schemas and rollups. Once as the sinks keep it, once from
 * the slow truth of the log, in one form.
 */
import type { JsonObject, JsonValue, Resources } from 'spillway'
import { readEvents, readObjects, readRollup, readSchema } from 'spillway/sinks'
import { decodeObject } from '../../sinks/objects/object-formats.ts'
import { objectLines } from '../../sinks/objects/object-lines.ts'
import { namespacedSink } from '../../topology/model/namespace.ts'
import { trueId } from '../oracle/is-deleted.ts'
import type { TrueEvent } from '../oracle/read-whole-log.ts'
import { recompute } from '../oracle/recompute.ts'
import { type TrueProperty, trueProperties } from '../oracle/recompute-schema.ts'
import real, { type Question, questions, quoted } from './real-topology.ts'

export interface Views {
  /** Texts of event time, id and body. */
  readonly rows: readonly string[]
  readonly lines: readonly string[]
  /** By collection. */
  readonly schemas: Readonly<Record<string, SchemaView>>
  /** By sink: a line for each group, then one for all together. */
  readonly rollups: Readonly<Record<string, readonly string[]>>
}

export interface SchemaView {
  readonly events: number
  readonly properties: Readonly<Record<string, TrueProperty>>
}

export const readViews = async (from: Resources, project: string, namespace?: string): Promise<Views> => {
  const sinkOf = (name: string): string => namespacedSink(name, namespace)
  const schemas = await readSchema({ rows: from.rows, sink: sinkOf('schemas'), project })
  const rows: string[] = []
  for (const { collection } of schemas)
    for await (const event of readEvents({ rows: from.rows, sink: sinkOf('events'), project, collection }))
      rows.push(storedText(event))
  const rollups = questions.map(
    async (question) => [question.sink, await answersOf(from, project, question, sinkOf(question.sink))] as const,
  )
  return {
    rows: rows.sort(),
    lines: await readLines(from, project, namespace),
    schemas: Object.fromEntries(
      schemas.map(({ collection, events, properties }) => [
        collection,
        { events, properties: withoutShares(properties) },
      ]),
    ),
    rollups: Object.fromEntries(await Promise.all(rollups)),
  }
}

const storedText = ({ keen, ...body }: JsonObject): string => {
  const { id, timestamp } = keen as JsonObject // every stored event has one
  return `${String(timestamp)} ${String(id)} ${JSON.stringify(body)}`
}

const withoutShares = (
  properties: Readonly<Record<string, TrueProperty & { readonly present: number }>>,
): SchemaView['properties'] =>
  Object.fromEntries(Object.entries(properties).map(([path, { present: _, ...property }]) => [path, property]))

const readLines = async (from: Resources, project: string, namespace?: string): Promise<readonly string[]> => {
  const lines: string[] = []
  const place = { rows: from.rows, topology: real.name, project, ...(namespace === undefined ? {} : { namespace }) }
  for await (const { key } of readObjects(place)) {
    const plain = await decodeObject(key, (await from.objects.read(key))!.bytes)
    for (const { bytes } of objectLines(plain)) lines.push(storedText(JSON.parse(Buffer.from(bytes).toString())))
  }
  return lines.sort()
}

const answersOf = async (
  { rows }: Resources,
  project: string,
  { by, sink: name, values }: Question,
  sink: string,
): Promise<readonly string[]> => {
  const read = { rows, sink, project, operator: operatorOf(name), nowMs: 0 }
  const { result: groups } = await readRollup({ ...read, groupBy: [quoted(by)] })
  const { result: all } = await readRollup(read)
  const line = (row: JsonObject): string => {
    const group = Object.entries(row).find(([column]) => !(column in values))
    return JSON.stringify([group?.[1] ?? null, ...Object.keys(values).map((column) => row[column])])
  }
  // DOMAIN section 7: with groups and no interval a list of flat rows, without groups one.
  return [...(groups as readonly JsonObject[]).map(line).sort(), line(all as JsonObject)] // the two shapes named above
}

const operatorOf = (sink: string) => {
  const bolt = real.bolts.find(({ name }) => name === `rolled_${sink}`)
  if (typeof bolt?.operator !== 'object' || bolt.operator.kind !== 'operator')
    throw new Error(`${sink} keeps no rollup`)
  return bolt.operator
}

/** The same of the events that are alive. */
export const trueViews = (alive: readonly TrueEvent[]): Views => {
  const texts = alive
    .map((event) => `${new Date(event.timeMs).toISOString()} ${trueId(event)} ${JSON.stringify(event.body)}`)
    .sort()
  const collections = [...Map.groupBy(alive, ({ collection }) => collection)]
  return {
    ...{ rows: texts, lines: texts },
    schemas: Object.fromEntries(
      collections.map(([name, events]) => [
        name,
        { events: events.length, properties: trueProperties(events.map(({ body }) => body)) },
      ]),
    ),
    rollups: Object.fromEntries(questions.map((question) => [question.sink, trueAnswers(question, alive)])),
  }
}

const trueAnswers = ({ isOf, by, values }: Question, alive: readonly TrueEvent[]): readonly string[] => {
  const asked = alive.filter(isOf)
  const line = (group: unknown, events: readonly TrueEvent[]): string =>
    JSON.stringify([
      group,
      ...Object.values(values).map(([aggregate, property]) =>
        recompute[aggregate]!(events.map((event) => (property === undefined ? 1 : valueAt(event, property)))),
      ),
    ])
  const groups = Map.groupBy(asked, (event) => valueAt(event, by) ?? null)
  return [...Array.from(groups, ([group, events]) => line(group, events)).sort(), line(null, asked)]
}

const valueAt = ({ body }: TrueEvent, path: string): JsonValue | undefined =>
  path.split('.').reduce<unknown>((at, name) => (at as JsonObject | undefined)?.[name], body) as JsonValue | undefined // a body is JSON
