/**
 * What a replay would cost, before it begins: bytes, time and writes, from a sample of the range that is run dry, and from
 * what running processes have measured. Estimates are for people; nothing is decided by them.
 */
import { type DryRun, dryRun } from './dry-run.ts'
import type { Slices } from './log-slice.ts'
import type { Clock } from './model/ports/clock.ts'
import type { EventLog } from './model/ports/event-log.ts'
import type { Random } from './model/ports/random.ts'
import type { RunSnapshot } from './model/run-snapshot.ts'
import type { SinkKind } from './model/sink.ts'
import type { Topology } from './model/topology.ts'
import type { StageReport } from './model/work-report.ts'
import type { ReplayPart, ReplayPlan } from './plan-replay.ts'

export interface ExpectedWrites {
  readonly sink: string
  readonly kind: SinkKind
  /** Events that it would take. */
  readonly events: number
  /** As a range: rows of groups that the sample shows may come again. */
  readonly rows: readonly [low: number, high: number]
  readonly objects: readonly [low: number, high: number]
  readonly objectBytes: number
}

export interface ReplayEstimate {
  readonly records: number
  readonly bytes: number
  /** Records that the sample has read. */
  readonly sampled: number
  readonly writes: readonly ExpectedWrites[]
  /** Share of the sample that would become dead letters. */
  readonly deadLetterRatio: number
  /** How long it takes, ms; `null`: nothing has been measured yet. */
  readonly etaMs: readonly [low: number, high: number] | null
  /** What the time was computed from. */
  readonly basis: 'rate' | 'measured' | 'sample'
}

export interface EstimatePorts {
  readonly logs: Readonly<Record<string, EventLog>>
  readonly clock: Clock
  readonly random: Random
  readonly knobs: Readonly<Record<string, number | string>>
  readonly file: string
  readonly signal: AbortSignal
}

// Enough to see shapes and sizes, little enough to wait for.
const sampleRecords = 4_000

/** Throws what stops the sample: it would stop the replay. */
export const estimateReplay = async (
  topology: Topology,
  ports: EstimatePorts,
  plan: ReplayPlan,
  measured: { readonly snapshots: readonly RunSnapshot[]; readonly shareRatio: number },
  rate: number | undefined,
): Promise<ReplayEstimate> => {
  const { parts, request } = plan
  const records = parts.reduce((sum, { from, to }) => sum + to - from, 0)
  const startMs = ports.clock.nowMs()
  const { tenant, timeframe } = request
  const replay = { ...(tenant === undefined ? {} : { tenant }), ...(timeframe === undefined ? {} : { timeframe }) }
  const { knobs: _knobs, ...open } = ports
  const sample = await dryRun(topology, { ...open, slices: sampleOf(parts, ports.logs, records), replay })
  if (sample.outcome.error !== undefined) throw sample.outcome.error
  // Read, and read again for the replay that is played behind it.
  const sampleMs = Math.max(1, ports.clock.nowMs() - startMs) / 2
  const scale = sample.records === 0 ? 0 : Math.max(1, records / sample.records)
  const drain = drainRates(measured.snapshots, measured.shareRatio)
  const alone = sample.records === 0 ? undefined : (sample.records * 1_000) / sampleMs
  return {
    records,
    bytes: Math.round(sample.bytes * scale),
    sampled: sample.records,
    writes: writesOf(sample, scale),
    deadLetterRatio: deadLettersIn(sample),
    ...timeOf(records, rate, drain, alone, measured.shareRatio),
  }
}

/** From the middle of each part, as much as its share of the range: one log is one list of partitions, whatever spouts read it. */
const sampleOf = (
  parts: readonly ReplayPart[],
  logs: EstimatePorts['logs'],
  records: number,
): ReadonlyMap<string, Slices> => {
  const slices = new Map<string, { from: number; to: number }[]>()
  for (const { key, from, to } of parts) {
    const log = logs[key.spout] ?? logs['default']
    if (log === undefined) continue
    const wanted = Math.min(to - from, Math.ceil((sampleRecords * (to - from)) / Math.max(1, records)))
    const begin = from + Math.floor((to - from - wanted) / 2)
    const own = slices.get(log.id) ?? []
    own[key.partition] ??= { from: begin, to: begin + wanted }
    slices.set(log.id, own)
  }
  return slices
}

const writesOf = ({ sinks }: DryRun, scale: number): readonly ExpectedWrites[] =>
  sinks
    .filter(({ kind }) => kind !== 'custom')
    .map(({ name, kind, counters, rows, objects, objectBytes }) => {
      const events = Math.round(counters.applied * scale)
      const most = Math.round(rows * scale)
      return {
        sink: name,
        kind,
        events,
        // Each event has a row of its own; a group that the sample shows may be all there is.
        rows: kind === 'events' ? [most, most] : [Math.min(rows, most), most],
        objects: [objects, Math.max(objects, Math.round(objects * scale))],
        objectBytes: Math.round(objectBytes * scale),
      }
    })

const deadLettersIn = ({ records, deadLetters }: DryRun): number => {
  const most = Math.max(0, ...deadLetters.map(({ count }) => count))
  return records === 0 ? 0 : most / records
}

const timeOf = (
  records: number,
  rate: number | undefined,
  drain: readonly [number, number] | undefined,
  alone: number | undefined,
  shareRatio: number,
): Pick<ReplayEstimate, 'etaMs' | 'basis'> => {
  const range = drain ?? (alone === undefined ? undefined : ([alone * shareRatio, alone] as const))
  const basis = drain === undefined ? 'sample' : 'measured'
  const msOf = (perSecond: number): number => Math.round((records * 1_000) / perSecond)
  if (records === 0) return { etaMs: [0, 0], basis }
  if (range === undefined) return { etaMs: rate === undefined ? null : [msOf(rate), msOf(rate)], basis: 'rate' }
  if (rate === undefined) return { etaMs: [msOf(range[1]), msOf(range[0])], basis }
  // A rate is a bound: who cannot keep up with it takes longer.
  const isRate = rate <= range[0]
  return { etaMs: [msOf(Math.min(rate, range[1])), msOf(Math.min(rate, range[0]))], basis: isRate ? 'rate' : basis }
}

/**
 * Records a second that running processes would give a replay: what their CPU allows when they have nothing else to do,
 * and the share that is kept for replays beside live work.
 */
export const drainRates = (
  snapshots: readonly RunSnapshot[],
  shareRatio: number,
): readonly [low: number, high: number] | undefined => {
  let full = 0
  for (const { stages } of snapshots) {
    const read = recordsOf(stages, 'fetch')
    const cpuMs = stages.reduce((sum, one) => sum + one.cpuMs, 0)
    if (read > 0 && cpuMs > 0) full += (read * 1_000) / cpuMs
  }
  return full === 0 ? undefined : [full * shareRatio, full]
}

const recordsOf = (stages: readonly StageReport[], stage: StageReport['stage']): number =>
  stages.reduce((sum, one) => sum + (one.stage === stage ? one.records : 0), 0)
