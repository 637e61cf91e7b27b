/** Metrics of tenants, of the largest ones: a series costs whoever stores it, for weeks, and those who matter are few. */
import type { RunSnapshot, TenantLine } from '../../model/run-snapshot.ts'
import { prometheusFamilies } from './prometheus-families.ts'
import type { MetricFamily, MetricSample } from './prometheus-text.ts'

export const tenantSeriesMax = 20
const others = '(others)'

/** The largest by bytes now, then by lag, then by bytes so far; all others together. */
export const tenantFamilies = ({ tenants }: RunSnapshot): readonly MetricFamily[] => {
  const sorted = [...tenants].sort(bySize)
  const [shown, rest] = [sorted.slice(0, tenantSeriesMax), sorted.slice(tenantSeriesMax)]
  const of = (numberOf: (line: TenantLine) => number): readonly MetricSample[] => {
    const sum = rest.reduce((total, line) => total + numberOf(line), 0)
    const all = shown.map((line) => ({ labels: { tenant: line.tenant }, value: numberOf(line) }))
    return rest.length === 0 ? all : [...all, { labels: { tenant: others }, value: sum }]
  }
  // Who is among the largest changes, so what they did so far is told as gauges: a counter must not fall.
  return prometheusFamilies('gauge', [
    ['tenant_events_per_second', 'Records read in the last seconds.', of((line) => line.eventsPerSecond)],
    ['tenant_bytes_per_second', 'Bytes read in the last seconds.', of((line) => line.bytesPerSecond)],
    ['tenant_share_ratio', 'Share of the bytes of all tenants.', of((line) => line.share)],
    ['tenant_lag_events', 'Records that are not read yet, where it is known.', of((line) => line.lagEvents)],
    ['tenant_records', 'Records since the start of this process.', of((line) => line.records)],
    ['tenant_bytes', 'Bytes since the start of this process.', of((line) => line.bytes)],
    ['tenant_cpu_seconds', 'CPU time since the start of this process.', of((line) => line.cpuMs / 1_000)],
    ['tenant_deletes', 'Deletes since the start of this process.', of((line) => line.deletes)],
  ])
}

const bySize = (one: TenantLine, other: TenantLine): number =>
  other.bytesPerSecond - one.bytesPerSecond || other.lagEvents - one.lagEvents || other.bytes - one.bytes
