/**
 * Patience with a store: each request has a deadline, what may pass is repeated a few times with growing, random pauses,
 * and an overload lowers the number of requests under way. What is left is the caller's: class `retry` goes up.
 *
 * A repeated write is safe because every write has a condition (I-1): if the lost one took effect, its repetition is
 * refused by it.
 */
import type { Clock } from '../../../topology/model/ports/clock.ts'
import type { Latency, PoolUsage } from '../../../topology/model/ports/dependency.ts'
import type { Random } from '../../../topology/model/ports/random.ts'
import { RoundTrips } from '../../../topology/model/round-trips.ts'
import { RequestLimit } from './request-limit.ts'
import { failureOf, isWorthRepeating, S3Failure } from './s3-failure.ts'

export interface S3Patience {
  /** Of one try; a body that comes in is given more, by its length. */
  readonly deadlineMs: number
  /** No new try begins later than this after the first. */
  readonly totalMs: number
  readonly tries: number
}

/** The try under way: `extend` moves its deadline once more is known of how much will come. */
export interface RequestTry {
  readonly signal: AbortSignal
  extend(byteLength: number): void
}

const firstPauseMs = 50
const pauseMsMax = 2_000
// What a try that carries a body is given for each piece of this size, beside the deadline.
const deadlineBytes = 8_388_608

export class S3Requests {
  readonly #clock: Clock
  readonly #random: Random
  readonly #limit: RequestLimit
  readonly #roundTrips = new RoundTrips()
  /** Asked once for each request. */
  patience: () => S3Patience

  constructor(parts: {
    readonly clock: Clock
    readonly random: Random
    readonly inFlight: number
    readonly patience: () => S3Patience
  }) {
    this.#clock = parts.clock
    this.#random = parts.random
    this.#limit = new RequestLimit(parts.inFlight)
    this.patience = parts.patience
  }

  usage(name: string): readonly PoolUsage[] {
    const { underWay: used, limit, waiting } = this.#limit
    return [{ name, used, limit, waiting }]
  }

  latency(): Latency | undefined {
    return this.#roundTrips.latency(this.#clock.nowMs())
  }

  /** Repeats `call` while that may help. Throws `S3Failure`. */
  async send<Result>(call: (request: RequestTry) => Promise<Result>): Promise<Result> {
    const { tries, totalMs, deadlineMs } = this.patience()
    const beganMs = this.#clock.nowMs()
    for (let count = 1; ; count++) {
      try {
        return await this.#limit.run(() => this.#attempt(call, deadlineMs), isOverload)
      } catch (error) {
        const failure = failureOf(error)
        if (!isWorthRepeating(failure) || count >= tries) throw failure
        const mostMs = Math.min(pauseMsMax, firstPauseMs * 2 ** (count - 1))
        const pauseMs = Math.ceil(mostMs * (0.5 + this.#random.next() / 2))
        if (this.#clock.nowMs() + pauseMs - beganMs >= totalMs) throw failure
        await this.#clock.sleep(pauseMs)
      }
    }
  }

  /** One try; it ends by its deadline even where the client does not. */
  async #attempt<Result>(call: (request: RequestTry) => Promise<Result>, deadlineMs: number): Promise<Result> {
    const endTrip = this.#roundTrips.begin(this.#clock.nowMs())
    const ending = new AbortController()
    const answered = new AbortController()
    let allowedMs = deadlineMs
    // Or would have been: whoever is silent for all that time is slow. What could not be sent says nothing.
    let wasAnswered = false
    const extend = (byteLength: number): void => {
      allowedMs = deadlineMs * (1 + Math.ceil(byteLength / deadlineBytes))
    }
    const late = async (): Promise<Result> => {
      for (let waitedMs = 0; waitedMs < allowedMs && !answered.signal.aborted; ) {
        const waitMs = allowedMs - waitedMs
        await this.#clock.sleep(waitMs, answered.signal)
        waitedMs += waitMs
      }
      wasAnswered = true
      if (!answered.signal.aborted) ending.abort()
      throw new S3Failure('passing', 'no answer', `within ${allowedMs} ms`)
    }
    try {
      const result = await Promise.race([call({ signal: ending.signal, extend }), late()])
      wasAnswered = true
      return result
    } finally {
      // With a reason of ours no error is made for each request.
      answered.abort('answered')
      endTrip(this.#clock.nowMs(), wasAnswered)
    }
  }
}

const isOverload = (error: unknown): boolean => failureOf(error).kind === 'slow'
