/** Wakes everybody who waits for something to have changed. Carries nothing: whoever wakes looks for himself. */
export class Pulse {
  readonly #further: () => void
  #waiting: (() => void)[] = []

  /** `further` hears every beat too. */
  constructor(further: () => void = () => undefined) {
    this.#further = further
  }

  /** Resolves at the next beat, or when the signal aborts: then nothing is left behind. */
  next(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      const end = (): void => {
        this.#waiting = this.#waiting.filter((one) => one !== resolve)
        resolve()
      }
      signal?.addEventListener('abort', end, { once: true })
    })
  }

  /** `most`: of those who have waited longest. */
  beat(most = Number.POSITIVE_INFINITY): void {
    for (const wake of this.#waiting.splice(0, most)) wake()
    this.#further()
  }
}
