/**
 * Puts the outside of a run together: page, metrics and health on `--http`, alerts and who is told of them, the canary. Opened
 * before the run starts, so that a port that is taken stops nothing half-way; then it follows the run until that ends.
 */

import { diskSpaces, memoryLimitBytes, type NamedFolder } from './disk-spaces.ts'
import type { EngineRun } from './engine/shell/run-engine.ts'
import { knobValue } from './model/knobs.ts'
import type { Clock } from './model/ports/clock.ts'
import type { Dependency } from './model/ports/dependency.ts'
import type { RunWatch } from './model/run-handle.ts'
import type { AlertLine, RunSnapshot } from './model/run-snapshot.ts'
import { messageOf } from './model/spillway-error.ts'
import type { AlertChannel } from './observe/alerts/alert-channel.ts'
import type { AlertNews } from './observe/alerts/alert-machine.ts'
import { AlertPost } from './observe/alerts/alert-post.ts'
import type { AlertSettings, ChannelSettings } from './observe/alerts/alert-settings.ts'
import { commandChannel } from './observe/alerts/command-channel.ts'
import { heartbeatChannel, webhookChannel } from './observe/alerts/webhook-channel.ts'
import { backgroundWork } from './observe/background-work.ts'
import { answerRequest } from './observe/http/answer-request.ts'
import type { HttpAddress } from './observe/http/http-address.ts'
import { type HttpServing, serveHttp } from './observe/http/serve-http.ts'
import { Lookout } from './observe/lookout.ts'
import { RejectTally } from './observe/reject-tally.ts'
import { runbookCommand } from './observe/runbook-command.ts'
import type { DiskSpace, Surroundings } from './observe/surroundings.ts'
import { type CanaryStores, RunCanary } from './run-canary.ts'

export interface LookoutOptions {
  readonly topology: string
  readonly clock: Clock
  readonly http?: HttpAddress
  readonly alerts?: AlertSettings
  /** Of embedded resources and of spilled lines: their file systems are watched. */
  readonly folders?: readonly NamedFolder[]
  /** Where canaries are looked for. Absent: there is none. */
  readonly stores?: CanaryStores
  /** Their pools are watched. */
  readonly ports?: readonly Dependency[]
  /** Told of alerts, and of the ways they take. */
  readonly tell?: (level: 'info' | 'warn' | 'error', text: string) => void
}

export type FollowedRun = Pick<EngineRun, 'engine' | 'ended' | 'knobs' | 'status' | 'onHappening'>

// Deletes, disks and the canary are looked at so often.
const slowEveryMs = 5_000

export const openLookout = async (options: LookoutOptions): Promise<OpenLookout> => {
  const opened = new OpenLookout(options)
  if (options.http !== undefined) await opened.serve(options.http)
  return opened
}

export class OpenLookout implements RunWatch {
  readonly #options: LookoutOptions
  readonly #lookout: Lookout
  readonly #post: AlertPost
  readonly #rejects = new RejectTally()
  readonly #end = new AbortController()
  #run: FollowedRun | undefined
  #canary: RunCanary | undefined
  #serving: HttpServing | undefined
  #slow: Pick<Surroundings, 'disks' | 'deletes' | 'background'> = { disks: [], deletes: [], background: [] }
  #slowAtMs = Number.NEGATIVE_INFINITY
  #disks: readonly DiskSpace[] = []
  #hasFailed = false

  constructor(options: LookoutOptions) {
    this.#options = options
    const { clock, topology, alerts = {} } = options
    const knob = (name: string): number => this.#run?.knobs.value(name) ?? knobValue(name)
    const { heartbeat } = alerts
    this.#post = new AlertPost({
      ...{ clock, knob, topology },
      channels: alertChannels(alerts),
      ...(heartbeat === undefined
        ? {}
        : { heartbeat: { channel: heartbeatChannel(heartbeat), everyMs: heartbeat.everyMs } }),
    })
    this.#lookout = new Lookout({
      knob,
      outlet: {
        path: () => this.#post.path(),
        tell: (news, snapshot) => {
          for (const one of news) this.#say(one)
          this.#post.tell(news, snapshot)
        },
      },
    })
  }

  /** Where it is served; `undefined`: nowhere. */
  get url(): string | undefined {
    return this.#serving?.url
  }

  async serve(address: HttpAddress): Promise<void> {
    const { clock } = this.#options
    this.#serving = await serveHttp(address, (request) => answerRequest(request, this.#lookout.view(clock.nowMs())))
  }

  /** From now on alerts are sent, and what a run tells beside its snapshots is heard. */
  follow(run: FollowedRun): void {
    this.#run = run
    const { stores, clock } = this.#options
    if (stores !== undefined) this.#canary = new RunCanary(run, stores, clock)
    run.onHappening((happening) => this.#rejects.note(happening))
    void this.#post.run(this.#end.signal)
    void run.ended.then(() => this.#end.abort())
  }

  /** Of `RunWatch`: what stands in the next snapshot. */
  alerts(): readonly AlertLine[] {
    return this.#lookout.view(0).snapshot?.alerts ?? []
  }

  /** Of `RunWatch`. Whoever looks on must never be what ends a run. */
  seen(snapshot: RunSnapshot): void {
    try {
      this.#see(snapshot)
    } catch (error) {
      if (!this.#hasFailed) this.#options.tell?.('warn', `alerts and page stand still: ${messageOf(error)}`)
      this.#hasFailed = true
    }
  }

  #see(snapshot: RunSnapshot): void {
    this.#lookSlowly(snapshot.atMs)
    const pools = (this.#options.ports ?? []).flatMap((port) => port.usage?.() ?? [])
    this.#lookout.see(snapshot, {
      ...this.#slow,
      pools,
      rejects: this.#rejects.counts(),
      canaries: this.#canary?.ages(snapshot) ?? [],
      memoryLimitBytes: memoryLimitBytes(),
    })
  }

  /** Ends what it serves and sends. */
  async end(): Promise<void> {
    this.#end.abort()
    await this.#serving?.end()
  }

  /** Thousands of deletes may be open; they are not counted every second. */
  #lookSlowly(nowMs: number): void {
    if (nowMs - this.#slowAtMs < slowEveryMs) return
    this.#slowAtMs = nowMs
    const deletes = this.#run?.status().deletes ?? []
    this.#slow = { disks: this.#disks, deletes, background: backgroundWork(deletes) }
    void diskSpaces(this.#options.folders ?? []).then((disks) => {
      this.#disks = disks
    })
  }

  #say(one: AlertNews): void {
    // Where nobody is told, the one at the terminal hears reminders as well.
    if (one.state === 'still firing' && this.#post.path().channels > 0) return
    const level = one.state === 'resolved' ? 'info' : one.alert.level === 'critical' ? 'error' : 'warn'
    this.#options.tell?.(level, `alert: ${one.state === 'resolved' ? 'resolved: ' : ''}${toldText(one)}`)
  }
}

/** The level stands in front of the line already. */
const toldText = ({ state, alert }: AlertNews): string =>
  state === 'resolved' ? alert.text : `${alert.text} (${runbookCommand(alert.symptom)})`

/** The first one, then the second. */
export const alertChannels = ({ first, second }: AlertSettings): readonly AlertChannel[] =>
  [first, second].filter((one) => one !== undefined).map(channelOf)

const channelOf = (settings: ChannelSettings): AlertChannel =>
  settings.kind === 'webhook' ? webhookChannel(settings) : commandChannel(settings)
