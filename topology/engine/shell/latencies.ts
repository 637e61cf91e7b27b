/** How long logs and stores take to answer, for whoever must not make it longer; and how long a log keeps what it has. */
import { plantedFaults } from '../../model/planted-faults.ts'
import type { Dependency } from '../../model/ports/dependency.ts'
import type { EventLog } from '../../model/ports/event-log.ts'

// Below that nobody waits.
const leastLateMs = 250
// So many times as long as usual.
const lateRatio = 4
const retentionKeptMs = 60_000

interface Retention {
  readonly ms: number | undefined
  readonly atMs: number
}

export class Latencies {
  readonly #means = new WeakMap<EventLog, number>()
  readonly #retention = new WeakMap<EventLog, Retention>()

  /** The log took so long to say where it ends. */
  note(log: EventLog, ms: number): void {
    const before = this.#means.get(log)
    this.#means.set(log, before === undefined ? ms : (before + ms) / 2)
  }

  /** Of its requests of late, ms: as it measures them itself, else as it was asked here. */
  recentOf(log: EventLog): number | undefined {
    return log.latency?.()?.recentMs ?? this.#means.get(log)
  }

  isLate(log: EventLog, limitMs: number): boolean {
    if (plantedFaults.has('latency-ignored')) return false
    return (this.#means.get(log) ?? 0) > limitMs || (log.latency?.()?.recentMs ?? 0) > limitMs
  }

  /** `undefined`: for ever, or it does not say. */
  async retentionOf(log: EventLog, nowMs: number): Promise<number | undefined> {
    const known = this.#retention.get(log)
    if (known !== undefined && nowMs - known.atMs < retentionKeptMs) return known.ms
    const ms = await log.retentionMs?.().catch(() => known?.ms)
    this.#retention.set(log, { ms, atMs: nowMs })
    return ms
  }
}

/** Whether a store answers much later than it uses to. */
export const isLateOf = (store: Dependency): boolean => {
  const latency = store.latency?.()
  return latency !== undefined && latency.recentMs > Math.max(leastLateMs, latency.meanMs * lateRatio)
}
