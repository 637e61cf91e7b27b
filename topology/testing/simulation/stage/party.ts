/**
 * One that acts in a history: a process, the network, or a person. Its calls wait at gates, its sleeps at the clock; one
 * that stands still goes on with neither, one that has gone never does again.
 */
const atOnce = Promise.resolve()

export class Party {
  readonly name: string
  /** How much more often its gates are opened than those of others. */
  readonly speed: number
  /** Calls that wait for the schedule. */
  readonly waiting: (() => void)[] = []
  isFrozen = false
  isGone = false
  /** So many calls pass without waiting: it runs on for a while and nobody comes in between. */
  ahead = 0

  constructor(name: string, speed = 1) {
    this.name = name
    this.speed = speed
  }

  get mayMove(): boolean {
    return !this.isFrozen && !this.isGone
  }

  /** Waits until the schedule lets it go on. */
  pass(): Promise<void> {
    if (this.ahead > 0 && this.mayMove) {
      this.ahead -= 1
      return atOnce
    }
    return new Promise((resolve) => {
      this.waiting.push(resolve)
    })
  }
}
