/** A tenant that is limited in many partitions waits alone: what has been fetched for it takes no room from the others (I-6, I-9). */
import { defineTopology, log } from 'spillway'
import { eventRows } from 'spillway/sinks'
import { createMemoryLog, put } from 'spillway/testing'
import { expect, test } from 'vitest'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import { GivenPorts } from './given-ports.ts'
import { startMs } from './orders.ts'

const [partitions, each, limit] = [8, 2_000, 80]
const hourMs = 3_600_000

const stored = defineTopology('stored', (t) => {
  t.spout('events', log()).sink('store', eventRows())
})

// Four fetches at once, two of them for what lies behind.
const knobs = {
  'fetch.partitionBytes': 262_144,
  'fetch.totalBytes': 1_048_576,
  'catchUp.afterMs': 10_000,
  'epoch.records': 1_000,
  'start.rampMs': 0,
}

/** An hour old; nine of ten records are of one tenant. */
const backlog = (): GivenPorts => {
  const given = new GivenPorts()
  const log = createMemoryLog({ clock: given.clock, partitions, topic: 'events', id: 'log' })
  given.resources = { ...given.resources, logs: { default: log } }
  const text = 'x'.repeat(400)
  for (let number = 0; number < partitions * each; number++) {
    const project = number % 80 < 72 ? 'ann' : 'bob'
    const { record } = put({ number, text }, { project, collection: 'new', partition: number % partitions })
    log.appendAt(startMs - hourMs, [record])
  }
  return given
}

const limited = (given: GivenPorts): Promise<EngineRun> =>
  given.start(stored, { knobs }).then((run) => {
    const rule = {
      tenant: 'ann',
      rule: 'limit',
      eventsPerSecond: limit,
      author: 'bob',
      reason: '',
      untilMs: null,
    } as const
    run.setTenantRules([rule])
    return run
  })

/** Records that are left to the lanes of one tenant, and to the others. */
const leftOf = (run: EngineRun): { readonly own: number; readonly others: number } => {
  const left = { own: 0, others: 0 }
  for (const { tenants, to, position } of run.status().lanes)
    left[tenants.kind === 'only' ? 'own' : 'others'] += Math.max(0, (to ?? each) - position)
  return left
}

test('the others are done while the tenant keeps to its limit', async () => {
  const given = backlog()
  const run = await limited(given)
  await given.pass(60_000)
  const before = leftOf(run)
  await given.pass(20_000)
  const after = leftOf(run)
  await given.drive(run.stop())
  expect(before.others).toBe(0)
  expect(before.own - after.own).toBeGreaterThan(limit * 15)
  expect(before.own - after.own).toBeLessThan(limit * 30)
})
