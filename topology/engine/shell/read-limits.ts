/**
 * What the cursors of a process may fetch together: bytes in flight, of which a share is kept for live lanes, and the
 * byte rate of everything that lies behind. A fetch counts until what it has brought is processed, so it also bounds the
 * raw bytes in memory (I-6). A process that has just begun opens slowly, or it is full again at once.
 */
import type { LaneClass } from '../../model/lane-permit.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import { TokenBucket } from '../catch-up/token-bucket.ts'
import type { EngineParts } from './engine-parts.ts'

// Longer than anybody waits who is not told of room.
const liveFirstMs = 150

/** A fetch that is under way, or whose records are. */
export interface Reservation {
  /** It has brought so much. */
  arrived(bytes: number): void
  /** Nothing of it is left. */
  end(): void
}

export class ReadLimits {
  readonly #parts: Pick<EngineParts, 'knob' | 'clock'>
  readonly #startedMs: number
  readonly #rate = new TokenBucket()
  #heldBytes = 0
  /** Of lanes that are not live. */
  #otherBytes = 0
  #waiting: (() => void)[] = []
  /** When a live lane has found no room last. */
  #liveWantsMs = Number.NEGATIVE_INFINITY

  constructor(parts: Pick<EngineParts, 'knob' | 'clock'>) {
    this.#parts = parts
    this.#startedMs = parts.clock.nowMs()
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Of lanes that are not live. */
  get otherBytes(): number {
    return this.#otherBytes
  }

  /** After how long so many more bytes may perhaps be fetched, ms; 0: now. `whenRoom` is told once, should that be sooner. */
  restMs(laneClass: LaneClass, bytes: number, whenRoom: () => void): number {
    const rateMs = isBehind(laneClass) ? this.#rate.restMs(this.#parts.clock.nowMs(), this.#bytesPerSecond()) : 0
    if (rateMs > 0) return rateMs
    if (this.#fits(laneClass, bytes)) return 0
    if (laneClass === 'live') this.#liveWantsMs = this.#parts.clock.nowMs()
    if (!this.#waiting.includes(whenRoom)) this.#waiting.push(whenRoom)
    return Number.POSITIVE_INFINITY
  }

  /** `bytes`: what it brings at most. */
  begin(laneClass: LaneClass, bytes: number): Reservation {
    let held = 0
    const hold = (next: number): void => {
      this.#heldBytes += next - held
      if (laneClass !== 'live') this.#otherBytes += next - held
      held = next
    }
    hold(bytes)
    return {
      arrived: (came) => {
        hold(came)
        if (isBehind(laneClass)) this.#rate.take(came, this.#parts.clock.nowMs(), this.#bytesPerSecond())
        this.#wake()
      },
      end: () => {
        if (held === 0) return
        hold(0)
        this.#wake()
      },
    }
  }

  /** Whoever is alone always may, or a bound below one fetch would stop everything. */
  #fits(laneClass: LaneClass, bytes: number): boolean {
    const { knob } = this.#parts
    const totalBytes = knob('fetch.totalBytes')
    if (plantedFaults.has('fetches-unbounded')) return true
    if (this.#heldBytes > 0 && this.#heldBytes + bytes > totalBytes) return false
    if (laneClass === 'live') return true
    // Whoever has just ended a fetch is back before a live lane that waited for that.
    if (Math.abs(this.#parts.clock.nowMs() - this.#liveWantsMs) < liveFirstMs) return false
    if (this.#otherBytes === 0) return true
    return this.#otherBytes + bytes <= totalBytes * (1 - knob('live.reserveRatio')) * this.#openedRatio()
  }

  #openedRatio(): number {
    const rampMs = this.#parts.knob('start.rampMs')
    const sinceMs = this.#parts.clock.nowMs() - this.#startedMs
    return sinceMs >= rampMs ? 1 : Math.max(0, sinceMs) / rampMs
  }

  #bytesPerSecond(): number {
    const rate = this.#parts.knob('fetch.backlogBytesPerSecond')
    return rate === 0 ? Number.POSITIVE_INFINITY : rate
  }

  #wake(): void {
    for (const whenRoom of this.#waiting.splice(0)) whenRoom()
  }
}

/** Tenants have a rate of their own, where one is set. */
const isBehind = (laneClass: LaneClass): boolean => laneClass === 'backlog' || laneClass === 'replay'
