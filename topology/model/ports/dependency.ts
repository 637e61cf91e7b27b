/**
 * What every port has beside its own calls: the run tells it where the values of knobs are, and it tells how much of
 * itself is in use and how long its answers take. All of it optional: embedded ports have little to tell.
 */

/** Connections, permits or turns that calls take and give back. */
export interface PoolUsage {
  /** What it is a pool of, and whose: `127.0.0.1:9092 fetches`. No secrets. */
  readonly name: string
  readonly used: number
  readonly limit: number
  /** Calls that wait for one; bounded. */
  readonly waiting: number
}

/** Round trips of requests that wait for nothing but the server, ms. */
export interface Latency {
  /** Of the last minutes. */
  readonly meanMs: number
  /** Of the last seconds, or the age of the oldest request that has no answer yet, whichever is more. */
  readonly recentMs: number
}

/** The value of a numeric knob at this moment. */
export type KnobReader = (name: string) => number

export interface Dependency {
  /** From now on each call reads its knobs there. Until then, or without a run, they have their initial values. */
  useKnobs?(knob: KnobReader): void
  usage?(): readonly PoolUsage[]
  /** `undefined`: nothing has been measured. */
  latency?(): Latency | undefined
}
