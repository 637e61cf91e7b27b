/**
 * The conformance suite of the log: one clause per sentence of the contract in `model/ports/event-log.ts`. Every
 * adapter passes it, the fakes too; a clause that goes red names the sentence that is broken.
 */
import { eventLogAppends } from './event-log-appends.ts'
import { eventLogFetches } from './event-log-fetches.ts'
import { eventLogTimes } from './event-log-times.ts'
import type { EventLogClause } from './event-log-under-test.ts'

/** Run each with a maker of empty logs: `test(clause.name, () => clause.run(make))`. */
export const eventLogClauses: readonly EventLogClause[] = [...eventLogAppends, ...eventLogFetches, ...eventLogTimes]
