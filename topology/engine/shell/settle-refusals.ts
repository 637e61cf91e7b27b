/**
 * Refusals that rest on what a process knows at the moment: another one, or a later run, may read the record. They stand
 * in the ledger before anything passes the record, as those of bolts do (PROTOCOL section 2): whoever reads the range
 * leaves out the same (I-1), and no delete takes out what was never taken (I-3).
 */
import type { Reject } from '../../model/decoder.ts'
import { errors } from '../../model/errors.ts'
import type { SpillwayError } from '../../model/spillway-error.ts'
import { isDeadLettered } from '../ledger/document.ts'
import { LanesStopped } from './lanes-stopped.ts'
import type { PartitionContext } from './partition-context.ts'

type Place = Pick<PartitionContext, 'ledger' | 'partition'>

/** Of a record that a sink has taken, or another owner is about to: its content cannot be changed any more. */
export const schemaLost = ({ partition }: Pick<Place, 'partition'>, { record, message }: Reject): SpillwayError =>
  errors.schemaLost({ partition, offset: record.offset, reason: message })

/**
 * Writes them down for each of the sinks. `isRecovery`: the range is declared, so they have to stand there. Throws
 * `LanesStopped` for the sinks that had read a record which cannot be read here.
 */
export const settleRefusals = async (
  place: Place,
  rejects: readonly Reject[],
  sinks: readonly string[],
  isRecovery: boolean,
): Promise<void> => {
  const provisional = rejects.filter((one) => one.isProvisional === true)
  if (provisional.length === 0) return
  const lost = await Promise.all(sinks.map((sink) => settle(place, provisional, sink, isRecovery)))
  const first = lost.find((one) => one !== undefined)
  if (first === undefined) return
  const stopped = sinks.filter((_, index) => lost[index] !== undefined)
  throw LanesStopped.of(stopped, schemaLost(place, first))
}

/** Gives a refusal that cannot be written down any more. */
const settle = async (
  { ledger }: Place,
  rejects: readonly Reject[],
  sink: string,
  isRecovery: boolean,
): Promise<Reject | undefined> => {
  for (;;) {
    const open = rejects.filter(({ record }) => !isDeadLettered(ledger.doc, sink, record.offset))
    if (open.length === 0 || isRecovery) return open[0]
    const offsets = open.map(({ record }) => record.offset)
    const tenants = open.map(({ project }) => project ?? '')
    const verdict = await ledger.propose({ kind: 'deadLetter', sinks: [sink], offsets, tenants })
    if (verdict.kind === 'refused' && verdict.why !== 'present') return open[0]
  }
}
