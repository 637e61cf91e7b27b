/**
 * The description of a topology as readers see it: each sink with the name under which the result stands that is read.
 * The one place that everything which reads a topology by its catalogue goes through, so a promotion is seen by all.
 */
import type { CatalogueEntry, CatalogueSink } from '../sinks/rows/catalogue-entry.ts'
import { readNamespaceEntry } from '../sinks/rows/topology-catalogue.ts'
import { sinksOfNamespace } from './engine/ledger/replay-transitions.ts'
import { liveNamespace, namespacedSink } from './model/namespace.ts'
import type { Ledger } from './model/ports/ledger.ts'
import type { RowStore } from './model/ports/row-store.ts'
import { readServed } from './served.ts'

export type ServedEntry = CatalogueEntry & {
  /** The namespace that is read, by the declared sink; what is not in it is read as it was declared. */
  readonly read: Readonly<Record<string, string>>
}

/** `namespace`: instead of what was promoted, `live` for the declared sinks. One that there is not has no sinks. */
export const servedEntry = async (
  stores: { readonly rows: RowStore; readonly ledger: Ledger },
  entry: CatalogueEntry,
  namespace?: string,
): Promise<ServedEntry> => {
  const read = await namespacesRead(stores.ledger, entry.topology, namespace)
  const described = new Map<string, CatalogueSink>()
  let { file } = entry
  for (const one of new Set(Object.values(read))) {
    const own = await readNamespaceEntry(stores.rows, entry.topology, one)
    for (const sink of own?.sinks ?? []) if (read[sink.name] === one) described.set(sink.name, sink)
    file = own?.file ?? file
  }
  const names = new Set([...entry.sinks.map(({ name }) => name), ...described.keys()])
  const declared = new Map(entry.sinks.map((sink) => [sink.name, sink]))
  const hidden = namespace === liveNamespace ? await retiredSinks(stores.ledger, entry.topology) : new Set()
  const shown = [...names].filter((name) => !hidden.has(name))
  const sinks = shown.map((name): CatalogueSink => {
    const sink = described.get(name) ?? declared.get(name)!
    return read[name] === undefined ? sink : { ...sink, storedAs: namespacedSink(name, read[name]) }
  })
  return { ...entry, file, sinks, read }
}

/** Of the declared sinks those whose place a namespace has taken for good: their rows are of an earlier definition, or deletes pass them by. */
const retiredSinks = async (ledger: Ledger, topology: string): Promise<ReadonlySet<string>> => {
  const promoted = Object.keys((await readServed(ledger, topology)).sinks)
  const found = new Set<string>()
  for (const key of promoted.length === 0 ? [] : await ledger.keys(topology)) {
    const doc = await ledger.read(key)
    for (const name of promoted) if (doc?.sinks[name]?.retired === true) found.add(name)
  }
  return found
}

const namespacesRead = async (
  ledger: Ledger,
  topology: string,
  namespace: string | undefined,
): Promise<ServedEntry['read']> => {
  if (namespace === undefined) return (await readServed(ledger, topology)).sinks
  const read: Record<string, string> = {}
  if (namespace === liveNamespace) return read
  for (const key of await ledger.keys(topology)) {
    const doc = await ledger.read(key)
    for (const [, { replay }] of doc === undefined ? [] : sinksOfNamespace(doc, namespace)) read[replay.of] = namespace
  }
  return read
}

/** Name of the tables, and in the manifest, of what readers see of a sink. */
export const storedName = ({ name, storedAs }: Pick<CatalogueSink, 'name' | 'storedAs'>): string => storedAs ?? name
