/**
 * Whether the log still has what was read from it: an offset that was given to another record since has another leader
 * epoch (PROTOCOL section 10). A log that keeps no such number is not asked.
 */
import { errors } from '../../model/errors.ts'
import { offset } from '../../model/position.ts'
import { lanePosition } from '../ledger/document.ts'
import type { PartitionContext } from './partition-context.ts'
import { persist } from './persist.ts'

type Place = Pick<PartitionContext, 'parts' | 'log' | 'partition' | 'signal'>

/** `leaderEpoch`: of the record before `at`, as it was read. Throws `logTruncated` (stop). */
export const checkLeader = async (place: Place, at: number, leaderEpoch: number | undefined): Promise<void> => {
  const { parts, log, partition, signal } = place
  if (log.leaderEpochAt === undefined || leaderEpoch === undefined || at <= 0) return
  const last = offset(at - 1)
  const found = await persist(parts, `log ${log.topic}`, signal, () => log.leaderEpochAt!(partition, last))
  if (found === undefined || found === leaderEpoch) return
  throw errors.logTruncated({ log: log.topic, partition, offset: last, expected: leaderEpoch, found })
}

/** A new owner trusts nothing that it has not looked at: the last record that each lane has declared. */
export const checkLeaders = async (context: Place & Pick<PartitionContext, 'ledger'>): Promise<void> => {
  const { lanes } = context.ledger.doc
  const places = new Map(Object.values(lanes).map((lane) => [`${lanePosition(lane)} ${lane.leaderEpoch}`, lane]))
  await Promise.all([...places.values()].map((lane) => checkLeader(context, lanePosition(lane), lane.leaderEpoch)))
}
