/** When everything below some ends of the log is committed, as the ledger tells it to anybody. */
import { setTimeout as pause } from 'node:timers/promises'
import { lanesOf } from '../../../topology/engine/ledger/document.ts'
import type { Ledger } from '../../../topology/model/ports/ledger.ts'

// Each look is a serial read, which a store pays for.
const lookEveryMs = 250

/** `ends`: by partition. Resolves when every sink of the topology has committed everything below. */
export const waitUntilDrained = async (
  ledger: Ledger,
  topology: string,
  ends: readonly number[],
  patienceMs = 600_000,
): Promise<void> => {
  const untilMs = performance.now() + patienceMs
  for (;;) {
    const isDrained = await Promise.all(
      ends.map(async (end, partition) => {
        const doc = await ledger.read({ topology, spout: 'events', partition })
        if (doc === undefined) return end === 0
        // A run that has just begun has no lanes yet.
        const lanes = Object.keys(doc.sinks).flatMap((sink) => lanesOf(doc, sink))
        return lanes.length > 0 && lanes.every(([, lane]) => lane.at >= Math.min(end, lane.to ?? end))
      }),
    )
    if (isDrained.every(Boolean)) return
    if (performance.now() > untilMs) throw new Error(`${topology} is not drained after ${patienceMs} ms`)
    await pause(lookEveryMs)
  }
}
