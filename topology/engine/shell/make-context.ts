/** Puts together what lanes, cursors and deletes of one partition share. */
import { eventStoreOf } from '../plan-questions.ts'
import { AcceptedTokens } from './accepted-tokens.ts'
import type { EngineParts } from './engine-parts.ts'
import type { LanePermitsHolder } from './lane-permits.ts'
import { ListDeletes } from './list-deletes.ts'
import { letterLine } from './make-letter.ts'
import type { PartitionContext } from './partition-context.ts'
import type { LanesPlace } from './partition-lanes.ts'
import type { PartitionSinks } from './partition-sinks.ts'
import type { Pulse } from './pulse.ts'
import { ReadTally } from './read-tally.ts'
import { TenantMeter } from './tenant-meter.ts'

/** What the runner of the partition adds. */
export interface RunnerParts {
  readonly sinks: PartitionSinks
  readonly pulse: Pulse
  readonly permits: LanePermitsHolder
  readonly targetNow: () => number
  readonly noteHeld: () => void
  readonly laneStopped: (sink: string, error: unknown) => void
}

export const makeContext = (parts: EngineParts, place: LanesPlace, runner: RunnerParts): PartitionContext => {
  const { host, log, partition, ledger, deletes } = place
  const { sinks, pulse, permits, targetNow, noteHeld, laneStopped } = runner
  const { signal, stopSignal, isStopping, hasCredit, turns, marks } = host
  const spout = place.plan.spout.name
  const tally = new ReadTally(host.noteRead)
  // Of what the topology declares: a replay has no events of its own.
  const eventStore = eventStoreOf(sinks.plan)
  const tokens = new AcceptedTokens(parts, { topology: parts.topology.name, spout, partition }, signal)
  return {
    parts,
    get plan() {
      return sinks.plan
    },
    log,
    partition,
    ledger,
    turns,
    permits,
    deletes,
    listing: new ListDeletes(parts, signal, ledger, deletes, eventStore),
    eventStore,
    writers: sinks.writers,
    tenants: new TenantMeter(spout, partition),
    ...(marks === undefined ? {} : { marks }),
    tokens,
    signal,
    stopSignal,
    pulse,
    isStopping,
    get target() {
      return targetNow()
    },
    noteDeadLetter: (letter) => host.noteDeadLetter(letterLine(letter)),
    laneStopped,
    hasCredit,
    noteHeld,
    noteRead: (batch) => tally.add(batch),
  }
}
