/** What the parts of one partition's delete work share. */
import type { DeleteEntry, DeleteRecord } from '../../model/ledger-document.ts'
import { slotsPerSink } from '../../model/limits.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import { offset } from '../../model/position.ts'
import type { DeclaredEpoch, OpenEpoch } from '../../model/sink.ts'
import type { PlannedSink } from '../../model/spout-plan.ts'
import { entryOf, entryOffset } from '../ledger/delete-entries.ts'
import type { Proposal } from '../ledger/proposal.ts'
import { namedOffsets } from '../named-events.ts'
import type { FenceGuard } from './fence-guard.ts'
import type { KeptByEntry } from './kept-events.ts'
import { metered } from './metered.ts'
import type { PartitionContext } from './partition-context.ts'
import { persist } from './persist.ts'
import type { RecordCache } from './record-cache.ts'

export interface DeleteContext {
  readonly context: PartitionContext
  /** Records that were read by themselves, for all sinks. */
  readonly cache: RecordCache
  /** What passes have found, for sinks that are swept later. */
  readonly kept: KeptByEntry
  /** By sink. */
  readonly fences: Map<string, FenceGuard>
  /** Whether the work on a request or job waits. */
  readonly isDeletePaused: (id: string) => boolean
}

const known = new WeakMap<readonly DeleteRecord[], readonly string[]>()

/** Ids of the requests and jobs of an entry, by which it may be paused. */
export const idsOfEntry = async ({ deletes }: PartitionContext, entry: DeleteEntry): Promise<readonly string[]> => {
  return idsOfRecords(await deletes.recordsOf(entry))
}

/** The same of what an entry says. */
export const idsOfRecords = (records: readonly DeleteRecord[]): readonly string[] => {
  const found = known.get(records)
  if (found !== undefined) return found
  const texts = records.flatMap(({ request }) => [request['id'], request['job']])
  const ids = [...new Set(texts.filter((id) => typeof id === 'string'))]
  known.set(records, ids)
  return ids
}

export const startDelete = async (context: PartitionContext, entry: DeleteEntry, sink: string): Promise<Proposal> => {
  const { deletes, partition, eventStore } = context
  const named = entry.isById ? { named: namedOffsets(await deletes.recordsOf(entry), partition) } : {}
  return { kind: 'startDelete', entry: entry.n, sink, eventStore, ...named }
}

/** Writes a delete's epoch, as long as the store needs to take it; false when another owner was faster. */
export const writeDelete = async (
  { parts, signal, log, plan, partition }: PartitionContext,
  node: PlannedSink,
  effects: OpenEpoch,
  epoch: Pick<DeclaredEpoch, 'lane' | 'seq' | 'slot'> & { readonly from: number; readonly to: number },
  deleteOffset: number,
): Promise<boolean> => {
  const declared: DeclaredEpoch = {
    ...epoch,
    topology: parts.topology.name,
    sink: node.name,
    log: log.id,
    spout: plan.spout.name,
    partition,
    from: offset(epoch.from),
    to: offset(epoch.to),
    partBytes: 0,
    slot: plantedFaults.has('separate-minus-shard') ? slotsPerSink + epoch.slot : epoch.slot,
    retracts: { deleteOffset: offset(deleteOffset) },
  }
  const about = { stage: 'write', name: node.name, workClass: 'delete', partition } as const
  const what = `delete @${deleteOffset} in [${epoch.from}, ${epoch.to}) of ${node.name}/${partition}`
  const write = (): ReturnType<OpenEpoch['write']> =>
    metered(parts.meters, { ...about, what }, () => effects.write(declared, signal))
  return (await persist(parts, `delete on ${node.name}`, signal, write)) === 'written'
}

/** Tells people that the work of an entry on a sink is done. */
export const reportDelete = (
  { parts, partition, ledger }: PartitionContext,
  entry: DeleteEntry,
  sink: string,
): void => {
  const { retracted, expired = 0 } = entryOf(ledger.doc, entry.n)?.work[sink] ?? entry.work[sink]!
  const name = `delete @${entryOffset(entry)}`
  const isWhole = expired === 0
  const text = isWhole
    ? `${name} is done on ${sink}/${partition}`
    : `${name} is partial on ${sink}/${partition}: the log no longer had ${expired} of its offsets`
  const fields = { sink, partition, offset: entryOffset(entry), retracted, expired }
  parts.report({ kind: 'delete', level: isWhole ? 'info' : 'warn', text, fields })
}
