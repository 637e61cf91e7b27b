/** Work whose cause is gone ends: a delete that a person pauses reads nothing any more within a second. */
import { remove } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { partition } from '../../topology/model/position.ts'
import { everySink } from './every-sink.ts'
import { expectTruth } from './expect-truth.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'

const records = 400

/** A log whose records a delete reads again one by one, ten in a second. */
const givenSlow = (): { readonly given: GivenPorts; readonly reads: () => number } => {
  const given = new GivenPorts()
  const { log } = given
  let reads = 0
  const fetch: typeof log.fetch = async (at, from, options) => {
    const { end } = await log.bounds(partition(0))
    if (from >= records || end <= records) return log.fetch(at, from, options)
    reads += 1
    await given.clock.sleep(100)
    return log.fetch(at, from, { ...options, maxBytes: 1 })
  }
  const slow = new Proxy(log, { get: (target, key) => (key === 'fetch' ? fetch : bound(target, key)) })
  given.resources = { ...given.resources, logs: { events: slow } }
  return { given, reads: () => reads }
}

const bound = (target: object, key: PropertyKey): unknown => {
  const member: unknown = Reflect.get(target, key, target)
  return typeof member === 'function' ? member.bind(target) : member
}

describe('B9: a delete that is paused', () => {
  test('stops its reads within a second, and goes on where a person lets it', async () => {
    const { given, reads } = givenSlow()
    given.append(orders(0, records))
    const knobs = { 'objects.idleMs': 1_000, 'delete.rewriteMs': 1_000, 'epoch.schemaMs': 1_000 }
    await given.run(everySink, { knobs })
    given.append([remove({ id: 'job', project: 'ann' })])
    const run = await given.start(everySink, { knobs })
    await given.pass(10_000)
    expect(run.status().deletes).toMatchObject([{ state: 'running' }])
    run.pauseDelete('job')
    await given.pass(1_000)
    const before = reads()
    expect(before).toBeGreaterThan(20)
    await given.pass(60_000)
    expect(reads()).toBe(before)
    run.resumeDelete('job')
    await given.pass(200_000)
    expect(run.status().deletes).toMatchObject([{ state: 'done' }])
    await given.drive(run.stop())
    given.resources = { ...given.resources, logs: { events: given.log } }
    await expectTruth(given.read(everySink))
  })
})
