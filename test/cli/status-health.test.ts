/** The branches of a running topology as a person reads them. */
import { expect, test } from 'vitest'
import type { ReadStatus } from '../../topology/cli/read-status.ts'
import { branchesTable, healthSentence } from '../../topology/cli/status-health.ts'
import type { BranchLine, RunSnapshot } from '../../topology/model/run-snapshot.ts'
import { givenBranch, givenLag, givenSnapshot, startMs } from '../observe/given-snapshot.ts'

const found: ReadStatus = {
  ...{ topology: 'shop', state: 'running', deletes: [], waitingFor: [], lost: [], toldAtMs: startMs },
  ...{ pins: [], tenantRules: [], pausedBranches: [], drains: [], lanes: [], sinks: {}, snapshot: undefined },
}

const snapshotOf = (branch: Partial<BranchLine>, ageMs: number): RunSnapshot =>
  givenSnapshot({
    startedAtMs: startMs - ageMs,
    branches: [givenBranch(branch)],
    lag: [givenLag({ lagEvents: branch.lagEvents ?? 0, etaMs: branch.etaMs ?? null })],
  })

/** What stands below DONE IN. */
const doneIn = (branch: Partial<BranchLine>, ageMs = 3_600_000): string => {
  const [head, row] = branchesTable(found, snapshotOf(branch, ageMs), { columns: 120 }).split('\n')
  const at = head!.indexOf('DONE IN')
  return row!
    .slice(at, head!.indexOf('APPLIED'))
    .replace(/ [\d,]+$/, '')
    .trim()
}

test('a branch that is well has no end to come to, whatever its last report shows before it', () => {
  expect(doneIn({ lagEvents: 180, lagMs: 134, etaMs: [0, 0] })).toBe('')
  expect(doneIn({ lagEvents: 180, lagMs: 12_000, etaMs: null })).toBe('')
  expect(doneIn({ lagEvents: 180, lagMs: 60_000, etaMs: null, state: 'catching-up' })).toBe('not at this rate')
  expect(doneIn({ lagEvents: 180, etaMs: null }, 5_000)).toBe('too early')
})

test('a run that has just begun and follows the log is not behind', () => {
  expect(healthSentence(snapshotOf({ lagEvents: 30, etaMs: [0, 0] }, 5_000))).toBe('all branches are up to date')
  expect(healthSentence(snapshotOf({ lagEvents: 30, etaMs: null }, 5_000))).toContain('too early to say')
})
