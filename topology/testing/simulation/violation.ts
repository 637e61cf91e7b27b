/** What a history has shown to be wrong: the invariant that broke, and how a reader sees it. */

/** A part of the topology that is to blame, where that is known. */
export interface BlamedPart {
  readonly kind: 'bolt' | 'operator' | 'sink'
  readonly name: string
}

export class Violation extends Error {
  /** `I-1` to `I-9`; of a part that breaks its contract the invariant that this would break. */
  readonly invariant: string
  readonly what: string
  readonly part: BlamedPart | undefined
  /** Whether it was waited for in real time: to see it again takes as long. */
  readonly isSlow: boolean

  constructor(invariant: string, what: string, part?: BlamedPart, isSlow = false) {
    super(`${invariant}: ${what}`)
    this.name = 'Violation'
    this.invariant = invariant
    this.what = what
    this.part = part
    this.isSlow = isSlow
  }
}
