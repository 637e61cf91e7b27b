/**
 * Brings news of alerts to whoever should wake up. The first channel is tried some times, then the second; what neither
 * takes is kept and tried again. Both are tested on a schedule, because a path that is used once a year is broken by then. The
 * heartbeat goes out only while at least one of them works: who misses it knows that nobody would be woken.
 *
 * Bounded: of each alert only the newest word is kept, and news of the same moments go together.
 */
import type { Clock } from '../../model/ports/clock.ts'
import { messageOf } from '../../model/spillway-error.ts'
import { withinMs } from '../../model/within-ms.ts'
import type { AlertOutlet } from '../lookout.ts'
import { type AlertChannel, type AlertMessage, alertMessage, testMessage } from './alert-channel.ts'
import type { AlertNews } from './alert-machine.ts'
import type { AlertPath } from './alert-sight.ts'
import { alertKey } from './alert-signal.ts'

export interface AlertPostParts {
  /** The first one, then the second. */
  readonly channels: readonly AlertChannel[]
  readonly heartbeat?: { readonly channel: AlertChannel; readonly everyMs: number }
  readonly clock: Clock
  readonly knob: (name: string) => number
  readonly topology: string
  /** Told when a channel breaks and when it works again. */
  readonly told?: (text: string) => void
}

export const alertDeadlineMs = 10_000
// The second and third try of a channel that worked before.
const pausesMs: readonly number[] = [1_000, 4_000]
const lookEveryMs = 1_000
// Channels that refuse are left alone for a while.
const againAfterMs = 30_000
const keptMax = 500

interface Failure {
  readonly sinceMs: number
  readonly reason: string
}

export class AlertPost implements AlertOutlet {
  readonly #parts: AlertPostParts
  readonly #kept = new Map<string, AlertNews>()
  /** Told, and not yet told as over. */
  readonly #heard = new Set<string>()
  /** On their way to somebody now. */
  #underWay: ReadonlySet<string> = new Set()
  readonly #failures = new Map<AlertChannel, Failure>()
  #process = ''
  #againAtMs = 0

  constructor(parts: AlertPostParts) {
    this.#parts = parts
  }

  tell(news: readonly AlertNews[], { process }: { readonly process: string }): void {
    this.#process = process
    if (this.#parts.channels.length === 0) return
    for (const one of news) {
      const key = alertKey(one.alert)
      // What nobody has heard of need not be told as over.
      const isUnheard = one.state === 'resolved' && !this.#heard.has(key) && !this.#underWay.has(key)
      this.#kept.delete(key)
      if (!isUnheard && this.#kept.size < keptMax) this.#kept.set(key, one)
      else if (one.state === 'resolved') this.#heard.delete(key)
    }
  }

  path(): AlertPath {
    const failing = [...this.#failures].map(([{ name }, failure]) => ({ channel: name, ...failure }))
    const broken = this.#parts.channels.filter((channel) => this.#failures.has(channel)).length
    const channels = this.#parts.channels.length
    return { channels, failing, isCut: channels > 0 && broken === channels }
  }

  /** Until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, knob, heartbeat } = this.#parts
    let [testAtMs, beatAtMs] = [clock.nowMs(), clock.nowMs()]
    while (!signal.aborted) {
      const nowMs = clock.nowMs()
      if (nowMs >= testAtMs) {
        await this.test()
        testAtMs = clock.nowMs() + knob('alert.testMs')
      }
      if (heartbeat !== undefined && nowMs >= beatAtMs && !this.path().isCut) {
        await this.#tryOnce(heartbeat.channel, testMessage(this.#sender(), clock.nowMs()))
        beatAtMs = clock.nowMs() + heartbeat.everyMs
      }
      if (this.#kept.size > 0 && clock.nowMs() >= this.#againAtMs) await this.#deliver(signal)
      await clock.sleep(lookEveryMs, signal)
    }
  }

  /** Tries every channel once; what it found stands in `path`. */
  async test(): Promise<void> {
    const message = testMessage(this.#sender(), this.#parts.clock.nowMs())
    await Promise.all(this.#parts.channels.map((channel) => this.#tryOnce(channel, message)))
  }

  async #deliver(signal: AbortSignal): Promise<void> {
    const { channels, clock } = this.#parts
    const news = [...this.#kept.values()]
    const message = alertMessage(news, this.#sender(), clock.nowMs())
    this.#underWay = new Set(this.#kept.keys())
    for (const channel of channels) {
      if (await this.#tryOften(channel, message, signal)) {
        for (const one of news) this.#noteTold(one)
        this.#underWay = new Set()
        return
      }
    }
    this.#underWay = new Set()
    for (const [key, { state }] of this.#kept) if (state === 'resolved' && !this.#heard.has(key)) this.#kept.delete(key)
    this.#againAtMs = clock.nowMs() + againAfterMs
  }

  #noteTold(one: AlertNews): void {
    const key = alertKey(one.alert)
    if (one.state === 'resolved') this.#heard.delete(key)
    else this.#heard.add(key)
    // What came meanwhile is newer than what was told.
    if (this.#kept.get(key) === one) this.#kept.delete(key)
  }

  /** A channel that is known to be broken has one try. */
  async #tryOften(channel: AlertChannel, message: AlertMessage, signal: AbortSignal): Promise<boolean> {
    const pauses = this.#failures.has(channel) ? [] : pausesMs
    for (const pauseMs of [...pauses, undefined]) {
      if (await this.#tryOnce(channel, message)) return true
      if (pauseMs === undefined || signal.aborted) break
      await this.#parts.clock.sleep(pauseMs, signal)
    }
    return false
  }

  async #tryOnce(channel: AlertChannel, message: AlertMessage): Promise<boolean> {
    const { clock, told } = this.#parts
    const end = new AbortController()
    const late = (): Error => {
      end.abort()
      return new Error(`it does not answer within ${alertDeadlineMs / 1_000} s`)
    }
    try {
      await withinMs(clock, alertDeadlineMs, late, () => channel.send(message, end.signal))
      if (this.#failures.delete(channel)) told?.(`alerts get through by ${channel.name} again`)
      return true
    } catch (error) {
      const reason = messageOf(error)
      const known = this.#failures.get(channel)
      this.#failures.set(channel, { sinceMs: known?.sinceMs ?? clock.nowMs(), reason })
      if (known === undefined) told?.(`no alert gets through by ${channel.name}: ${reason}`)
      return false
    }
  }

  #sender(): { readonly topology: string; readonly process: string } {
    return { topology: this.#parts.topology, process: this.#process }
  }
}
