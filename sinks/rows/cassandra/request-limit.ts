/**
 * How many requests one host is given at once: a pure machine that learns it from how long answers take.
 *
 * Latency stays flat until a host has as much as it can do, then it grows with every request more. So the limit doubles
 * while answers stay near the shortest ones known (slow start), then grows by its root, shrinks in proportion where
 * answers take a multiple, and is halved where the host times out or says that it is overloaded. What the shortest
 * answer is may change with the host, so it is measured anew from time to time, with a few requests at once. The limit
 * never falls below these few, so it always finds back (I-9). Requests that hang while others are answered do not count
 * in it, up to a bound: they do nothing, and a few of them would else hold everybody up.
 */
export interface RequestLimitOptions {
  /** Upper end; asked at the end of each window. */
  readonly max: () => number
}

// Fewer say nothing about a host and would leave it idle between two answers.
const least = 4
// Answers of a window: enough that one slow one does not decide.
const windowMin = 16
const windowMax = 128
// A host works at its best with some requests waiting; at three times the shortest answer two of three wait.
const tolerance = 3
const slowStartTolerance = 2
const shrinkMost = 0.7
// A probe costs about 20 answers at a few at once: 1 to 3 answers of a hundred.
const windowsPerProbe = 128
// Beyond the limit, so a host that hangs as a whole gets no more than these in addition.
const hangingMax = 32
// A clock of milliseconds shows no less.
const latencyMin = 0.5

export class RequestLimit {
  readonly #max: () => number
  #limit: number
  #inFlight = 0
  #hanging = 0
  #isStarting = true
  /** Mean of the fastest window since the last probe, ms: an answer without a queue. */
  #shortest: number | undefined
  #windowsToProbe = windowsPerProbe
  /** While the shortest answer is measured: the limit to come back to. */
  #probed: number | undefined
  #count = 0
  #sum = 0
  #peak = 0
  /** Answers still to come to requests of before the last change: they have waited in a queue that is gone. */
  #stale = 0

  constructor(options: RequestLimitOptions) {
    this.#max = options.max
    this.#limit = Math.min(least, Math.max(1, options.max()))
  }

  get limit(): number {
    return Math.max(1, Math.floor(Math.min(this.#limit, this.#max())))
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get isFree(): boolean {
    return this.#inFlight < this.limit
  }

  /** Mean latency without a queue, ms; `undefined`: not known yet. */
  get shortestMs(): number | undefined {
    return this.#shortest
  }

  /** A request that was taken hangs: another may go in its place. False: too many do, so it is the host that hangs. */
  lend(): boolean {
    if (this.#hanging >= hangingMax) return false
    this.#hanging += 1
    this.#inFlight -= 1
    // What is oldest was sent before the last change.
    if (this.#stale > 0) this.#stale -= 1
    return true
  }

  /** A request that hung is over. It says nothing about the host: others were answered meanwhile, or have timed out as well. */
  giveLent(): void {
    this.#hanging -= 1
  }

  take(): void {
    this.#inFlight += 1
    this.#peak = Math.max(this.#peak, this.#inFlight)
  }

  /** A request is over. `undefined`: it never reached the host, which says nothing about it. */
  give(latencyMs: number | undefined, isStrained = false): void {
    this.#inFlight -= 1
    if (this.#stale > 0) {
      this.#stale -= 1
      return
    }
    if (isStrained) {
      this.#shrink(0.5)
      this.#beginWindow()
      // What times out together is one fault.
      this.#stale = this.#inFlight
    } else if (latencyMs !== undefined) {
      this.#count += 1
      this.#sum += Math.max(latencyMin, latencyMs)
      if (this.#count >= Math.min(windowMax, Math.max(windowMin, this.#limit))) this.#endWindow()
    }
  }

  #beginWindow(): void {
    this.#count = 0
    this.#sum = 0
    this.#peak = this.#inFlight
  }

  #endWindow(): void {
    const mean = this.#sum / this.#count
    const isPushed = this.#peak >= this.limit * 0.9
    this.#beginWindow()
    if (this.#probed === undefined) this.#adapt(mean, isPushed)
    else this.#endProbe(mean, this.#probed)
  }

  #adapt(mean: number, isPushed: boolean): void {
    const shortest = Math.min(this.#shortest ?? mean, mean)
    // With so few at once nothing waits: the host itself has become slower.
    const isSlower = mean > shortest * tolerance && this.#limit <= least
    this.#shortest = isSlower ? mean : shortest
    if (!isSlower && mean > shortest * tolerance) this.#shrink(Math.max(shrinkMost, (shortest * tolerance) / mean))
    else if (isPushed) this.#grow(mean <= shortest * slowStartTolerance)
    this.#windowsToProbe -= 1
    if (this.#windowsToProbe > 0) return
    this.#probed = this.#limit
    this.#limit = Math.min(this.#limit, least)
    this.#stale = this.#inFlight
  }

  #endProbe(mean: number, limit: number): void {
    this.#shortest = mean
    this.#limit = Math.min(limit, Math.max(1, this.#max()))
    this.#probed = undefined
    this.#windowsToProbe = windowsPerProbe
  }

  #grow(isFlat: boolean): void {
    if (!isFlat) this.#isStarting = false
    const wanted = this.#isStarting ? this.#limit * 2 : this.#limit + Math.sqrt(this.#limit)
    const max = Math.max(1, this.#max())
    if (wanted >= max) this.#isStarting = false
    this.#limit = Math.min(max, wanted)
  }

  #shrink(factor: number): void {
    this.#isStarting = false
    const before = this.#probed ?? this.#limit
    this.#probed = undefined
    this.#limit = Math.min(Math.max(1, this.#max()), Math.max(least, before * factor))
  }
}
