/**
 * Objects of a store that belong to a topology by their names and that no manifest row names: whoever reads the archive by
 * prefix would read their events twice (I-1).
 *
 * Names of the manifest are kept as numbers of 48 bits, so a large archive costs little memory; two names with one number
 * among a million objects are as good as impossible, and would only hide a problem.
 */
import { createHash } from 'node:crypto'
import { encodeKeyPart } from '../../topology/model/names.ts'
import { namespacedTopology } from '../../topology/model/namespace.ts'
import type { ObjectStore } from '../../topology/model/ports/object-store.ts'

export class ObjectNames {
  private readonly numbers = new Set<number>()

  add(key: string): void {
    this.numbers.add(numberOf(key))
  }

  has(key: string): boolean {
    return this.numbers.has(numberOf(key))
  }
}

const numberOf = (key: string): number => createHash('sha256').update(key).digest().readUIntBE(0, 6)

/** Keys of the topology, or of one namespace of it, below the prefix that are not among the names. */
export async function* unlistedObjects(
  objects: ObjectStore,
  { topology, namespace }: { readonly topology: string; readonly namespace?: string },
  prefix: string,
  names: ObjectNames,
): AsyncIterable<string> {
  const own = encodeKeyPart(namespacedTopology(topology, namespace))
  for await (const { key } of objects.list(prefix)) {
    const name = key.slice(key.lastIndexOf('/') + 1)
    if (!name.startsWith(`${own}-`) && !name.startsWith(`${own}.`)) continue
    if (isOfAnother(name, own) || names.has(key)) continue
    // Only these few are asked what they say of themselves.
    const found = await objects.head(key)
    if (found !== undefined && (found.metadata['topology'] ?? topology) === topology) yield key
  }
}

/** `shop-eu-0-0-000...` begins with `shop-` and is of the topology `shop-eu`, `shop.eu-0-0-000...` of a namespace. */
const isOfAnother = (name: string, own: string): boolean => {
  const [, topology] = /^(.+)-\d+-\d+-\d{20}(?!\d)/.exec(name) ?? []
  return topology !== undefined && topology !== own
}
