/** Ranges that sinks have lost, as `status` tells of them. */
import { formatTime } from '../model/event-time.ts'
import type { JsonValue } from '../model/json.ts'
import type { LostStatus } from '../model/run-handle.ts'
import { tenantsText } from './tenants-text.ts'
import { formatDuration, plural, printable } from './text-table.ts'

// The newest; the others are counted.
const shownMax = 5

/** One line each, the newest first; empty when nothing is lost. */
export const lostText = (lost: readonly LostStatus[], nowMs: number): string => {
  const sorted = [...lost].sort((left, right) => right.atMs - left.atMs)
  const lines = sorted.slice(0, shownMax).map((one) => lineOf(one, nowMs))
  const rest = sorted.length - lines.length
  return [...lines, ...(rest > 0 ? [`and ${plural(rest, 'lost range')} more: \`topology status --json\``] : [])]
    .map((line) => `${line}\n`)
    .join('')
}

const lineOf = ({ sink, topic, partition, from, to, tenants, atMs, by, reason }: LostStatus, nowMs: number): string => {
  const whose = tenants.kind === 'all' ? '' : ` (tenants: ${tenantsText(tenants)})`
  const who = by === '' ? '' : ` by ${by}`
  const why = reason === '' ? '' : `: ${reason}`
  const since = formatDuration(Math.max(0, nowMs - atMs))
  const what = `lost: ${plural(to - from, 'offset')} of ${topic}/${partition} [${from}, ${to}) on ${sink}${whose}`
  return printable(`${what}, let go ${since} ago${who}${why}`)
}

export const lostRangesJson = (lost: readonly LostStatus[]): JsonValue =>
  lost.map(({ sink, spout, topic, partition, from, to, tenants, declared, atMs, by, reason }) => ({
    ...{ sink, spout, topic, partition, from, to, tenant: tenantsText(tenants), declared: declared ?? null },
    ...{ at: formatTime(atMs), by, reason },
  }))
