/** How fresh an answer is: read from ledger and log before the rows are, so that it never promises too much. */
import type { QueryPlan } from '../../operators/query/plan-query.ts'
import { formatTime } from '../model/event-time.ts'
import type { JsonObject } from '../model/json.ts'
import { messageOf } from '../model/spillway-error.ts'
import type { CommandIo } from './command.ts'
import type { CommandInput } from './command-input.ts'
import type { Reader } from './open-reader.ts'
import { type Freshness, readFreshness } from './read-freshness.ts'
import { createTalk } from './talk.ts'
import { withLogs } from './with-logs.ts'

/** Freshness needs the log; without it the answer stands, and that nothing is known of its age is said. */
export const queryFreshness = async (
  io: CommandIo,
  input: CommandInput,
  reader: Reader,
  sink: string,
): Promise<Freshness | undefined> => {
  try {
    return await withLogs(io, reader, (logOf) =>
      readFreshness(reader.topology, sink, reader.ledger, logOf, io.clock.nowMs()),
    )
  } catch (error) {
    createTalk(io, input.logLevel).warn(`how fresh this is cannot be told: ${messageOf(error)}`)
    return undefined
  }
}

/** The names of DOMAIN section 8. */
export const freshnessFields = (plan: QueryPlan, fresh: Freshness | undefined): JsonObject => {
  const committedAtMs = fresh?.committedAtMs
  return {
    milliseconds_behind: fresh?.millisecondsBehind ?? null,
    latest_subtimeframe_available: fresh === undefined ? null : formatTime(newestInterval(plan, fresh)),
    last_scheduled_date: committedAtMs === undefined ? null : formatTime(committedAtMs),
    complete: fresh?.isComplete ?? null,
  }
}

/** End of the newest interval, without intervals window, that every lane has passed by append time: the start of the one it stands in. */
const newestInterval = ({ intervals, window }: QueryPlan, { appliedToMs }: Freshness): number =>
  (intervals?.calendar ?? window.calendar).startOf(appliedToMs)
