/**
 * Watches a run once a second: looks where the log ends and what lies in it, asks whoever runs lanes for a report, and
 * puts together the snapshot that people, alerts and the controller see. Nothing of the run waits for it.
 */
import { Latencies } from './engine/shell/latencies.ts'
import type { EngineRun } from './engine/shell/run-engine.ts'
import { snapshotOfDesk } from './engine/snapshot-desk.ts'
import type { Clock } from './model/ports/clock.ts'
import type { EventLog } from './model/ports/event-log.ts'
import { partition as toPartition } from './model/position.ts'
import type { Resources, RunWatch } from './model/run-handle.ts'
import type { BranchLine, DependencyLine, RunSnapshot } from './model/run-snapshot.ts'
import type { ObservedPartition } from './observe/lag-tracker.ts'
import { Observer } from './observe/observer.ts'
import { PartitionCurve } from './observe/partition-curve.ts'
import { planSamples, type UnreadRange } from './observe/plan-samples.ts'
import { type TenantsIn, takeSample } from './observe/take-samples.ts'

const watchEveryMs = 1_000
// Small fetches; a backlog of many partitions is known within a minute.
const looksAtOnce = 8
// Retention is changed by hand.
const retentionEveryMs = 60_000

export class WatchRun {
  readonly #run: EngineRun
  readonly #resources: Pick<Resources, 'rows' | 'objects'>
  readonly #clock: Clock
  readonly #startedAtMs: number
  readonly #observer = new Observer()
  readonly #curves = new Map<string, PartitionCurve>()
  readonly #retention = new Map<EventLog, { readonly ms: number | undefined; readonly askedAtMs: number }>()
  readonly #latencies = new Latencies()
  /** Where lanes stood a second ago. */
  #positions = new Map<string, number>()
  readonly #watch: RunWatch
  #snapshot: RunSnapshot | undefined
  #name = ''

  /** By the spout. */
  readonly #tenantsOf: ReadonlyMap<string, TenantsIn>

  constructor(
    run: EngineRun,
    resources: Pick<Resources, 'rows' | 'objects'>,
    clock: Clock,
    watch: RunWatch = {},
    tenantsOf: ReadonlyMap<string, TenantsIn> = new Map(),
  ) {
    this.#run = run
    this.#tenantsOf = tenantsOf
    this.#resources = resources
    this.#clock = clock
    this.#watch = watch
    this.#startedAtMs = clock.nowMs()
    run.observed = () => this.#snapshot
  }

  /** Under which name people see this process, once it has one. */
  named(name: string): void {
    this.#name = name
  }

  /** Until the run ends; never rejects. A log that does not answer is waited for beside: what is known is told. */
  async untilEnded(): Promise<void> {
    const end = new AbortController()
    void this.#run.ended.then(() => end.abort())
    let looking: Promise<void> | undefined
    while (!end.signal.aborted) {
      looking ??= this.#look()
        .catch(() => undefined)
        .finally(() => {
          looking = undefined
        })
      await Promise.race([looking, this.#clock.sleep(watchEveryMs, end.signal)])
      if (end.signal.aborted) break
      this.observe()
      await this.#clock.sleep(watchEveryMs, end.signal)
    }
  }

  /** The snapshot of this moment. */
  observe(): RunSnapshot {
    const run = this.#run
    const { engine } = run
    const status = run.status()
    const seen = this.#observer.observe({
      topology: status.topology,
      process: this.#name,
      nowMs: this.#clock.nowMs(),
      startedAtMs: this.#startedAtMs,
      state: engine.isDrained ? 'drained' : engine.state === 'running' ? 'running' : 'stopping',
      places: this.#places(),
      reports: run.workReports(),
      workers: engine.house.lines(),
      waitingFor: status.waitingFor,
      deadLetters: Math.max(0, ...Object.values(status.sinks).map(({ counters }) => counters.deadLettered)),
      rows: this.#resources.rows.name,
      objects: this.#resources.objects.name,
      knob: (name) => run.knobs.value(name),
      ...snapshotOfDesk(run.knobs),
      tenantRules: run.tenantRules,
      alerts: this.#watch.alerts?.() ?? [],
      isPaused: (sink) => engine.paused.has(sink),
      requestMs: (kind, name) => this.#requestMs(kind, name),
      failureOf: (sink) => engine.failureOf(sink),
    })
    const branches = seen.branches.map((line) => ({ ...line, ...pausedBy(run.pauses.of(line.branch)) }))
    this.#snapshot = { ...seen, branches }
    this.#watch.seen?.(this.#snapshot)
    return this.#snapshot
  }

  #places(): readonly ObservedPartition[] {
    return this.#run.engine.partitions.map((desk) => ({
      spout: desk.plan.spout.name,
      topic: desk.log.topic,
      partition: desk.partition,
      doc: desk.doc,
      end: this.#run.endOf(desk),
      curve: this.#curveOf(desk.plan.spout.name, desk.partition),
      retentionMs: this.#retention.get(desk.log)?.ms,
    }))
  }

  #requestMs(kind: DependencyLine['kind'], name: string): number | undefined {
    const { rows, objects } = this.#resources
    // The ledger lives beside the rows.
    if (kind !== 'log') return (kind === 'objects' ? objects : rows).latency?.()?.recentMs
    // How long a fetch takes says little: at the end of a log it waits for what does not exist yet.
    const log = this.#run.engine.partitions.find((desk) => desk.log.topic === name)?.log
    return log === undefined ? undefined : this.#latencies.recentOf(log)
  }

  async #look(): Promise<void> {
    await this.#run.refresh((log, ms) => this.#latencies.note(log, ms))
    await this.#askRetention()
    const logs = new Map(this.#run.engine.partitions.map((desk) => [desk.plan.spout.name, desk.log]))
    const places = planSamples(this.#unread(), (spout, partition) => this.#curveOf(spout, partition), looksAtOnce)
    await Promise.all(
      places.map(async (place) => {
        const log = logs.get(place.spout)
        const point = log === undefined ? undefined : await takeSample(log, place, this.#tenantsOf.get(place.spout))
        if (point !== undefined) this.#curveOf(place.spout, place.partition).add(point)
      }),
    )
  }

  async #askRetention(): Promise<void> {
    const nowMs = this.#clock.nowMs()
    for (const log of new Set(this.#run.engine.partitions.map((desk) => desk.log))) {
      const known = this.#retention.get(log)
      if (log.retentionMs === undefined || (known !== undefined && nowMs - known.askedAtMs < retentionEveryMs)) continue
      const ms = await log.retentionMs().catch(() => known?.ms)
      this.#retention.set(log, { ms, askedAtMs: nowMs })
    }
  }

  /** What each lane has not read yet; below all of it nobody asks any more. */
  #unread(): readonly UnreadRange[] {
    const before = this.#positions
    this.#positions = new Map()
    return this.#run.engine.partitions.flatMap((desk) => {
      const spout = desk.plan.spout.name
      const end = this.#run.endOf(desk)
      const ranges = desk.reports().map(({ lane, position }): UnreadRange => {
        const key = `${spout}/${desk.partition}/${lane}`
        this.#positions.set(key, position)
        const to = Math.min(desk.doc.lanes[lane]?.to ?? end, end)
        return {
          spout,
          partition: toPartition(desk.partition),
          from: position,
          to,
          isStill: before.get(key) === position,
        }
      })
      if (ranges.length > 0)
        this.#curveOf(spout, desk.partition).forgetBelow(Math.min(...ranges.map(({ from }) => from)))
      return ranges
    })
  }

  #curveOf(spout: string, partition: number): PartitionCurve {
    const key = `${spout}/${partition}`
    const known = this.#curves.get(key) ?? new PartitionCurve()
    this.#curves.set(key, known)
    return known
  }
}

const pausedBy = (branches: readonly string[]): Pick<BranchLine, 'pausedBy'> =>
  branches.length === 0 ? {} : { pausedBy: branches }
