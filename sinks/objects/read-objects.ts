/**
 * Lists the objects of a topology from its manifest, which is what a reader beside a running topology uses: an object whose
 * epoch is not committed may stand in the store already, and does not count yet (PROTOCOL section 7).
 */
import { declaredSink, namespaceOf } from '../../topology/model/namespace.ts'
import type { Ledger } from '../../topology/model/ports/ledger.ts'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import { type BlockPlace, blockPlaces, existingBlocks } from '../rows/block-catalogue.ts'
import { type ManifestObject, manifestObject, manifestTable, objectTable } from './object-manifest.ts'

export interface ObjectsQuery {
  readonly rows: RowStore
  readonly topology: string
  /** Default: all objects sinks. */
  readonly sink?: string
  /** Objects of a replay. Default: those that are read, see `read`. */
  readonly namespace?: string
  /** By the sink: the namespace that is read in its place (`promote`). Default: none, the declared sinks are. */
  readonly read?: Readonly<Record<string, string>>
  /** Default: all projects. */
  readonly project?: string
  /** Whether the epoch of an object is committed; `committedObjects` makes one. Default: all count. */
  readonly isCommitted?: (object: ManifestObject) => boolean
}

/** Objects of the manifest by spout, partition, sink and epoch start. */
export async function* readObjects(query: ObjectsQuery): AsyncIterable<ManifestObject> {
  const { rows, topology } = query
  const places = await blockPlaces(rows, manifestTable.name, topology)
  for (const place of places.filter(([, , sink]) => isOfSink(query, String(sink))))
    for await (const block of existingBlocks(rows, manifestTable.name, topology, place))
      yield* objectsOfBlock(query, place, block)
}

async function* objectsOfBlock(query: ObjectsQuery, place: BlockPlace, block: number): AsyncGenerator<ManifestObject> {
  for await (const page of query.rows.scan(objectTable, { partition: [query.topology, ...place, block] })) {
    for (const object of page.map(manifestObject)) {
      if (query.project !== undefined && object.project !== query.project) continue
      if (query.isCommitted?.(object) ?? true) yield object
    }
  }
}

const isOfSink = ({ sink, namespace, read = {} }: ObjectsQuery, name: string): boolean => {
  const base = declaredSink(name)
  return (sink === undefined || sink === base) && namespaceOf(name) === (namespace ?? read[base])
}

/** Reads the ledger once: what is committed now, and so for ever. */
export const committedObjects = async (
  ledger: Ledger,
  topology: string,
): Promise<(object: ManifestObject) => boolean> => {
  const committed = new Map<string, { readonly nextLane: number; readonly at: ReadonlyMap<number, number> }>()
  for (const key of await ledger.keys(topology)) {
    const document = await ledger.read(key)
    if (document === undefined) continue
    const at = new Map(Object.entries(document.lanes).map(([lane, state]) => [Number(lane), state.at]))
    committed.set(`${key.partition} ${key.spout}`, { nextLane: document.nextLane, at })
  }
  return (object) => {
    const known = committed.get(`${object.partition} ${object.spout}`)
    if (known === undefined || object.lane >= known.nextLane) return false
    // A lane that is gone from the document has finished.
    return object.to <= (known.at.get(object.lane) ?? Number.POSITIVE_INFINITY)
  }
}
