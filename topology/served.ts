/**
 * Which results readers see: the declared sinks, or namespaces that were promoted in their place. The one place that
 * everything which reads asks, and the one where it changes, by one compare-and-set.
 */

import { emptyDocument } from './engine/ledger/document.ts'
import type { ServedCatalogue } from './model/ledger-document.ts'
import { catalogueKey, namespacedSink } from './model/namespace.ts'
import type { Ledger } from './model/ports/ledger.ts'

export type Served = ServedCatalogue

export const nothingPromoted: Served = { sinks: {}, before: {}, dropped: [], atMs: 0, by: '', reason: '' }

export const readServed = async (ledger: Ledger, topology: string): Promise<Served> =>
  (await ledger.read(catalogueKey(topology)))?.served ?? nothingPromoted

/** Name of the tables, and in the manifest, of what readers see of a declared sink now: for readers that are given a sink. */
export const servedSink = async (ledger: Ledger, topology: string, sink: string): Promise<string> =>
  namespacedSink(sink, (await readServed(ledger, topology)).sinks[sink])

/** By the declared sink: the namespace that is read in its place. What `readObjects` takes as `read`. */
export const servedNamespaces = async (ledger: Ledger, topology: string): Promise<Readonly<Record<string, string>>> =>
  (await readServed(ledger, topology)).sinks

/**
 * Changes it: `change` is asked again whenever somebody else was faster, gives the same object where nothing is to be
 * changed, and may throw. Gives what held before and what holds now. An error of class `retry` tells nothing of what became of the change: the
 * caller asks again.
 */
export const changeServed = async (
  ledger: Ledger,
  topology: string,
  change: (served: Served) => Served | Promise<Served>,
): Promise<{ readonly before: Served; readonly after: Served }> => {
  const key = catalogueKey(topology)
  for (;;) {
    const doc = await ledger.read(key)
    const before = doc?.served ?? nothingPromoted
    const after = await change(before)
    if (after === before) return { before, after }
    const next = { ...(doc ?? emptyDocument('', 0)), ver: (doc?.ver ?? 0) + 1, served: after }
    if ((await ledger.compareAndSet(key, doc?.ver, next)) === 'applied') return { before, after }
  }
}
