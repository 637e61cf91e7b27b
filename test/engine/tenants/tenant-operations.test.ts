/** Accounting by tenant, and what a tenant has never done before. */
import { put } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import type { EngineRun } from '../../../topology/engine/shell/run-engine.ts'
import { TenantOperations } from '../../../topology/engine/tenants/tenant-operations.ts'
import { TenantRates } from '../../../topology/engine/tenants/tenant-rates.ts'
import { partition } from '../../../topology/model/position.ts'
import type { TenantReport } from '../../../topology/model/work-report.ts'
import { everySink } from '../every-sink.ts'
import { GivenPorts } from '../given-ports.ts'

const minute = 60_000

const report = (tenant: string, records: number, more: Partial<TenantReport> = {}): TenantReport => ({
  ...{ spout: 'events', partition: 0, laneClass: 'live', tenant, records, bytes: records * 100, cpuMs: 0, deletes: 0 },
  ...more,
})

describe('an operation that a tenant has never done', () => {
  test('is news for ten minutes, for a tenant that was known before', () => {
    const seen = new TenantOperations()
    seen.note('ann', 'delete by id', 0)
    seen.note('ann', 'delete by scan', 9 * minute)
    seen.note('bob', 'delete by id', 0)
    seen.note('bob', 'delete by scan', 60 * minute)
    seen.note('bob', 'delete by id', 61 * minute)
    expect([seen.newOf('ann', 9 * minute), seen.newOf('ann', 62 * minute)]).toEqual([[], []])
    expect(seen.newOf('bob', 62 * minute)).toEqual(['delete by scan'])
    expect(seen.newOf('bob', 71 * minute)).toEqual([])
    expect(seen.newOf('nobody', 71 * minute)).toEqual([])
  })

  /** Two tenants send for a quarter of an hour, and both delete by id as ever. */
  const usual = async (): Promise<{ readonly given: GivenPorts; readonly run: EngineRun }> => {
    const given = new GivenPorts()
    const run = await given.start(everySink)
    for (let index = 0; index < 16; index++) {
      const atMs = given.clock.nowMs()
      for (const project of ['ann', 'bob'])
        given.append([put({ number: index, kind: 'a', value: 1 }, { project, collection: 'new', partition: 0, atMs })])
      await given.pass(minute)
    }
    return { given, run }
  }

  const newsOf = (run: EngineRun, tenant: string): readonly string[] =>
    run.engine.partitions[0]!.tenantReports().find((one) => one.tenant === tenant)?.newOperations ?? []

  test('B11: the report of tenants names it and the operation: a delete by scan, a storm of collections', async () => {
    const { given, run } = await usual()
    expect([newsOf(run, 'ann'), newsOf(run, 'bob')]).toEqual([[], []])
    const atMs = given.clock.nowMs()
    const filters = [{ property_name: 'kind', operator: 'eq', property_value: 'b' }]
    const headers = [['spillway-kind', 'delete']] as const
    // Of somebody who has just come everything would be new.
    given.append([put({ number: 0, kind: 'a', value: 1 }, { project: 'cid', collection: 'new', partition: 0, atMs })])
    for (const project of ['ann', 'cid']) {
      const value = new TextEncoder().encode(JSON.stringify({ id: `d-${project}`, project, filters, allowScan: true }))
      given.log.appendAt(atMs, [{ key: null, headers, value, partition: partition(0) }])
    }
    given.append(
      Array.from({ length: 20 }, (_, index) =>
        put({ number: index, kind: 'a', value: 1 }, { project: 'bob', collection: `c${index}`, partition: 0, atMs }),
      ),
    )
    await given.pass(10_000)
    expect([newsOf(run, 'ann'), newsOf(run, 'bob')]).toEqual([['delete by scan'], ['new collections']])
    expect(newsOf(run, 'cid')).toEqual([])
    const told = run.snapshot()?.tenants.map(({ tenant, newOperations }) => [tenant, newOperations])
    expect(told).toEqual(expect.arrayContaining([['ann', ['delete by scan']]]))
    await given.drive(run.stop())
  })
})

describe('rates', () => {
  test('are of fresh data, over the window and over the last seconds, the largest first', () => {
    const rates = new TenantRates(() => 10_000)
    for (let second = 0; second <= 20; second++) {
      const loud = Math.max(0, second - 17) * 1_000
      const others = [
        report('old', second * 9_000, { laneClass: 'backlog' }),
        report('ann', second, { laneClass: 'tenant' }),
      ]
      rates.add([report('ann', second * 100 + loud), report('bob', second * 100), ...others], second * 1_000)
    }
    const [ann, bob, ...rest] = rates.rates()
    expect([ann?.tenant, ann?.eventsPerSecond, bob?.eventsPerSecond, rest]).toEqual(['ann', 401, 100, []])
    expect([ann?.share, ann?.recentShare].map((share) => Math.round(100 * share!))).toEqual([80, 92])
  })

  test('fade when nothing is read any more; of a few records nobody says whose they are of late', () => {
    const rates = new TenantRates(() => 10_000)
    rates.add([report('ann', 0)], 0)
    rates.add([report('ann', 100)], 1_000)
    expect(rates.rates(1_000)).toMatchObject([{ share: 1, eventsPerSecond: 100 }])
    expect(rates.rates(4_000)).toMatchObject([{ share: 1, eventsPerSecond: 25 }])
    expect(rates.rates(4_000)[0]).not.toHaveProperty('recentShare')
    expect(rates.rates(20_000)).toMatchObject([{ share: 0, eventsPerSecond: 0 }])
  })

  test('whoever counts anew after a restart counts from there on', () => {
    const rates = new TenantRates(() => 10_000)
    rates.add([report('ann', 5_000)], 0)
    rates.add([report('ann', 50)], 1_000)
    rates.add([report('ann', 150)], 2_000)
    expect(rates.rates()).toMatchObject([{ eventsPerSecond: 50 }])
  })

  test('are no burst when one of two workers is replaced: what the other has counted long ago is nothing new', () => {
    const rates = new TenantRates(() => 10_000)
    rates.add([report('ann', 2_000_000)], 0)
    rates.add([report('ann', 2_000_100)], 1_000)
    rates.add([report('ann', 1_000_100)], 2_000)
    rates.add([], 2_500)
    rates.add([report('ann', 1_000_200)], 3_000)
    rates.add([report('ann', 1_000_300)], 4_000)
    expect(rates.rates()).toMatchObject([{ eventsPerSecond: 75, share: 1 }])
  })
})
