/** What a run has told and nobody has read yet, in order. */
import type { Happening } from '../../model/run-handle.ts'

// A reader of happenings that never reads may not hold the run's memory: the oldest go first.
const keptHappenings = 1_000

export class Happenings {
  #kept: Happening[] = []
  #wake: (() => void) | undefined

  /** Told of each as it comes, beside whoever reads. */
  readonly listeners = new Set<(happening: Happening) => void>()

  tell(happening: Happening): void {
    for (const listener of this.listeners) listener(happening)
    this.#kept.push(happening)
    if (this.#kept.length > keptHappenings) this.#kept.shift()
    this.#wake?.()
  }

  /** What is kept and what comes, until `ended` resolves and everything is read. */
  async *until(ended: Promise<unknown>): AsyncGenerator<Happening, void, undefined> {
    let isOver = false
    void ended.then(() => {
      isOver = true
      this.#wake?.()
    })
    for (;;) {
      const kept = this.#kept
      this.#kept = []
      yield* kept
      if (this.#kept.length > 0) continue
      if (isOver) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
