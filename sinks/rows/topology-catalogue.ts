/**
 * The topology catalogue: one row per topology that has ever run on these rows, the latest description. Sinks that it no
 * longer declares stay in it as retired: their rows are still there, and a reader finds them here.
 *
 * Written by `run` before its first epoch, read by everything that has no topology file.
 */
import { errors } from '../../topology/model/errors.ts'
import type { Clock } from '../../topology/model/ports/clock.ts'
import type { Row, RowStore, TableSpec } from '../../topology/model/ports/row-store.ts'
import { type CatalogueEntry, type CatalogueSink, catalogueFormat } from './catalogue-entry.ts'
import { stampBase } from './event-table.ts'

export const catalogueTable: TableSpec = {
  name: 'spillway_topologies',
  partition: [{ name: 'topology', type: 'text' }],
  cluster: [],
  columns: [
    { name: 'described', type: 'text' },
    { name: 'written_at', type: 'integer' },
  ],
}

export type CatalogueContent = Omit<CatalogueEntry, 'format' | 'writtenAtMs'>

/**
 * Writes the description of a topology; the latest call wins, also when the clock has gone back since. Sinks of the
 * description before that are not in this one are kept as retired. `only`: of these sinks; the others stay as they were
 * described.
 */
export const writeCatalogue = async (
  rows: RowStore,
  content: CatalogueContent,
  clock: Clock,
  only?: readonly string[],
): Promise<void> => {
  await rows.ensureTable(catalogueTable)
  const before = await readCatalogue(rows, content.topology)
  const described = before === undefined || only === undefined ? content : merged(before, content, only)
  if (described !== undefined) await writeEntry(rows, described.topology, described, before, clock)
}

const writeEntry = async (
  rows: RowStore,
  name: string,
  content: CatalogueContent,
  before: CatalogueEntry | undefined,
  clock: Clock,
): Promise<void> => {
  const writtenAtMs = Math.max(clock.nowMs(), (before?.writtenAtMs ?? 0) + 1)
  const sinks = [...content.sinks, ...retiredSinks(before?.sinks ?? [], content.sinks)]
  const entry: CatalogueEntry = { format: catalogueFormat, ...content, sinks, writtenAtMs }
  await rows.write(catalogueTable, [[name, JSON.stringify(entry), writtenAtMs]], stampBase(writtenAtMs) + 1)
}

/** `undefined`: none of the sinks is described by the new content. */
const merged = (
  before: CatalogueEntry,
  content: CatalogueContent,
  only: readonly string[],
): CatalogueContent | undefined => {
  const fresh = content.sinks.filter(({ name }) => only.includes(name))
  if (fresh.length === 0) return undefined
  const names = new Set(fresh.map(({ name }) => name))
  const spouts = [
    ...before.spouts,
    ...content.spouts.filter(({ name }) => before.spouts.every((one) => one.name !== name)),
  ]
  return { ...before, spouts, sinks: [...before.sinks.filter(({ name }) => !names.has(name)), ...fresh] }
}

/** A namespace stands in a row of its own; no topology has a dot in its name. */
const namespaceRow = (topology: string, namespace: string): string => `${topology}.${namespace}`

/** Describes the sinks of a replay as they were declared for it: what is declared later may mean something else. */
export const writeNamespace = async (
  rows: RowStore,
  namespace: string,
  content: CatalogueContent,
  clock: Clock,
): Promise<void> => {
  await rows.ensureTable(catalogueTable)
  const name = namespaceRow(content.topology, namespace)
  await writeEntry(rows, name, content, await readEntry(rows, name), clock)
}

/** `undefined` of a replay that nobody has described: its sinks are those of the topology. */
export const readNamespaceEntry = (
  rows: RowStore,
  topology: string,
  namespace: string,
): Promise<CatalogueEntry | undefined> => readEntry(rows, namespaceRow(topology, namespace))

const retiredSinks = (
  before: readonly CatalogueSink[],
  declared: readonly CatalogueSink[],
): readonly CatalogueSink[] => {
  const names = new Set(declared.map(({ name }) => name))
  return before.filter(({ name }) => !names.has(name)).map((sink) => ({ ...sink, retired: true }))
}

/** The description of a topology; `undefined` when none of that name has run. Throws `storeFormat` (stop) for another version's. */
export const readCatalogue = (rows: RowStore, topology: string): Promise<CatalogueEntry | undefined> =>
  readEntry(rows, topology)

const readEntry = async (rows: RowStore, name: string): Promise<CatalogueEntry | undefined> => {
  const [row] = await rows.read(catalogueTable, [[name]])
  return row === undefined ? undefined : entryOf(rows, row)
}

/** All topologies of the store, by name. */
export const listCatalogue = async (rows: RowStore): Promise<readonly CatalogueEntry[]> => {
  const entries: CatalogueEntry[] = []
  for await (const page of rows.scan(catalogueTable))
    for (const row of page) if (!String(row[0]).includes('.')) entries.push(entryOf(rows, row))
  return entries.sort((left, right) => (left.topology < right.topology ? -1 : 1))
}

const entryOf = (rows: RowStore, row: Row): CatalogueEntry => {
  const described = row[1]
  const entry: unknown = typeof described === 'string' ? JSON.parse(described) : undefined
  if (isEntry(entry)) return entry
  throw errors.storeFormat({
    store: rows.name,
    reason: `the description of topology ${String(row[0])} was written by another version of Spillway`,
  })
}

/** Text of this format is always written by `writeCatalogue`. */
const isEntry = (value: unknown): value is CatalogueEntry =>
  typeof value === 'object' && value !== null && 'format' in value && value.format === catalogueFormat
