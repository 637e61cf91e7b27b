import { describe, test } from 'vitest'
import { eventLogClauses } from '../../topology/testing/conformance/event-log.ts'
import { makeFaultyLog, makeFileLog, makeMemoryLog } from './event-logs.ts'

const everyFault = { reads: 0.2, empty: 0.2, short: 0.3, refused: 0.2, lostReplies: 0.2, slow: 0.2 }

describe('the log in memory keeps its contract', () => {
  for (const clause of eventLogClauses) test(clause.name, () => clause.run(makeMemoryLog))
})

describe('the embedded log keeps its contract', () => {
  for (const clause of eventLogClauses) test(clause.name, () => clause.run(makeFileLog))
})

describe('the faulty log with its faults off keeps its contract', () => {
  for (const clause of eventLogClauses) test(clause.name, () => clause.run(makeFaultyLog({})))
})

describe('the faulty log with every fault keeps the clauses that say so', () => {
  for (const clause of eventLogClauses.filter(({ holdsUnderFaults }) => holdsUnderFaults)) {
    test(clause.name, async () => {
      for (const seed of [1, 2, 3]) await clause.run(makeFaultyLog(everyFault, seed))
    })
  }
})
