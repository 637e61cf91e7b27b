/** What was seen of a night from outside, in plain data: for the criteria, and for the curve. */

/** What was published of the end of the backlog, at one moment. */
export interface EtaUpdate {
  readonly atMs: number
  readonly lagEvents: number
  readonly etaMs: readonly [low: number, high: number] | null
  /** What somebody would say who divides what is left by what was read in the last seconds; infinite: nothing was. */
  readonly guessMs: number
}

/** A move between profiles. */
export interface Move {
  readonly atMs: number
  readonly before: string
  readonly after: string
  readonly reason: string
}

/** Half an hour. */
export interface Period {
  readonly fromMs: number
  readonly toMs: number
  /** Events that the archive has not taken, of the spiking tenant and of the others. */
  readonly spikingLeft: number
  readonly othersLeft: number
  /** Of each tenant: the delay below which 95 of 100 of its rows could be read, ms. */
  readonly rowDelaysMs: ReadonlyMap<string, number>
  /** Event time that the archive passed per time: of its oldest event. */
  readonly drainMultiple: number
  readonly etaMs: readonly [low: number, high: number] | null
  readonly profile: string
  /** How long an append would have taken at most, ms. */
  readonly appendMs: number
  /** The sentence of `topology status`. */
  readonly status: string
  readonly incident: string
  /** What was done without anybody. */
  readonly done: readonly string[]
}

export interface NightRecord {
  readonly periods: readonly Period[]
  readonly etas: readonly EtaUpdate[]
  /** When the status said something. */
  readonly saidAtMs: readonly number[]
  /** Impact statements that were wrong: when, and what. */
  readonly wrongImpact: readonly string[]
  readonly moves: readonly Move[]
  /** The change log, as people read it. */
  readonly logged: readonly Omit<Move, 'atMs'>[]
  /** What somebody else than the run has changed. */
  readonly byHand: readonly string[]
  readonly appendMsMax: number
  readonly ownAppends: number
  readonly divertedAtMs: number | undefined
  /** Of each tenant whose archive was later than on any other day: when that was the last time. */
  readonly lateAtMs: ReadonlyMap<string, number>
  /** Since when the archive of everybody is as late as on any other day, for good. */
  readonly drainedAtMs: number | undefined
  readonly drainMultipleMax: number
  readonly heldBytesMax: number
  readonly budgetBytes: number
  readonly endedAtMs: number
}
