/**
 * A ledger whose replies cannot be trusted: a change is made and its reply lost, never made, or made later.
 *
 * The document itself stays linearizable, as the port promises: a late change is the same compare-and-set, so it is
 * refused when another has been faster. A caller that reads again after every error loses nothing (I-4).
 */
import { errors } from '../../model/errors.ts'
import type { LedgerDocument } from '../../model/ledger-document.ts'
import type { Ledger, LedgerKey } from '../../model/ports/ledger.ts'
import type { Random } from '../../model/ports/random.ts'

import { LateEffects } from './late-effects.ts'
import { chanceTroubles, type Pause, type Troubles } from './troubles.ts'

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
  /** Lets late changes arrive (default: all), in an order chosen by chance. */
  deliver(count?: number): Promise<void>
}

/** The same around any ledger, whoever decides. */
export class TroubledLedger implements Ledger {
  readonly #ledger: Ledger
  readonly #troubles: Troubles<keyof LedgerChances>
  readonly #pause: Pause
  readonly #late: LateEffects

  constructor(ledger: Ledger, troubles: Troubles<keyof LedgerChances>, pause: Pause) {
    this.#ledger = ledger
    this.#troubles = troubles
    this.#pause = pause
    this.#late = new LateEffects(troubles)
  }

  get pendingCount(): number {
    return this.#late.count
  }

  deliver(count?: number): Promise<void> {
    return this.#late.deliver(count)
  }

  async read(key: LedgerKey): Promise<LedgerDocument | undefined> {
    const isSlow = await this.#begin()
    const found = await this.#ledger.read(key)
    if (isSlow) await this.#pause()
    return found
  }

  async compareAndSet(
    key: LedgerKey,
    expectedVer: number | undefined,
    next: LedgerDocument,
  ): Promise<'applied' | 'refused'> {
    const isSlow = await this.#begin()
    if (this.#troubles.befalls('late')) {
      // The caller may go on changing its document: keep what it says at this moment.
      const document = structuredClone(next)
      this.#late.hold(() => this.#ledger.compareAndSet(key, expectedVer, document))
      throw failure('no reply in time')
    }
    const answer = await this.#ledger.compareAndSet(key, expectedVer, next)
    if (this.#troubles.befalls('replyLost')) throw failure('the reply was lost')
    if (isSlow) await this.#pause()
    return answer
  }

  async keys(topology: string): Promise<readonly LedgerKey[]> {
    const isSlow = await this.#begin()
    const found = await this.#ledger.keys(topology)
    if (isSlow) await this.#pause()
    return found
  }

  close(): Promise<void> {
    return this.#ledger.close()
  }

  /** Whether the call is slow. Throws where its request is lost. */
  async #begin(): Promise<boolean> {
    const isSlow = this.#troubles.befalls('slow')
    if (isSlow) await this.#pause()
    if (this.#troubles.befalls('lost')) throw failure('refused before the call')
    return isSlow
  }
}

const failure = (reason: string): Error => errors.storeUnavailable({ store: 'ledger', reason })

class ChancyLedger extends TroubledLedger implements FaultyLedger {
  readonly chances: LedgerChances

  constructor({ ledger, random, pause = () => Promise.resolve(), ...options }: FaultyLedgerOptions) {
    const chances: LedgerChances = { lost: 0, replyLost: 0, late: 0, slow: 0, ...options.chances }
    super(ledger, chanceTroubles(random, chances), pause)
    this.chances = chances
  }
}

export const createFaultyLedger = (options: FaultyLedgerOptions): FaultyLedger => new ChancyLedger(options)
