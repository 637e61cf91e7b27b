/** Families of metrics as rows of a table: name without its prefix, help, samples. */
import type { MetricFamily, MetricKind, MetricSample } from './prometheus-text.ts'

export type FamilyRow = readonly [name: string, help: string, samples: readonly MetricSample[]]

/** One sample without labels. */
export const alone = (value: number | null): readonly MetricSample[] => [{ labels: {}, value }]

/** Milliseconds as seconds; what is not known stays so. */
export const seconds = (ms: number | null | undefined): number | null =>
  ms === null || ms === undefined ? null : ms / 1_000

export const prometheusFamilies = (kind: MetricKind, rows: readonly FamilyRow[]): readonly MetricFamily[] =>
  rows.map(([name, help, samples]) => {
    const suffix = kind === 'counter' ? '_total' : ''
    return { name: `spillway_${name}${suffix}`, kind, help, samples }
  })
