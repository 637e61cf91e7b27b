/** Wakes everybody who waits for something to have changed. Carries nothing: whoever wakes looks for himself. */
export class Pulse {
  #waiting: (() => void)[] = []

  /** Resolves at the next beat. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  beat(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }
}
