import { describe, expect, test } from 'vitest'
import type { RunSnapshot } from '../../topology/model/run-snapshot.ts'
import { prometheusText } from '../../topology/observe/metrics/prometheus-text.ts'
import { metricsText } from '../../topology/observe/metrics.ts'
import { noSurroundings, type Surroundings } from '../../topology/observe/surroundings.ts'
import {
  givenBranch,
  givenDependency,
  givenLag,
  givenSnapshot,
  givenStage,
  givenTenant,
  givenWorker,
  startMs,
} from './given-snapshot.ts'
import { type ParsedFamily, parsePrometheus } from './parse-prometheus.ts'

const metricsOf = (
  snapshot: Partial<RunSnapshot>,
  surroundings: Partial<Surroundings> = {},
): ReadonlyMap<string, ParsedFamily> =>
  parsePrometheus(
    metricsText({
      snapshot: givenSnapshot(snapshot),
      surroundings: { ...noSurroundings, ...surroundings },
      incident: undefined,
      health: { live: true, ready: true, progress: false },
      profileMoves: 2,
    }),
  )

const sampleOf = (families: ReadonlyMap<string, ParsedFamily>, name: string, labels: object = {}): number | undefined =>
  families
    .get(name)
    ?.samples.find((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))?.value

test('counters of a branch tell what this process has seen, which no partition that comes or goes changes', () => {
  const counters = { received: 1e9, applied: 1e9, deadLettered: 7e5, dropped: 3 }
  const counted = { received: 40, applied: 37, deadLettered: 2, dropped: 1 }
  const families = metricsOf({ branches: [givenBranch({ counters, counted })] })
  const names = ['received', 'applied', 'dead_letter', 'dropped']
  expect(names.map((name) => sampleOf(families, `spillway_${name}_records_total`))).toEqual([40, 37, 2, 1])
})

const full: Partial<RunSnapshot> = {
  branches: [
    givenBranch({ lagEvents: 5, etaMs: [1_000, 90_000] }),
    givenBranch({ branch: 'archive', kind: 'objects' }),
  ],
  lag: [
    givenLag({ lagEvents: 5, lagMs: 1_500, lagBytes: 50, retentionMsLeft: 60_000 }),
    givenLag({ lane: 1, laneClass: 'backlog', lagEvents: 70, lagMs: 9_000, drainMultiple: 5.5 }),
    givenLag({ lane: 2, laneClass: 'backlog', lagEvents: 30, lagMs: 7_000, drainMultiple: 6 }),
    givenLag({ branch: 'archive', partition: 1 }),
  ],
  stages: [givenStage({ cpuMs: 1_250, waitMs: 500, inFlight: 1, oldestSinceMs: startMs - 2_000 })],
  workers: [givenWorker(), givenWorker({ worker: 2, loopDelayMs: 40, replaced: 3 })],
  dependencies: [givenDependency({ state: 'failing' }), givenDependency({ kind: 'log', name: 'shop', latencyMs: 12 })],
  tenants: [givenTenant()],
}

describe('the metrics', () => {
  test('are what a strict reader of the format takes', () => {
    const families = metricsOf(full)
    expect(families.size).toBeGreaterThan(40)
    for (const [name, { kind, samples }] of families) {
      expect(name).toMatch(/^spillway_[a-z_]+$/)
      expect(name.endsWith('_total')).toBe(kind === 'counter')
      for (const { labels } of samples) expect(labels['topology']).toBe('shop')
    }
  })
  test('sum lanes by class, so that their number makes no series', () => {
    const families = metricsOf(full)
    expect(sampleOf(families, 'spillway_lag_events', { branch: 'events', lane_class: 'backlog' })).toBe(100)
    expect(sampleOf(families, 'spillway_lag_seconds', { branch: 'events', lane_class: 'backlog' })).toBe(9)
    expect(sampleOf(families, 'spillway_drain_multiple', { lane_class: 'backlog' })).toBe(5.5)
    expect(sampleOf(families, 'spillway_drain_multiple', { lane_class: 'live' })).toBeUndefined()
    expect(sampleOf(families, 'spillway_retention_left_seconds')).toBe(60)
    expect(sampleOf(families, 'spillway_eta_seconds', { bound: 'high' })).toBe(90)
  })
  test('C19: tell CPU and waiting of every component apart', () => {
    const families = metricsOf(full)
    const labels = { stage: 'write', name: 'events', work_class: 'live' }
    expect(sampleOf(families, 'spillway_stage_cpu_seconds_total', labels)).toBe(1.25)
    expect(sampleOf(families, 'spillway_stage_wait_seconds_total', labels)).toBe(0.5)
    expect(sampleOf(families, 'spillway_stage_oldest_call_seconds', labels)).toBe(2)
  })
  test('D7: tell ingest and each branch apart', () => {
    const families = metricsOf(full)
    expect(sampleOf(families, 'spillway_dependency_up', { kind: 'rows' })).toBe(0)
    expect(sampleOf(families, 'spillway_dependency_up', { kind: 'log' })).toBe(1)
    expect(sampleOf(families, 'spillway_branch_state', { branch: 'archive', state: 'ok' })).toBe(1)
  })
  test('B12: have the use of every pool', () => {
    const pools = [{ name: 'rows keen', used: 250, limit: 256, waiting: 3 }]
    const families = metricsOf({}, { pools })
    expect(sampleOf(families, 'spillway_pool_used_calls', { pool: 'rows keen' })).toBe(250)
    expect(sampleOf(families, 'spillway_pool_waiting_calls')).toBe(3)
  })
  test('D23: have the age of the canary', () => {
    const canaries = [{ branch: 'events', ageMs: 90_000, missing: 'not found', place: 'shop/0@4' } as const]
    expect(sampleOf(metricsOf({}, { canaries }), 'spillway_canary_age_seconds', { branch: 'events' })).toBe(90)
  })
})

describe('bounds', () => {
  test('of tenants: the largest, and the others together', () => {
    const tenants = Array.from({ length: 500 }, (_, index) =>
      givenTenant({ tenant: `t${index}`, bytesPerSecond: index, eventsPerSecond: 1 }),
    )
    const families = metricsOf({ tenants })
    expect(families.get('spillway_tenant_bytes_per_second')?.samples).toHaveLength(21)
    expect(sampleOf(families, 'spillway_tenant_bytes_per_second', { tenant: 't499' })).toBe(499)
    expect(sampleOf(families, 'spillway_tenant_events_per_second', { tenant: '(others)' })).toBe(480)
  })
  test('of rejects', () => {
    const rejects = Array.from({ length: 300 }, (_, index) => ({
      operator: 'bolt',
      cause: `c${index}`,
      tenant: '',
      count: index,
    }))
    expect(metricsOf({}, { rejects }).get('spillway_rejects')?.samples).toHaveLength(51)
  })
  test('of the text: 40 lanes in each of 200 partitions take less than a megabyte', () => {
    const lag = Array.from({ length: 8_000 }, (_, index) =>
      givenLag({ partition: index % 200, lane: index, laneClass: index < 200 ? 'live' : 'backlog' }),
    )
    const text = metricsText({
      snapshot: givenSnapshot({ lag }),
      surroundings: noSurroundings,
      incident: undefined,
      health: {},
      profileMoves: 0,
    })
    expect(text.length).toBeLessThan(1_000_000)
  })
})

test('whatever a tenant is called, the text stays readable', () => {
  const names = ['"}\n# TYPE x counter', 'a\\', 'b\\n', '\ud800', 'naïve ✓', '']
  const tenants = names.map((tenant) => givenTenant({ tenant }))
  const samples = metricsOf({ tenants }).get('spillway_tenant_records')?.samples ?? []
  expect(samples.map(({ labels }) => labels['tenant'])).toEqual([
    '"}\n# TYPE x counter',
    'a\\',
    'b\\n',
    '\ufffd',
    'naïve ✓',
    '',
  ])
})

test('what is no number is left out, and the infinite has its word', () => {
  const family = { name: 'x', kind: 'gauge', help: 'a\nb\\c' } as const
  const samples = [
    { labels: { a: 1 }, value: Number.NaN },
    { labels: { a: 2 }, value: null },
    { labels: { a: 3 }, value: Number.POSITIVE_INFINITY },
  ]
  expect(prometheusText([{ ...family, samples }])).toBe('# HELP x a\\nb\\\\c\n# TYPE x gauge\nx{a="3"} +Inf\n')
  expect(prometheusText([{ ...family, samples: [] }])).toBe('')
})
