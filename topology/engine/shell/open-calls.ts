/**
 * The calls that have not ended, for `topology dump` and the verdict. Each call holds one entry while it is open, so
 * there are as many as cursors, lanes and bolts wait at once; reports tell the oldest.
 */
import type { OpenCall } from '../../model/work-report.ts'
import type { StageMeter } from './stage-meter.ts'

/** Where a call belongs; `what` is asked only when somebody looks. */
export interface CallPlace {
  readonly what: string | (() => string)
  readonly partition?: number | undefined
  readonly lane?: number | undefined
  readonly tenant?: string | undefined
}

export interface OpenEntry {
  /** Whose call it is; where nobody measures it, only its name. */
  readonly meter: Pick<StageMeter, 'stage' | 'name'>
  readonly place: CallPlace
  readonly sinceMs: number
}

// What a person reads; the rest is counted by the stages.
const toldMax = 50

export class OpenCalls {
  /** In the order in which they began. */
  readonly #open = new Set<OpenEntry>()

  add(entry: OpenEntry): void {
    this.#open.add(entry)
  }

  delete(entry: OpenEntry): void {
    this.#open.delete(entry)
  }

  /** The oldest first. */
  oldest(): readonly OpenCall[] {
    const told: OpenCall[] = []
    for (const { meter, place, sinceMs } of this.#open) {
      if (told.length === toldMax) break
      const { what, partition, lane, tenant } = place
      told.push({
        stage: meter.stage,
        name: meter.name,
        what: typeof what === 'string' ? what : what(),
        ...(partition === undefined ? {} : { partition }),
        ...(lane === undefined ? {} : { lane }),
        ...(tenant === undefined ? {} : { tenant }),
        sinceMs,
      })
    }
    return told
  }

  /** How many are open by stage, and since when the oldest is. */
  byMeter(): ReadonlyMap<OpenEntry['meter'], { readonly count: number; readonly oldestSinceMs: number }> {
    const found = new Map<OpenEntry['meter'], { count: number; oldestSinceMs: number }>()
    for (const { meter, sinceMs } of this.#open) {
      const one = found.get(meter)
      if (one === undefined) found.set(meter, { count: 1, oldestSinceMs: sinceMs })
      else one.count += 1
    }
    return found
  }
}
