import { describe, test } from 'vitest'
import { eventLogClauses } from '../../topology/testing/conformance/event-log.ts'
import { makeFaultyLog, makeFileLog, makeMemoryLog, makeSimulatedLog } from './event-logs.ts'

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

describe('the simulated log without faults keeps its contract', () => {
  for (const clause of eventLogClauses) test(clause.name, () => clause.run(makeSimulatedLog({})))
})

// Gaps are left out: the clauses take offsets for granted that follow each other.
const faultsOfLogs = { fetchFails: 0.2, fetchEmpty: 0.2, fetchShort: 0.3, appendReplyLost: 0.2 }

describe('the simulated log with faults keeps the clauses that say so', () => {
  for (const clause of eventLogClauses.filter(({ holdsUnderFaults }) => holdsUnderFaults)) {
    test(clause.name, async () => {
      for (const seed of [1, 2, 3]) await clause.run(makeSimulatedLog(faultsOfLogs, seed))
    })
  }
})
