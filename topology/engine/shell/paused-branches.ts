/**
 * What people have paused, and the sinks that rest because of it. A sink rests as long as any pause covers it: its own, or
 * that of a bolt above it; taking one back leaves the others as they are.
 */
export class PausedBranches {
  readonly #setPaused: (sink: string, isPaused: boolean) => void
  readonly #sinksOf = new Map<string, readonly string[]>()

  constructor(setPaused: (sink: string, isPaused: boolean) => void) {
    this.#setPaused = setPaused
  }

  pause(branch: string, sinks: readonly string[]): void {
    this.#sinksOf.set(branch, sinks)
    for (const sink of sinks) this.#setPaused(sink, true)
  }

  resume(branch: string, sinks: readonly string[]): void {
    this.#sinksOf.delete(branch)
    for (const sink of sinks) if (this.of(sink).length === 0) this.#setPaused(sink, false)
  }

  /** The pauses that cover a sink. */
  of(sink: string): readonly string[] {
    return [...this.#sinksOf].filter(([, sinks]) => sinks.includes(sink)).map(([branch]) => branch)
  }
}
