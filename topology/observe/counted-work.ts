/**
 * What this process has seen done, by branch. Counters of the ledger are as old as the topology and move with their
 * partition from process to process; whoever asks for a rate needs a number that grows with the work alone. A partition
 * that is new here, or comes back, brings what others did: its counters are the mark from which on it is counted.
 */
import { addCounters, noCounters } from '../engine/ledger/document.ts'
import type { Counters, LedgerDocument } from '../model/ledger-document.ts'
import type { ObservedPartition } from './lag-tracker.ts'

export class CountedWork {
  /** Of the last look, by partition and branch. */
  #last: ReadonlyMap<string, Counters> = new Map()
  #sums: ReadonlyMap<string, Counters> = new Map()

  /** By branch, of those that are served now. */
  see(places: readonly ObservedPartition[]): ReadonlyMap<string, Counters> {
    const last = new Map<string, Counters>()
    const sums = new Map<string, Counters>()
    for (const { spout, partition, doc } of places) {
      for (const branch of Object.keys(doc.sinks)) {
        const key = JSON.stringify([spout, partition, branch])
        const now = countersIn(doc, branch)
        last.set(key, now)
        const before = sums.get(branch) ?? this.#sums.get(branch) ?? noCounters
        sums.set(branch, addCounters(before, grownBy(now, this.#last.get(key) ?? now)))
      }
    }
    this.#last = last
    this.#sums = sums
    return sums
  }
}

/** Of the sink and its lanes together: a lane that ends leaves its counts to its sink. */
const countersIn = ({ sinks, lanes }: LedgerDocument, branch: string): Counters =>
  Object.values(lanes)
    .filter(({ sink }) => sink === branch)
    .reduce((sum, { counters }) => addCounters(sum, counters), sinks[branch]?.counters ?? noCounters)

/** A sink that was dropped and made anew begins at 0. */
const grownBy = (now: Counters, before: Counters): Counters => ({
  received: Math.max(0, now.received - before.received),
  applied: Math.max(0, now.applied - before.applied),
  deadLettered: Math.max(0, now.deadLettered - before.deadLettered),
  dropped: Math.max(0, now.dropped - before.dropped),
})
