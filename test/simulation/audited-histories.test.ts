/** D20: the audit agrees at every moment of a history, whatever befalls it, and at its end. */
import { expect, test } from 'vitest'
import { auditTopology } from '../../topology/audit.ts'
import type { AuditReport } from '../../topology/audit-report.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { type HistoryChecks, playHistory } from '../../topology/testing/simulation/history.ts'
import type { World } from '../../topology/testing/simulation/stage/world.ts'
import { Violation } from '../../topology/testing/simulation/violation.ts'
import { planted } from '../engine/planted.ts'
import { drawScenario } from './draw-scenario.ts'

const problemIn = ({ differences, problems, counters }: AuditReport): unknown => [
  differences[0],
  problems[0],
  counters.find((one) => one.problems.length > 0),
]

interface Audits {
  readonly live: { count: number; moving: number }
  readonly ended: { count: number; found: number }
}

const auditing =
  (audits: Audits) =>
  (world: World): HistoryChecks => {
    const { resources, histories } = world.servers
    const { rows, ledger, objects } = resources
    // The whole log, and what retention has left of it.
    const audit = async (): Promise<AuditReport> => {
      await auditOf(world.servers.logs)
      return auditOf(histories)
    }
    const auditOf = async (logs: typeof histories): Promise<AuditReport> => {
      const { topology, clock } = world
      const report = await auditTopology({ topology, rows, ledger, logs, objects, clock, random: seededRandom(1) })
      if (!report.isEqual) throw new Violation('I-8', JSON.stringify(problemIn(report)))
      return report
    }
    return {
      changed: () => undefined,
      look: async () => {
        const { sinks } = await audit()
        audits.live.count += 1
        if (sinks.some(({ windows }) => windows.some(({ moving }) => moving > 0))) audits.live.moving += 1
      },
      views: async () => {
        const { sinks } = await audit()
        audits.ended.count += 1
        for (const { windows } of sinks) for (const { found } of windows) audits.ended.found += found
      },
    }
  }

test.each([1, 11, 21, 31, 41, 51])(
  'D20: agrees in ten histories from seed %i on (I-8)',
  async (first) => {
    const audits: Audits = { live: { count: 0, moving: 0 }, ended: { count: 0, found: 0 } }
    const failures: string[] = []
    for (let seed = first; seed < first + 10; seed++) {
      const { violation } = await playHistory({ seed, draw: drawScenario, checks: auditing(audits) })
      if (violation !== undefined) failures.push(`seed ${seed}: ${violation.message}`)
    }
    expect(failures).toEqual([])
    expect(audits.live.count).toBeGreaterThan(0)
    expect(audits.ended.found).toBeGreaterThan(0)
  },
  60_000,
)

// Each of these breaks counts in some of the first histories; what it breaks besides is for other tests.
test.each([
  'cover-only-committed',
  'declare-with-stale-rules',
  'cut-in-two-steps',
  'manifest-stamp-of-creation',
  'dead-letter-in-memory',
])(
  'D20: sees %s',
  async (fault) => {
    const audits: Audits = { live: { count: 0, moving: 0 }, ended: { count: 0, found: 0 } }
    const violations = await planted(fault, async () => {
      const seen: string[] = []
      for (let seed = 1; seed < 40 && seen.length === 0; seed++) {
        const { violation } = await playHistory({ seed, draw: drawScenario, checks: auditing(audits) })
        if (violation?.invariant === 'I-8') seen.push(violation.message)
      }
      return seen
    })
    expect(violations).toHaveLength(1)
  },
  60_000,
)
