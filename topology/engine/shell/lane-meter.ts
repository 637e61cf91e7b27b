/** What one runner of a lane has done, for its report: numbers that the lane keeps beside its state. */
import type { LaneReport } from '../../model/work-report.ts'
import type { LanePhase } from '../lane-machine.ts'
import type { Share } from './lane-epoch.ts'

export class LaneMeter {
  #records = 0
  #bytes = 0
  #positionMs: number | undefined
  #phase: LaneReport['phase'] | LanePhase = 'reading'
  #phaseSinceMs: number
  #stuckTenant: string | undefined

  constructor(nowMs: number) {
    this.#phaseSinceMs = nowMs
  }

  /** Since when it is in its phase. */
  get phaseSinceMs(): number {
    return this.#phaseSinceMs
  }

  took({ counters, bytes, appendMs }: Pick<Share, 'counters' | 'bytes' | 'appendMs'>): void {
    this.#records += counters.received
    this.#bytes += bytes
    // A producer's clock may say anything; -1 says that it is no time.
    if (appendMs !== undefined && appendMs > 0) this.#positionMs = appendMs
  }

  /** A try to write its epoch has failed on the data of one tenant, or of none in particular, or was a success. */
  tried(stuckTenant: string | undefined): void {
    this.#stuckTenant = stuckTenant
  }

  /** A step of its machine. Told of each, or the epochs of a busy lane would look like one that is written for ever. */
  entered(phase: LanePhase, nowMs: number): void {
    this.#phase = phase
    this.#phaseSinceMs = nowMs
  }

  /** Why it does not read comes and goes beside its machine: that is news when somebody looks. */
  report(
    place: Pick<LaneReport, 'spout' | 'partition' | 'lane' | 'position'> & { readonly heldSinceMs: number | undefined },
    phase: LaneReport['phase'],
    nowMs: number,
  ): LaneReport {
    if (phase !== this.#phase) {
      this.#phase = phase
      this.#phaseSinceMs = nowMs
    }
    const { heldSinceMs, ...rest } = place
    return {
      ...rest,
      ...(this.#positionMs === undefined ? {} : { positionMs: this.#positionMs }),
      ...(heldSinceMs === undefined ? {} : { heldSinceMs }),
      records: this.#records,
      bytes: this.#bytes,
      phase,
      phaseSinceMs: this.#phaseSinceMs,
      ...(this.#stuckTenant === undefined ? {} : { stuckTenant: this.#stuckTenant }),
    }
  }
}
