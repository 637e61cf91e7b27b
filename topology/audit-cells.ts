/**
 * The counts of an audit by sink, tenant, collection and window: what the log says, and what was found. In bounded memory.
 */
import { errors } from './model/errors.ts'

export interface AuditCell {
  /** As it stands in the ledger and in the store. */
  readonly sink: string
  readonly project: string
  /** `null`: all of the project together. */
  readonly collection: string | null
  /** `1 hour` of event time, `1 hour of append time`, a window of a rollup; `all`: no window. */
  readonly window: string
  /** ms since 1970; `null`: all times together. */
  readonly startMs: number | null
  /** Events that the log says are in: without what is deleted, dead-lettered, held back by bolts, not committed. */
  expected: number
  /** Events that may be in as well: an epoch that holds them was open while the store was read. */
  moving: number
  found: number
}

// About 300 bytes each.
const cellsMax = 1_000_000

type Name = Pick<AuditCell, 'sink' | 'project' | 'collection' | 'window' | 'startMs'>

export class AuditCells {
  readonly #cells = new Map<string, AuditCell>()
  readonly #most: number
  #last: AuditCell | undefined

  constructor(most = cellsMax) {
    this.#most = most
  }

  /** Throws `auditTooLarge` (stop). Consecutive events mostly share a cell, so the last one is looked at first. */
  at(sink: string, project: string, collection: string | null, window: string, startMs: number | null): AuditCell {
    const last = this.#last
    const isLast =
      last !== undefined &&
      last.startMs === startMs &&
      last.collection === collection &&
      last.project === project &&
      last.sink === sink &&
      last.window === window
    this.#last = isLast ? last : this.#find({ sink, project, collection, window, startMs })
    return this.#last
  }

  /** By sink, project, collection, window and time. */
  list(): readonly AuditCell[] {
    return [...this.#cells.values()].sort(inOrder)
  }

  #find(given: Name): AuditCell {
    const { sink, collection, window, startMs } = given
    // As a store keeps it.
    const project = given.project.toWellFormed()
    const key = [sink, project, collection ?? '\u0001', window, startMs].join('\0')
    let cell = this.#cells.get(key)
    if (cell !== undefined) return cell
    if (this.#cells.size >= this.#most) throw errors.auditTooLarge({ most: this.#most })
    cell = { ...given, project, expected: 0, moving: 0, found: 0 }
    this.#cells.set(key, cell)
    return cell
  }
}

const compare = <Value extends string | number>(left: Value, right: Value): number =>
  left < right ? -1 : left > right ? 1 : 0

const inOrder = (left: AuditCell, right: AuditCell): number =>
  compare(left.sink, right.sink) ||
  compare(left.project, right.project) ||
  compare(left.collection ?? '', right.collection ?? '') ||
  compare(left.window, right.window) ||
  compare(left.startMs ?? 0, right.startMs ?? 0)
