/**
 * How long the newest records take to become visible, per branch: once an interval the head of each partition is marked,
 * and the mark is looked for until the branch has made it durable. No event is made for it: whatever is put into a log
 * reaches the bolts, rollups and objects of users, so that a canary of ours would falsify what it watches.
 *
 * A branch that says it is done is not believed: where the record behind the mark can be looked for in rows or manifest, it
 * counts as visible only when it is found there. Pure; who looks is asked by `wanted` and answers by `found`.
 */
import type { LaneStatus } from '../model/run-handle.ts'
import type { CanaryAge } from './surroundings.ts'

export interface CanaryMark {
  readonly branch: string
  readonly spout: string
  readonly topic: string
  readonly partition: number
  /** The newest record when the mark was set. */
  readonly offset: number
  readonly setAtMs: number
}

interface Watched {
  readonly mark: CanaryMark
  /** Since when its lanes say that they have written it; absent: they do not. */
  readonly committedAtMs: number | undefined
  /** `undefined`: nobody has looked, or nobody can. */
  readonly isFound: boolean | undefined
}

export interface CanaryBranch {
  readonly branch: string
  /** How long it may take when all is well. */
  readonly closeMs: number
  /** Whether records can be looked for: every one of them must be there. */
  readonly isSearchable: boolean
}

export class Canary {
  readonly #watched = new Map<string, Watched>()
  #markedAtMs = Number.NEGATIVE_INFINITY

  /** Sets marks when it is time, and sees which lanes have passed theirs. */
  see(lanes: readonly LaneStatus[], branches: readonly CanaryBranch[], nowMs: number, everyMs: number): void {
    const isTime = nowMs - this.#markedAtMs >= everyMs
    if (isTime) this.#markedAtMs = nowMs
    const places = Map.groupBy(lanes, (lane) => keyOf(lane.sink, lane.spout, lane.partition))
    const watchedBranches = new Map(branches.map((branch) => [branch.branch, branch]))
    for (const key of [...this.#watched.keys()]) if (!places.has(key)) this.#watched.delete(key)
    for (const [key, own] of places) {
      const branch = watchedBranches.get(own[0]!.sink)
      const watched = this.#watched.get(key)
      if (branch === undefined) this.#watched.delete(key)
      else if (watched === undefined || this.#isSeen(watched, branch)) {
        // The next mark waits for its time; this one is done with.
        if (watched !== undefined) this.#watched.delete(key)
        const mark = isTime ? markAtHead(own, nowMs) : undefined
        if (mark !== undefined)
          this.#watched.set(key, { mark, committedAtMs: passedAt(own, mark, nowMs), isFound: undefined })
      } else {
        const committedAtMs = passedAt(own, watched.mark, watched.committedAtMs ?? nowMs)
        this.#watched.set(key, { ...watched, committedAtMs })
      }
    }
  }

  /** Records that should be visible now and have not been found. */
  wanted(branches: readonly CanaryBranch[]): readonly CanaryMark[] {
    const searchable = new Set(branches.filter(({ isSearchable }) => isSearchable).map(({ branch }) => branch))
    return [...this.#watched.values()]
      .filter(
        ({ mark, committedAtMs, isFound }) =>
          committedAtMs !== undefined && isFound !== true && searchable.has(mark.branch),
      )
      .map(({ mark }) => mark)
  }

  /** What a look for a mark gave; `undefined`: it could not be looked for, or the record leaves nothing to be found. */
  found(mark: CanaryMark, isFound: boolean | undefined): void {
    const key = keyOf(mark.branch, mark.spout, mark.partition)
    const watched = this.#watched.get(key)
    if (watched?.mark === mark) this.#watched.set(key, { ...watched, isFound: isFound ?? true })
  }

  /** By branch, of the mark that has waited longest; less what it may take when all is well. */
  ages(branches: readonly CanaryBranch[], nowMs: number): readonly CanaryAge[] {
    return branches.map((branch) => {
      const waiting = [...this.#watched.values()]
        .filter((watched) => watched.mark.branch === branch.branch && !this.#isSeen(watched, branch))
        .sort((one, other) => one.mark.setAtMs - other.mark.setAtMs)
      const [worst] = waiting
      if (worst === undefined) return { branch: branch.branch, ageMs: 0, missing: 'not committed', place: '' }
      const { mark, committedAtMs } = worst
      const { topic, partition, offset, setAtMs } = mark
      return {
        branch: branch.branch,
        // What has waited in a backlog can be looked for only since it was written.
        ageMs: Math.max(0, nowMs - (committedAtMs ?? setAtMs + branch.closeMs)),
        missing: committedAtMs === undefined ? 'not committed' : 'not found',
        place: `${topic}/${partition}@${offset}`,
      }
    })
  }

  #isSeen({ committedAtMs, isFound }: Watched, { isSearchable }: CanaryBranch): boolean {
    return committedAtMs !== undefined && (!isSearchable || isFound === true)
  }
}

const keyOf = (branch: string, spout: string, partition: number): string => JSON.stringify([branch, spout, partition])

/** The newest record that lanes know of; nothing in an empty log. */
const markAtHead = (lanes: readonly LaneStatus[], nowMs: number): CanaryMark | undefined => {
  const [live] = lanes.filter(({ to, tenants }) => to === null && tenants.kind !== 'only')
  if (live === undefined) return undefined
  const offset = live.position + live.lagEvents - 1
  if (offset < live.from) return undefined
  const { sink, spout, topic, partition } = live
  return { branch: sink, spout, topic, partition, offset, setAtMs: nowMs }
}

const passedAt = (lanes: readonly LaneStatus[], mark: CanaryMark, atMs: number): number | undefined =>
  hasPassed(lanes, mark) ? atMs : undefined

/**
 * Every lane that has the record in its range is past it; a lane that is gone was finished. Lanes of single tenants are
 * behind by intent.
 */
const hasPassed = (lanes: readonly LaneStatus[], { offset }: CanaryMark): boolean =>
  lanes.every(
    (lane) =>
      lane.tenants.kind === 'only' || offset < lane.from || (lane.to !== null && offset >= lane.to) || lane.at > offset,
  )
