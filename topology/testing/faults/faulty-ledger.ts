/**
 * A ledger whose replies cannot be trusted: a change is made and its reply lost, never made, or made later.
 *
 * The document itself stays linearizable, as the port promises: a late change is the same compare-and-set, so it is
 * refused when another has been faster. A caller that reads again after every error loses nothing (I-4).
 */
import { errors } from '../../model/errors.ts'
import type { Ledger } from '../../model/ports/ledger.ts'
import type { Random } from '../../model/ports/random.ts'

import { LateEffects } from './late-effects.ts'

/** Chances in [0, 1] of one call. May be changed at any time. */
export interface LedgerChances {
  /** A compare-and-set that never arrives, or a read that fails. */
  lost: number
  /** A compare-and-set that is made, while its reply is lost. */
  replyLost: number
  /** A compare-and-set that fails and arrives at the next `deliver`. */
  late: number
  /** Waits for `pause` before it begins and before it ends. */
  slow: number
}

export interface FaultyLedgerOptions {
  readonly ledger: Ledger
  readonly random: Random
  /** Default: no faults. */
  readonly chances?: Partial<LedgerChances>
  /** What a slow call waits for. Default: the next turn of the microtask queue. */
  readonly pause?: () => Promise<void>
}

export interface FaultyLedger extends Ledger {
  readonly chances: LedgerChances
  /** Changes that are still on their way. */
  readonly pendingCount: number
  /** Lets the late changes arrive, in an order chosen by chance. */
  deliver(): Promise<void>
}

export const createFaultyLedger = (options: FaultyLedgerOptions): FaultyLedger => {
  const { ledger, random, pause = () => Promise.resolve() } = options
  const chances: LedgerChances = { lost: 0, replyLost: 0, late: 0, slow: 0, ...options.chances }
  const late = new LateEffects(random)
  const happens = (chance: number): boolean => random.next() < chance
  const fail = (reason: string): never => {
    throw errors.storeUnavailable({ store: 'ledger', reason })
  }

  const call = async <Result>(effect: () => Promise<Result>): Promise<Result> => {
    const isSlow = happens(chances.slow)
    if (isSlow) await pause()
    if (happens(chances.lost)) fail('refused before the call')
    const result = await effect()
    if (isSlow) await pause()
    return result
  }

  const compareAndSet: Ledger['compareAndSet'] = (key, expectedVer, next) =>
    call(async () => {
      if (happens(chances.late)) {
        // The caller may go on changing its document: keep what it says at this moment.
        const document = structuredClone(next)
        late.hold(() => ledger.compareAndSet(key, expectedVer, document))
        return fail('no reply in time')
      }
      const answer = await ledger.compareAndSet(key, expectedVer, next)
      return happens(chances.replyLost) ? fail('the reply was lost') : answer
    })

  return {
    chances,
    get pendingCount() {
      return late.count
    },
    deliver: () => late.deliver(),
    read: (key) => call(() => ledger.read(key)),
    compareAndSet,
    keys: (topology) => call(() => ledger.keys(topology)),
    close: () => ledger.close(),
  }
}
