/**
 * Which profile applies, decided once a second from lag, dependencies and memory. Pure: the same facts in the same order
 * give the same moves.
 *
 * To `protect` when something that others need as well is in trouble, before all else; to `catch-up` above one bound of
 * the lag, back below another. Never faster than `profile.holdMs`; each relapse into `protect` asks for a longer calm.
 * A profile changes when and how fast work is done, never what it gives (I-1).
 */
import type { ProfileName } from '../../model/knobs/profiles.ts'

export interface ControllerFacts {
  /** Age of the oldest record that is not read and should be, ms; 0 without lag. */
  readonly lagMs: number
  /** Where that lag is: `archive, partition 3`. */
  readonly lagAt: string
  /** What is in trouble, in a sentence for people. */
  readonly troubles: readonly Trouble[]
}

export interface Trouble {
  readonly kind: 'broker' | 'store' | 'memory'
  readonly text: string
  /** Below the bound at which it began, but not yet far enough: it ends no calm and begins nothing. */
  readonly isFading: boolean
}

export interface ControllerKnobs {
  readonly holdMs: number
  readonly afterMs: number
  readonly leaveMs: number
}

export interface ControllerState {
  readonly profile: ProfileName
  /** Of the last move; infinitely long ago before the first. */
  readonly movedAtMs: number
  /** Since when something has been in trouble without a break. */
  readonly troubledSinceMs: number | undefined
  readonly calmSinceMs: number | undefined
  readonly leftProtectAtMs: number
  /** How often `protect` was entered again shortly after it was left. */
  readonly relapses: number
  /** Share of their size that epochs have, since memory was short in this backlog. */
  readonly epochShare: number
}

export interface ProfileMove {
  readonly from: ProfileName
  readonly to: ProfileName
  readonly reason: string
  readonly epochShare: number
}

export const newController = (profile: ProfileName): ControllerState => ({
  profile,
  movedAtMs: Number.NEGATIVE_INFINITY,
  troubledSinceMs: undefined,
  calmSinceMs: undefined,
  leftProtectAtMs: Number.NEGATIVE_INFINITY,
  relapses: 0,
  epochShare: 1,
})

// Shorter trouble is a blip: one slow request, one compaction.
const blipMs = 5_000
// `protect` again within so many times the hold time of leaving it is a relapse.
const relapseHolds = 10
const relapsesMax = 2
// Each relapse makes the calm that is asked for so many times as long.
const longer = 4
const epochShareMin = 1 / 16

/** What to do now. A move comes with the state behind it. */
export const control = (
  last: ControllerState,
  facts: ControllerFacts,
  knobs: ControllerKnobs,
  nowMs: number,
): { readonly state: ControllerState; readonly move?: ProfileMove } => {
  const state = noted(last, facts, nowMs)
  if (nowMs - state.movedAtMs < knobs.holdMs) return { state }
  const wanted = wantedProfile(state, facts, knobs, nowMs)
  if (wanted === undefined) return { state }
  const next = moved(state, wanted.to, facts, knobs, nowMs)
  return { state: next, move: { from: state.profile, ...wanted, epochShare: next.epochShare } }
}

/** A person's choice needs no reason in the facts and waits for nothing. */
export const controlByHand = (state: ControllerState, to: ProfileName, nowMs: number): ControllerState => ({
  ...state,
  profile: to,
  movedAtMs: nowMs,
})

const noted = (state: ControllerState, { troubles }: ControllerFacts, nowMs: number): ControllerState => {
  const isTroubled = troubles.some(({ isFading }) => !isFading)
  return {
    ...state,
    troubledSinceMs: isTroubled ? (state.troubledSinceMs ?? nowMs) : undefined,
    calmSinceMs: troubles.length === 0 ? (state.calmSinceMs ?? nowMs) : undefined,
  }
}

interface Wanted {
  readonly to: ProfileName
  readonly reason: string
}

const wantedProfile = (
  state: ControllerState,
  facts: ControllerFacts,
  { holdMs, afterMs, leaveMs }: ControllerKnobs,
  nowMs: number,
): Wanted | undefined => {
  const { profile, troubledSinceMs, calmSinceMs } = state
  const behind = `${facts.lagAt} is ${secondsText(facts.lagMs)} behind`
  if (profile === 'protect') {
    const calmMs = calmSinceMs === undefined ? 0 : nowMs - calmSinceMs
    if (calmMs < holdMs * longer ** state.relapses) return undefined
    const calm = `nothing in trouble for ${secondsText(calmMs)}`
    if (facts.lagMs > leaveMs) return { to: 'catch-up', reason: `${calm}; ${behind}` }
    return { to: 'realtime', reason: calm }
  }
  if (troubledSinceMs !== undefined && nowMs - troubledSinceMs >= blipMs)
    return { to: 'protect', reason: facts.troubles.map(({ text }) => text).join('; ') }
  if (profile === 'realtime' && facts.lagMs > afterMs)
    return { to: 'catch-up', reason: `${behind}, more than ${secondsText(afterMs)} (catchUp.afterMs)` }
  if (profile === 'catch-up' && facts.lagMs < leaveMs)
    return { to: 'realtime', reason: `no lane is more than ${secondsText(leaveMs)} behind (catchUp.leaveMs)` }
  return undefined
}

const moved = (
  state: ControllerState,
  to: ProfileName,
  { troubles }: ControllerFacts,
  { holdMs }: ControllerKnobs,
  nowMs: number,
): ControllerState => {
  if (to !== 'protect') {
    const leftProtectAtMs = state.profile === 'protect' ? nowMs : state.leftProtectAtMs
    // Epochs are whole again when the backlog is gone.
    const epochShare = to === 'realtime' ? 1 : state.epochShare
    return { ...state, profile: to, movedAtMs: nowMs, leftProtectAtMs, epochShare }
  }
  const isMemory = troubles.some(({ kind }) => kind === 'memory')
  // What was too much will be too much again: epochs are half as large from now on.
  const epochShare = isMemory ? Math.max(epochShareMin, state.epochShare / 2) : state.epochShare
  const isRemedied = epochShare < state.epochShare
  const isRelapse = nowMs - state.leftProtectAtMs < relapseHolds * holdMs * longer ** state.relapses
  const relapses = isRelapse ? Math.min(relapsesMax, state.relapses + (isRemedied ? 0 : 1)) : 0
  return { ...state, profile: to, movedAtMs: nowMs, relapses, epochShare }
}

const secondsText = (ms: number): string => {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${(seconds / 3_600).toFixed(1)} h`
}
