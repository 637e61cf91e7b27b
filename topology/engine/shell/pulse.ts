/** Wakes everybody who waits for something to have changed. Carries nothing: whoever wakes looks for himself. */
export class Pulse {
  readonly #further: () => void
  #waiting: (() => void)[] = []

  /** `further` hears every beat too. */
  constructor(further: () => void = () => undefined) {
    this.#further = further
  }

  /** Resolves at the next beat. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  beat(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
    this.#further()
  }
}
