/**
 * Metrics of lag. Lanes come and go by the hundred, so they are summed: a series stands for a branch, a partition and a
 * class of lanes, and tenants for the largest of them.
 */
import type { LagLine, RunSnapshot } from '../../model/run-snapshot.ts'
import { prometheusFamilies, seconds } from './prometheus-families.ts'
import type { MetricFamily, MetricSample } from './prometheus-text.ts'

interface Summed {
  readonly labels: MetricSample['labels']
  readonly lines: readonly LagLine[]
}

export const lagFamilies = ({ lag, branches }: RunSnapshot): readonly MetricFamily[] => {
  const groups = groupsOf(lag)
  const sum = (numberOf: (line: LagLine) => number) =>
    samplesOf(groups, (lines) => lines.reduce((total, line) => total + numberOf(line), 0))
  const most = (numberOf: (line: LagLine) => number) => samplesOf(groups, (lines) => Math.max(...lines.map(numberOf)))
  const least = (numberOf: (line: LagLine) => number | null) =>
    samplesOf(groups, (lines) => leastOf(lines.map(numberOf)))
  const fresh = branches.map(({ branch, freshMs }) => ({ labels: { branch }, value: seconds(freshMs) }))
  const eta = branches.flatMap(({ branch, etaMs }) => [
    { labels: { branch, bound: 'low' }, value: seconds(etaMs?.[0]) },
    { labels: { branch, bound: 'high' }, value: seconds(etaMs?.[1]) },
  ])
  const retention = least((line) => seconds(line.retentionMsLeft))
  return prometheusFamilies('gauge', [
    ['lag_events', 'Records of the log that are not read yet.', sum((line) => line.lagEvents)],
    ['lag_bytes', 'Bytes of the log that are not read yet.', sum((line) => line.lagBytes)],
    ['lag_seconds', 'Age of the oldest record that is not read.', most((line) => line.lagMs / 1_000)],
    ['held_events', 'Records that are read and not durable.', sum((line) => line.heldEvents)],
    ['held_seconds', 'Age of the oldest record that is held.', most((line) => line.heldMs / 1_000)],
    ['read_events_per_second', 'Records read in the last seconds.', sum((line) => line.eventsPerSecond)],
    ['read_bytes_per_second', 'Bytes read in the last seconds.', sum((line) => line.bytesPerSecond)],
    ['lag_slope_events_per_second', 'Above 0 the lag grows.', sum((line) => line.slopeEventsPerSecond)],
    ['drain_multiple', 'Event time passed per time; of the slowest lane.', least((line) => line.drainMultiple)],
    ['retention_left_seconds', 'Until the log drops the oldest record that is not read.', retention],
    ['lanes', 'Lanes, whether or not they may read now.', sum(() => 1)],
    ['eta_seconds', 'When the lag will be gone at this rate, as a range.', eta],
    ['fresh_seconds', 'Age of the oldest record that live lanes have not read.', fresh],
  ])
}

const groupsOf = (lag: readonly LagLine[]): readonly Summed[] => {
  const groups = Map.groupBy(lag, (line) => JSON.stringify([line.branch, line.topic, line.partition, line.laneClass]))
  return [...groups.values()].map((lines) => {
    const { branch, topic, partition, laneClass } = lines[0]!
    return { labels: { branch, topic, partition, lane_class: laneClass }, lines }
  })
}

const samplesOf = (
  groups: readonly Summed[],
  numberOf: (lines: readonly LagLine[]) => number | null,
): readonly MetricSample[] => groups.map(({ labels, lines }) => ({ labels, value: numberOf(lines) }))

const leastOf = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.min(...known)
}
