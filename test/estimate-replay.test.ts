/** How fast a replay would be, from what running processes have measured. */
import { expect, test } from 'vitest'
import { drainRates } from '../topology/estimate-replay.ts'
import type { RunSnapshot } from '../topology/model/run-snapshot.ts'
import type { StageReport } from '../topology/model/work-report.ts'

const stage = (name: StageReport['stage'], records: number, cpuMs: number): StageReport => ({
  ...{ stage: name, name, workClass: 'live', calls: 1, records, bytes: 0, cpuMs, waitMs: 0, errors: 0 },
  ...{ recentMeanMs: 0, recentMaxMs: 0, inFlight: 0 },
})
const snapshot = (...stages: readonly StageReport[]): RunSnapshot => ({ stages }) as unknown as RunSnapshot // the rest is not looked at

test('what the CPU of all processes allows when they are idle, and the share that replays have beside live work', () => {
  const one = snapshot(stage('fetch', 10_000, 100), stage('decode', 10_000, 300), stage('write', 500, 600))
  expect(drainRates([one], 0.1)).toEqual([1_000, 10_000])
  expect(drainRates([one, one], 0.1)).toEqual([2_000, 20_000])
})

test('without anything measured nothing is said', () => {
  expect(drainRates([], 0.1)).toBeUndefined()
  expect(drainRates([snapshot(stage('fetch', 0, 0))], 0.1)).toBeUndefined()
})
