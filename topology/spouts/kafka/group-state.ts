/**
 * The life of a group member as a pure machine: the state says what to do next, what came of it leads to the next state.
 *
 *     joining -> syncing -> stable -> (trouble) -> rejoining -> joining ...      any -> leaving -> ended
 *
 * There is no way out of the circle but to leave or to be refused: whatever else fails is tried again, with pauses that
 * grow until a heartbeat succeeds. What the member owns is not part of the machine: it is kept until another share is
 * known, since two owners of a partition are safe.
 */
import type { Joined, Member } from './group-coordinator.ts'
import { type GroupTrouble, groupTroubleOf } from './group-trouble.ts'

export type GroupState =
  | { readonly kind: 'joining'; readonly memberId: string; readonly troubles: number }
  | { readonly kind: 'syncing'; readonly joined: Joined; readonly troubles: number }
  | { readonly kind: 'stable'; readonly member: Member; readonly troubles: number }
  | { readonly kind: 'rejoining'; readonly memberId: string; readonly troubles: number; readonly after: GroupTrouble }
  | { readonly kind: 'leaving'; readonly memberId: string }
  | { readonly kind: 'ended'; readonly refusal?: unknown }

export type GroupEvent =
  | { readonly kind: 'joined'; readonly joined: Joined }
  | { readonly kind: 'synced' }
  | { readonly kind: 'beaten' }
  | { readonly kind: 'rested' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'told to leave' }
  | { readonly kind: 'left' }

export const firstGroupState: GroupState = { kind: 'joining', memberId: '', troubles: 0 }

// The first pause is shorter than a heartbeat, the longest lets a broker restart without being asked all the time.
const pauseFirstMs = 100
const pauseMostMs = 2_000

/** How long to rest before joining again; `chance` spreads the members. One trouble alone costs no time. */
export const restMsOf = (troubles: number, chance: number): number =>
  troubles <= 1 ? 0 : Math.min(pauseMostMs, pauseFirstMs * 2 ** Math.min(troubles - 2, 10)) * (0.5 + chance / 2)

export const nextGroupState = (state: GroupState, event: GroupEvent): GroupState => {
  if (event.kind === 'told to leave') return leaveFrom(state)
  if (event.kind === 'failed') return failIn(state, event.error)
  switch (state.kind) {
    case 'joining':
      if (event.kind === 'joined') return { kind: 'syncing', joined: event.joined, troubles: state.troubles }
      break
    case 'syncing':
      if (event.kind === 'synced') return { kind: 'stable', member: state.joined, troubles: state.troubles }
      break
    case 'stable':
      if (event.kind === 'beaten') return { ...state, troubles: 0 }
      break
    case 'rejoining':
      if (event.kind === 'rested') return { kind: 'joining', memberId: state.memberId, troubles: state.troubles }
      break
    case 'leaving':
      if (event.kind === 'left') return { kind: 'ended' }
      break
    case 'ended':
      break
  }
  throw new Error(`a group member cannot be ${event.kind} while ${state.kind}`)
}

const memberIdOf = (state: GroupState): string => {
  if (state.kind === 'syncing') return state.joined.id
  if (state.kind === 'stable') return state.member.id
  return state.kind === 'ended' ? '' : state.memberId
}

const leaveFrom = (state: GroupState): GroupState =>
  state.kind === 'ended' ? state : { kind: 'leaving', memberId: memberIdOf(state) }

const failIn = (state: GroupState, error: unknown): GroupState => {
  if (state.kind === 'ended' || state.kind === 'leaving') return { kind: 'ended' }
  const after = groupTroubleOf(error)
  if (after === 'refused') return { kind: 'ended', refusal: error }
  const troubles = 'troubles' in state ? state.troubles + 1 : 1
  return { kind: 'rejoining', memberId: after === 'forgotten' ? '' : memberIdOf(state), troubles, after }
}
