/** The cursors of a partition: one wherever lanes want to read, shared by those that stand at the same place. */
import { cursorToJoin } from '../cursor-plan.ts'
import { sameScope } from '../ledger/tenant-scope.ts'
import { Cursor } from './cursor.ts'
import type { LaneRunner } from './lane-runner.ts'
import type { PartitionContext } from './partition-context.ts'

export class PartitionCursors {
  readonly #context: PartitionContext
  #cursors: Cursor[] = []

  constructor(context: PartitionContext) {
    this.#context = context
  }

  /** Gives a lane that wants to read a cursor: one at or shortly before its place, else one of its own. */
  attach(lane: LaneRunner): void {
    const isAtEnd = lane.position >= lane.limit
    // It was cut where it stands, while no cursor had it: nobody else would close what it holds.
    if (lane.isPlaced && isAtEnd) lane.check('end')
    if (!lane.isPlaced || isAtEnd || this.#context.isStopping() || this.#cursors.some((cursor) => cursor.has(lane)))
      return
    const open = this.#cursors.filter((cursor) => !cursor.isRecovery)
    const index = lane.isRecovering ? -1 : cursorToJoin(open, lane.position, lane.state.tenants)
    if (index >= 0) {
      open[index]!.join(lane)
      return
    }
    const cursor = new Cursor(this.#context, lane, {
      ended: (ended, waiting) => {
        this.#cursors = this.#cursors.filter((one) => one !== ended)
        for (const one of waiting) this.attach(one)
      },
      missed: (one) => this.attach(one),
      twin: (one) => this.#cursors.find((other) => other !== one && isTwin(other, one)),
      nextTwin: (one) => {
        const ahead = this.#cursors.filter((other) => other.position > one.position && mayJoin(other, one))
        return Math.min(...ahead.map(({ position }) => position))
      },
    })
    this.#cursors.push(cursor)
    cursor.run()
  }

  detach(lane: LaneRunner): void {
    for (const cursor of this.#cursors) cursor.leave(lane)
  }
}

/** Whether two cursors read the same from here on. */
const isTwin = (left: Cursor, right: Cursor): boolean => left.position === right.position && mayJoin(left, right)

/** Whether a cursor may take over the lanes of another, once they stand at the same place. */
const mayJoin = (left: Cursor, right: Cursor): boolean =>
  !left.isRecovery && left.isReading && sameScope(left.tenants, right.tenants)
