/**
 * A store of rows that fails as networks fail: before a call takes effect, after it (the reply is lost), or so that the
 * effect comes later than the error; and slowly.
 *
 * Every fault is one that the port allows, so a caller that keeps the port's rules loses nothing (I-1, I-9): all errors
 * are of class `retry`. Scans fail between pages.
 */
import { errors } from '../../model/errors.ts'
import type { Random } from '../../model/ports/random.ts'
import type { RowStore } from '../../model/ports/row-store.ts'

import { LateEffects } from './late-effects.ts'
import { chanceTroubles } from './troubles.ts'

/** Chances in [0, 1] of one call. May be changed at any time. */
interface RowStoreChances {
  /** Fails without effect. */
  before: number
  /** Takes effect and fails. Reads have no effect: for them it is the same as `before`. */
  after: number
  /** A write that fails and takes effect at the next `deliver`. */
  late: number
  /** Waits for `pause` before it begins and before it ends. */
  slow: number
}

export interface FaultyRowStoreOptions {
  readonly store: RowStore
  readonly random: Random
  /** Default: no faults. */
  readonly chances?: Partial<RowStoreChances>
  /** What a slow call waits for. Default: the next turn of the microtask queue. */
  readonly pause?: () => Promise<void>
}

export interface FaultyRowStore extends RowStore {
  readonly chances: RowStoreChances
  /** Writes that are still on their way. */
  readonly pendingCount: number
  /** Lets late writes take effect (default: all), in an order chosen by chance. */
  deliver(count?: number): Promise<void>
}

export const createFaultyRowStore = (options: FaultyRowStoreOptions): FaultyRowStore => {
  const { store, random, pause = () => Promise.resolve() } = options
  const chances: RowStoreChances = { before: 0, after: 0, late: 0, slow: 0, ...options.chances }
  const troubles = chanceTroubles(random, chances)
  const late = new LateEffects(troubles)
  const fail = (reason: string): never => {
    throw errors.storeUnavailable({ store: store.name, reason })
  }

  const call = async <Result>(effect: () => Promise<Result>): Promise<Result> => {
    const isSlow = troubles.befalls('slow')
    if (isSlow) await pause()
    if (troubles.befalls('before')) fail('refused before the call')
    const result = await effect()
    if (isSlow) await pause()
    return troubles.befalls('after') ? fail('the reply was lost') : result
  }

  const write: RowStore['write'] = (table, rows, stamps) => {
    if (!troubles.befalls('late')) return call(() => store.write(table, rows, stamps))
    // Copies of the lists: the caller may use them again while the write is on its way.
    const copy = { rows: [...rows], stamps: typeof stamps === 'number' ? stamps : [...stamps] }
    late.hold(() => store.write(table, copy.rows, copy.stamps))
    return call(async () => fail('no reply in time'))
  }

  return {
    name: store.name,
    chances,
    get pendingCount() {
      return late.count
    },
    deliver: (count) => late.deliver(count),
    ensureTable: (table) => call(() => store.ensureTable(table)),
    write,
    read: (table, keys) => call(() => store.read(table, keys)),
    async *scan(table, range) {
      for await (const page of store.scan(table, range)) yield await call(async () => page)
    },
    close: () => store.close(),
  }
}
