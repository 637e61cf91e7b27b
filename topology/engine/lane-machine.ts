/**
 * The life of a lane's closed epoch: declare, write, commit, in one transition table (PROTOCOL section 3).
 *
 * Pure: it takes what happened and gives the next phase and the effects that the shell must perform. While one epoch
 * passes through, the lane may collect the next; that one closes when this one is committed. A refused, lost or unknown
 * compare-and-set leads to one place only, `restarting`: read the ledger and begin again. So does a fence.
 */
export type LanePhase =
  /** No closed epoch is under way. */
  | 'reading'
  /** The end of the epoch is proposed to the ledger. */
  | 'declaring'
  /** The rules have changed since the content was computed: it is brought up to date, then proposed again. */
  | 'revising'
  /** Declared; effects are being made durable, again and again until they are. */
  | 'writing'
  /** All effects are durable; the checkpoint is proposed. */
  | 'committing'
  /** The ledger is read anew; buffers are gone. */
  | 'restarting'
  /** The lane has reached its end. */
  | 'finished'
  /** An error of class `stop`: a person must act. */
  | 'stopped'

export type LaneInput =
  | 'closed'
  | 'recovered'
  | 'declared'
  | 'rulesChanged'
  | 'revised'
  | 'lost'
  | 'written'
  | 'fenced'
  | 'committed'
  /** The same compare-and-set committed this epoch and declared the next. */
  | 'declaredNext'
  /** Committed; the next epoch was proposed too, but its rules have changed. */
  | 'rulesChangedNext'
  | 'ended'
  | 'failed'
  | 'restarted'

export type LaneEffect = 'declare' | 'revise' | 'write' | 'commit' | 'openNext' | 'restart' | 'leave' | 'report'

export interface LaneStep {
  readonly phase: LanePhase
  readonly effects: readonly LaneEffect[]
}

const to = (phase: LanePhase, ...effects: LaneEffect[]): LaneStep => ({ phase, effects })
const restart = to('restarting', 'restart')
const stop = to('stopped', 'report')

const table: Readonly<Record<LanePhase, Partial<Readonly<Record<LaneInput, LaneStep>>>>> = {
  reading: {
    closed: to('declaring', 'declare'),
    // An owner that finds a declared epoch has read it again and writes the same bytes; it never declares anew.
    recovered: to('writing', 'write'),
    ended: to('finished', 'leave'),
    lost: restart,
    failed: stop,
  },
  declaring: { declared: to('writing', 'write'), rulesChanged: to('revising', 'revise'), lost: restart, failed: stop },
  revising: { revised: to('declaring', 'declare'), lost: restart, failed: stop },
  writing: { written: to('committing', 'commit'), fenced: restart, lost: restart, failed: stop },
  committing: {
    committed: to('reading', 'openNext'),
    declaredNext: to('writing', 'write', 'openNext'),
    rulesChangedNext: to('revising', 'revise', 'openNext'),
    ended: to('finished', 'leave'),
    lost: restart,
    failed: stop,
  },
  restarting: { restarted: to('reading', 'openNext'), ended: to('finished', 'leave'), failed: stop },
  finished: {},
  stopped: { failed: to('stopped') },
}

/** The next step. An input that the phase does not know is a programmer error, named with both. */
export const laneStep = (phase: LanePhase, input: LaneInput): LaneStep => {
  const step = table[phase][input]
  if (step === undefined) throw new Error(`a lane that is ${phase} cannot take ${input}`)
  return step
}
