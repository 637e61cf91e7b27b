/** What a lane says to its ledger and its sink about an epoch, in one place: the ledger's words for a declared range. */
import type { LaneClass } from '../../model/lane-permit.ts'
import type { LaneState } from '../../model/ledger-document.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import { offset } from '../../model/position.ts'
import type { DeclaredEpoch } from '../../model/sink.ts'
import type { PlannedSink } from '../../model/spout-plan.ts'
import type { EpochBounds } from '../epoch-rules.ts'
import type { LaneEpoch } from './lane-epoch.ts'
import type { Verdict } from './ledger-writer.ts'
import type { PartitionContext } from './partition-context.ts'

/** Bounds of a sink's epochs now: knobs of the run, with the sink's options behind them. */
export const epochBounds = (context: PartitionContext, node: PlannedSink, laneClass: LaneClass): EpochBounds => {
  const knob = (name: string): number => context.parts.knob(name, node.sink.knobs, laneClass)
  return {
    ageMs: knob(node.sink.epochAge ?? node.operator?.epochAge ?? 'epoch.ageMs'),
    maxAgeMs: knob('objects.maxAgeMs'),
    idleMs: knob('objects.idleMs'),
    bytes: knob('epoch.bytes'),
    records: knob('epoch.records'),
    spilledBytes: knob('objects.epochBytes'),
  }
}

/** Part size of an epoch that closes now. */
export const partBytesOf = ({ parts }: PartitionContext, { kind, sink }: PlannedSink, laneClass: LaneClass): number =>
  kind === 'objects' ? parts.knob('objects.targetBytes', sink.knobs, laneClass) : 0

// An epoch that waits for the one before it may hold so many times its bound in records: some seconds of re-reading.
const recordsWhileWritten = 20

/** Whether an open epoch may take more while the one before it is written: what a slow store has not taken waits in the log. */
export const mayGrow = (
  context: PartitionContext,
  node: PlannedSink,
  laneClass: LaneClass,
  open: LaneEpoch,
): boolean => {
  const { records, spilledBytes, isFull } = open.stats(node.kind)
  const bounds = epochBounds(context, node, laneClass)
  const isSpilt = isFull === true || (node.kind === 'objects' && spilledBytes >= bounds.spilledBytes)
  const mostBytes = context.parts.knob('lane.inFlightBytes', node.sink.knobs, laneClass)
  return !isSpilt && open.heldBytes() < mostBytes && records < bounds.records * recordsWhileWritten
}

/**
 * Proposes the end of a closed epoch, after its delete records are listed. `rulesChanged`: its content has to be brought
 * up to date first. Otherwise the lane as the ledger has it then, or `lost`.
 */
export const proposeEnd = async (
  context: PartitionContext,
  node: PlannedSink,
  lane: number,
  epoch: LaneEpoch,
): Promise<LaneState | 'rulesChanged' | 'lost'> => {
  const { from, to, partBytes, deletes } = epoch
  // The planted owner leaves it to the timer, which may come when all is committed, or never.
  if (!plantedFaults.has('register-after-commit')) await context.listing.list(deletes)
  const rules = epoch.bases.at(-1)!.doc.rules
  // Asking with rules that are known to be old would only cost a tick.
  const isOld = rules !== context.ledger.doc.rules && !plantedFaults.has('declare-with-stale-rules')
  if (isOld || epoch.bases[0]!.doc.rules !== rules) return 'rulesChanged'
  const code = node.fingerprint
  const leader = epoch.leaderEpoch === undefined ? {} : { leaderEpoch: epoch.leaderEpoch }
  const content = { at: from, to, rules, code, partBytes, deletes, ...leader }
  const verdict = await context.ledger.propose({ kind: 'declare', lane, ...content })
  if (verdict.kind === 'refused' && verdict.why === 'rules') return 'rulesChanged'
  const state = verdict.doc.lanes[lane]
  return verdict.kind === 'applied' && state !== undefined ? state : 'lost'
}

export const proposeCommit = (context: PartitionContext, lane: number, epoch: LaneEpoch): Promise<Verdict> => {
  const { from, to, seq, counters } = epoch
  const atMs = context.parts.clock.nowMs()
  const dropped = epoch.drops.list()
  return context.ledger.propose({ kind: 'commit', lane, at: from, to, seq, counters, atMs, dropped })
}

/** The epoch as the ledger declared it: the same for every owner. */
export const declaredEpoch = (
  context: PartitionContext,
  node: PlannedSink,
  lane: { readonly id: number; readonly slot: number },
  epoch: LaneEpoch,
): DeclaredEpoch => ({
  topology: context.parts.topology.name,
  sink: node.name,
  log: context.log.id,
  spout: context.plan.spout.name,
  partition: context.partition,
  lane: lane.id,
  from: offset(epoch.from),
  to: offset(epoch.to),
  seq: epoch.seq,
  slot: lane.slot,
  partBytes: epoch.partBytes,
})
