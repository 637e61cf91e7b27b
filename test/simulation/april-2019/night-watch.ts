/** Looks at a night from outside, as customers and operators do, and at the truth beside it. */
import { ownHand, readAudit } from '../../../sinks/rows/audit.ts'
import { readCatalogue } from '../../../sinks/rows/topology-catalogue.ts'
import { readStatus } from '../../../topology/cli/read-status.ts'
import { statusLine } from '../../../topology/cli/status-text.ts'
import { StatusVoice } from '../../../topology/cli/status-voice.ts'
import type { RunSnapshot } from '../../../topology/model/run-snapshot.ts'
import type { AprilProcess } from './april-process.ts'
import { aprilTopology, archiveSink, rowsSink } from './april-topology.ts'
import { type AprilWorld, stepMs } from './april-world.ts'
import { hourMs } from './draw-night.ts'
import type { EtaUpdate, Move, NightRecord, Period } from './night-record.ts'
import { wrongImpactsIn } from './true-impact.ts'
import type { TrueProgress } from './true-progress.ts'

const periodMs = hourMs / 2
const minuteMs = 60_000
const etaEveryMs = 5 * minuteMs
const statusEveryMs = 30_000
// Over less a multiple says little: an epoch of the archive is some minutes long.
const multipleMs = 15 * minuteMs
/** An archive that is no later than that is as late as on any day: five minutes of collecting, and the writing. */
export const normalMs: number = 10 * minuteMs
// Who is later than that is not ok.
const lateRowsMs = 30_000
const lateArchiveMs = 15 * minuteMs
const writtenMs = 5 * minuteMs
// For so long it has to stay so.
const restMs = 12 * minuteMs

export class NightWatch {
  readonly #world: AprilWorld
  readonly #voice = new StatusVoice()
  readonly #periods: Period[] = []
  readonly #etas: EtaUpdate[] = []
  readonly #saidAtMs: number[] = []
  readonly #wrongImpact: string[] = []
  readonly #moves: Move[] = []
  readonly #byHand: string[] = []
  readonly #late = new Map<string, number>()
  /** Append time of the oldest event that the archive lacked, by the minute. */
  readonly #oldest: { readonly atMs: number; readonly oldestMs: number }[] = []
  /** Within this half hour. */
  #done: string[] = []
  #delays = new Map<string, number[]>()
  /** Since when a branch is said to be ok. */
  readonly #okSince = new Map<string, number>()
  #snapshot: RunSnapshot | undefined
  #status = ''
  #appendMs = 0
  #appendMsMax = 0
  #divertedAtMs: number | undefined
  #lateAtMs: number | undefined
  #multipleMax = 0
  #heldMax = 0

  constructor(world: AprilWorld) {
    this.#world = world
    world.onRow = (tenant, delayMs) => {
      const own = this.#delays.get(tenant)
      if (own === undefined) this.#delays.set(tenant, [delayMs])
      else own.push(delayMs)
    }
    world.onSnapshot = (snapshot) => this.#see(snapshot)
    world.onStart = (process) => this.#follow(process)
  }

  get drainedAtMs(): number | undefined {
    const { spike } = this.#world.night
    const nowMs = this.#world.clock.nowMs()
    const sinceMs = Math.max(this.#lateAtMs ?? 0, spike.toMs)
    return nowMs - sinceMs >= restMs ? sinceMs : undefined
  }

  /** After each step. */
  async look(): Promise<void> {
    const nowMs = this.#world.clock.nowMs()
    this.#appendMs = Math.max(this.#appendMs, this.#world.ports.broker.waitMs)
    const isEvery = (ms: number): boolean => (nowMs + ms - this.#world.night.spike.fromMs) % ms < stepMs
    if (isEvery(statusEveryMs)) await this.#readStatus(nowMs)
    if (isEvery(minuteMs)) {
      this.#lookAtArchive(nowMs)
      this.#judgeBranches(nowMs)
    }
    if (isEvery(etaEveryMs)) this.#noteEta(nowMs)
    if (isEvery(periodMs) && nowMs - this.#world.night.startMs >= periodMs) this.#endPeriod(nowMs)
  }

  async record(): Promise<NightRecord> {
    const { clock, ports } = this.#world
    const nowMs = clock.nowMs()
    const logged = await readAudit(ports.storedRows, aprilTopology.name, { nowMs, limit: 1_000 })
    return {
      periods: this.#periods,
      etas: this.#etas,
      saidAtMs: this.#saidAtMs,
      wrongImpact: this.#wrongImpact,
      moves: this.#moves,
      logged: logged.filter(({ kind }) => kind === 'profile'),
      byHand: this.#byHand,
      appendMsMax: Math.max(this.#appendMsMax, this.#appendMs),
      ownAppends: ports.appends(),
      divertedAtMs: this.#divertedAtMs,
      lateAtMs: this.#late,
      drainedAtMs: this.drainedAtMs,
      drainMultipleMax: this.#multipleMax,
      heldBytesMax: this.#heldMax,
      budgetBytes: this.#snapshot?.totals.budgetBytes ?? 0,
      endedAtMs: nowMs,
    }
  }

  #follow({ run }: AprilProcess): void {
    run.knobs.onChange(({ kind, before, after, author, reason, name }) => {
      const [atMs, from, to] = [this.#world.clock.nowMs(), String(before), String(after)]
      if (kind !== 'profile' || author !== ownHand) this.#byHand.push(`${author} has changed ${name}: ${reason}`)
      else this.#moves.push({ atMs, before: from, after: to, reason })
      this.#done.push(`${from} -> ${to}: ${reason}`)
    })
    run.onHappening(({ kind, text }) => {
      if (kind === 'lanes') this.#done.push(text)
    })
  }

  #see(snapshot: RunSnapshot): void {
    this.#snapshot = snapshot
    this.#heldMax = Math.max(this.#heldMax, snapshot.totals.heldBytes)
    for (const wrong of wrongImpactsIn(snapshot)) this.#wrongImpact.push(`${this.#clockText()} ${wrong}`)
  }

  /** As `status --watch` does where nothing can be redrawn. */
  async #readStatus(nowMs: number): Promise<void> {
    const { storedRows: rows, ledger, memoryLog } = this.#world.ports
    const topology = await readCatalogue(rows, aprilTopology.name)
    if (topology === undefined) return
    const found = await readStatus({ topology, ledger, rows, logOf: () => memoryLog, nowMs })
    this.#status = statusLine(found, nowMs)
    const updateMs = this.#world.process.run.knobs.value('status.updateMs')
    if (this.#voice.line(this.#status, found, nowMs, updateMs) !== undefined) this.#saidAtMs.push(nowMs)
  }

  #lookAtArchive(nowMs: number): void {
    const { night, archive } = this.#world
    archive.takeDone(() => undefined)
    if (archive.isApart(night.spike.tenant)) this.#divertedAtMs ??= nowMs
    const ages = night.tenants.map(({ name }) => ({ name, oldestMs: archive.oldestOf(name)?.appendMs ?? nowMs }))
    for (const { name, oldestMs } of ages) {
      if (nowMs - oldestMs <= normalMs) continue
      this.#lateAtMs = nowMs
      this.#late.set(name, nowMs)
    }
    this.#oldest.push({ atMs: nowMs, oldestMs: Math.min(...ages.map((one) => one.oldestMs)) })
    this.#multipleMax = Math.max(this.#multipleMax, this.#multiple(multipleMs))
  }

  /** "Others are not affected" must be true whenever it is said. */
  #judgeBranches(nowMs: number): void {
    const { night, rows, archive } = this.#world
    const ageOf = (progress: TrueProgress): number =>
      Math.max(...night.tenants.map(({ name }) => nowMs - (progress.oldestOf(name)?.appendMs ?? nowMs)))
    const truths = [
      [rowsSink, ageOf(rows), lateRowsMs],
      [archiveSink, ageOf(archive), lateArchiveMs],
    ] as const
    for (const [branch, ageMs, lateMs] of truths) {
      const said = this.#snapshot?.branches.find((one) => one.branch === branch)?.state
      const sinceMs = said === 'ok' ? (this.#okSince.get(branch) ?? nowMs) : undefined
      if (sinceMs === undefined) this.#okSince.delete(branch)
      else this.#okSince.set(branch, sinceMs)
      // What is read already is written within minutes.
      if (sinceMs === undefined || nowMs - sinceMs < writtenMs || ageMs <= lateMs) continue
      this.#wrongImpact.push(
        `${this.#clockText()} ${branch} is said to be ok, and is ${Math.round(ageMs / 1_000)} s late`,
      )
    }
  }

  /** Event time passed per time, while it is late. */
  #multiple(ms: number): number {
    const last = this.#oldest.at(-1)
    const first = this.#oldest.findLast(({ atMs }) => last !== undefined && last.atMs - atMs >= ms)
    if (last === undefined || first === undefined || first.atMs - first.oldestMs <= normalMs) return 0
    return (last.oldestMs - first.oldestMs) / (last.atMs - first.atMs)
  }

  #noteEta(atMs: number): void {
    const archive = this.#snapshot?.branches.find(({ branch }) => branch === archiveSink)
    if (archive !== undefined) {
      const own = this.#snapshot!.lag.filter(({ branch }) => branch === archiveSink)
      const perSecond = own.reduce((sum, { eventsPerSecond }) => sum + eventsPerSecond, 0)
      const guessMs = (archive.lagEvents * 1_000) / perSecond
      this.#etas.push({ atMs, lagEvents: archive.lagEvents, etaMs: archive.etaMs, guessMs })
    }
  }

  #endPeriod(toMs: number): void {
    const { archive, night } = this.#world
    const spikingLeft = archive.left(night.spike.tenant)
    const found = this.#snapshot
    this.#periods.push({
      ...{ fromMs: toMs - periodMs, toMs, spikingLeft, othersLeft: archive.left() - spikingLeft },
      rowDelaysMs: new Map([...this.#delays].map(([tenant, delays]) => [tenant, p95(delays)])),
      drainMultiple: this.#multiple(periodMs),
      etaMs: found?.branches.find(({ branch }) => branch === archiveSink)?.etaMs ?? null,
      profile: found?.profile.name ?? '',
      appendMs: this.#appendMs,
      status: this.#status,
      done: this.#done,
      incident: this.#world.process.lookout.view(toMs).incident?.state ?? '',
    })
    this.#delays = new Map()
    this.#done = []
    this.#appendMsMax = Math.max(this.#appendMsMax, this.#appendMs)
    this.#appendMs = 0
  }

  #clockText(): string {
    return new Date(this.#world.clock.nowMs()).toISOString().slice(11, 19)
  }
}

const p95 = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length * 0.95)] ?? 0
