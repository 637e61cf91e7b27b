/** When everything below some ends of the log is committed, and how that went on, as the ledger tells it to anybody. */
import { setTimeout as pause } from 'node:timers/promises'
import { lanesOf } from '../../../topology/engine/ledger/document.ts'
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'
import type { Ledger } from '../../../topology/model/ports/ledger.ts'

// Each look is a serial read, which a store pays for; what lies between two is interpolated.
const lookEveryMs = 1_000

/** What was committed of everything, 0..1, and when. */
export interface DrainSample {
  readonly atMs: number
  readonly ratio: number
}

/** `ends`: by partition. Resolves when every sink of the topology has committed everything below. */
export const waitUntilDrained = async (
  ledger: Ledger,
  topology: string,
  ends: readonly number[],
  patienceMs = 600_000,
): Promise<readonly DrainSample[]> => {
  const untilMs = performance.now() + patienceMs
  const samples: DrainSample[] = []
  for (;;) {
    const left = await Promise.all(
      ends.map(async (end, partition) => {
        const doc = await ledger.read({ topology, spout: 'events', partition })
        return doc === undefined ? end : leftOf(doc, end)
      }),
    )
    const all = left.reduce((sum, one) => sum + one, 0)
    samples.push({ atMs: performance.now(), ratio: 1 - all / ends.reduce((sum, end) => sum + end, 0) })
    if (all === 0) return samples
    if (performance.now() > untilMs) throw new Error(`${topology} is not drained after ${patienceMs} ms`)
    await pause(lookEveryMs)
  }
}

/** Of the sink that is furthest behind. A run that has just begun has no lanes yet. */
const leftOf = (doc: LedgerDocument, end: number): number => {
  const sinks = Object.keys(doc.sinks)
  if (sinks.every((sink) => lanesOf(doc, sink).length === 0)) return end
  return Math.max(
    ...sinks.map((sink) =>
      lanesOf(doc, sink).reduce((sum, [, lane]) => sum + Math.max(0, Math.min(end, lane.to ?? end) - lane.at), 0),
    ),
  )
}

/** How long the part between two ratios took, ms: without the start of the processes, and without the last epochs. */
export const middleMs = (samples: readonly DrainSample[], from = 0.1, to = 0.9): number =>
  momentOf(samples, to) - momentOf(samples, from)

const momentOf = (samples: readonly DrainSample[], ratio: number): number => {
  const next = samples.findIndex((one) => one.ratio >= ratio)
  const [before, after] = [samples[next - 1], samples[next]]
  if (before === undefined || after === undefined) return after?.atMs ?? Number.NaN
  return before.atMs + ((after.atMs - before.atMs) * (ratio - before.ratio)) / (after.ratio - before.ratio)
}
