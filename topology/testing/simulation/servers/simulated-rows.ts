/**
 * Cassandra's rows as a history sees them: three replicas, a stamp for each cell, and at one stamp null before any value,
 * else the larger bytes. Writes reach replicas late or never; what is late, as a hint is, may arrive at any time.
 *
 * A write may time out although it was made on some replicas, or on all; an overloaded cluster refuses calls for a
 * while. All errors are of class `retry`: whoever repeats the same write loses nothing and doubles nothing (I-1).
 */
import { errors } from '../../../model/errors.ts'
import type { Row, RowKey, RowStore, ScanRange, TableSpec } from '../../../model/ports/row-store.ts'
import type { Pause } from '../../faults/troubles.ts'
import type { Fates } from '../../replicas.ts'
import { ClusterRows, nullOrLargerBytesWin } from '../../replicated-rows.ts'
import type { Dice } from '../stage/dice.ts'

export interface SimulatedRowsOptions {
  readonly dice: Dice
  /** Awaited before each visit to a replica, and before each page of a scan. */
  readonly pause: Pause
  /** Rounds of one write before it times out. Default 1. */
  readonly attempts?: number
  /** Rows of one page of a scan, of a small table. Default 8. */
  readonly pageRows?: number
}

export interface SimulatedRows extends RowStore {
  /** Late writes that have not arrived. */
  readonly pendingCount: number
  /** Lets late writes arrive (default: all). */
  deliver(count?: number): void
}

const name = 'simulated rows'
// An overloaded cluster refuses so many calls at most.
const refusedMax = 6

/** Fates of writes by dice; the note says which table. */
const fatesOf = (dice: Dice): Fates => {
  let table = ''
  const describe = (): string => table
  return {
    next: (of) => {
      table = of
      if (dice.happens('lateWrite', describe)) return 'late'
      return dice.happens('lostWrite', describe) ? 'lost' : 'arrives'
    },
    below: (bound) => dice.below(bound),
  }
}

class DiceRows extends ClusterRows implements SimulatedRows {
  readonly #dice: Dice
  /** Calls that are still refused because the cluster is overloaded. */
  #refused = 0

  constructor({ dice, pause, attempts = 1, pageRows = 8 }: SimulatedRowsOptions) {
    super({ name, fates: fatesOf(dice), tie: nullOrLargerBytesWin, attempts, pause, pageRows })
    this.#dice = dice
  }

  override async write(table: TableSpec, rows: readonly Row[], stamps: number | readonly number[]): Promise<void> {
    this.#mayRefuse()
    await super.write(table, rows, stamps)
    if (this.#dice.happens('timeoutApplied', () => table.name)) throw failure('no answer in time; all replicas have it')
  }

  override async read(table: TableSpec, keys: readonly RowKey[]): Promise<readonly (Row | undefined)[]> {
    this.#mayRefuse()
    return super.read(table, keys)
  }

  override async *scan(table: TableSpec, range?: ScanRange): AsyncGenerator<readonly Row[]> {
    for await (const page of super.scan(table, range)) {
      this.#mayRefuse()
      yield page
    }
  }

  /** Throws while the cluster is overloaded. */
  #mayRefuse(): void {
    if (this.#refused > 0) this.#refused -= 1
    else if (this.#dice.happens('throttle')) this.#refused = this.#dice.below(refusedMax)
    else return
    throw failure('overloaded')
  }
}

const failure = (reason: string): Error => errors.storeUnavailable({ store: name, reason })

export const createSimulatedRows = (options: SimulatedRowsOptions): SimulatedRows => new DiceRows(options)
