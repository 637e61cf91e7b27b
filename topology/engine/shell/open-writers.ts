/** Opens the sinks of one partition: each gets its place, the stores, and knobs with its own options behind them. */
import type { LedgerKey } from '../../model/ports/ledger.ts'
import type { Partition } from '../../model/position.ts'
import type { SinkWriter } from '../../model/sink.ts'
import type { SpoutPlan } from '../../model/spout-plan.ts'
import type { EngineParts } from './engine-parts.ts'

/** Writers by the sink's name. */
export const openWriters = async (
  parts: EngineParts,
  plan: SpoutPlan,
  partition: Partition,
  { topology, spout }: LedgerKey,
): Promise<ReadonlyMap<string, SinkWriter>> => {
  const { clock, spillFolder } = parts
  const { rows, objects } = parts.resources
  const writers = new Map<string, SinkWriter>()
  for (const { name: sink, operator, sink: declared } of plan.sinks) {
    const knob = (name: string): number => parts.knob(name, declared.knobs)
    const place = { topology, sink, spout, partition }
    writers.set(sink, await declared.open({ ...place, rows, objects, clock, spillFolder, operator, knob }))
  }
  return writers
}
