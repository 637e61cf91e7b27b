/** The life of a group member as a table: what leads where, and what never does. */
import { describe, expect, test } from 'vitest'
import {
  firstGroupState,
  type GroupState,
  nextGroupState,
  restMsOf,
} from '../../../topology/spouts/kafka/group-state.ts'
import { groupTroubleOf } from '../../../topology/spouts/kafka/group-trouble.ts'
import { type Refusal, refusal } from './fake-group.ts'

const joined = { id: 'm', generation: 4, isLeader: false, members: [] }
const stable: GroupState = { kind: 'stable', member: joined, troubles: 0 }
const failed = (type: Refusal) => ({ kind: 'failed', error: refusal(type) }) as const

describe('group state', () => {
  test('joins, is synced, and stays while its heart beats', () => {
    const syncing = nextGroupState(firstGroupState, { kind: 'joined', joined })
    const settled = nextGroupState(syncing, { kind: 'synced' })
    expect(settled).toEqual(stable)
    expect(nextGroupState(settled, { kind: 'beaten' })).toEqual(stable)
  })

  test('a rebalance is joined under the same name, at once', () => {
    const rejoining = nextGroupState(stable, failed('rebalanceInProgress'))
    expect(rejoining).toEqual({ kind: 'rejoining', memberId: 'm', troubles: 1, after: 'rebalancing' })
    expect(restMsOf(1, 1)).toBe(0)
    expect(nextGroupState(rejoining, { kind: 'rested' })).toEqual({ kind: 'joining', memberId: 'm', troubles: 1 })
  })

  test('a member that the group has forgotten joins as somebody new, one of an old generation under its name', () => {
    expect(nextGroupState(stable, failed('unknownMember'))).toMatchObject({ kind: 'rejoining', memberId: '' })
    expect(nextGroupState(stable, failed('illegalGeneration'))).toMatchObject({ kind: 'rejoining', memberId: 'm' })
  })

  test('what is not known is tried again for ever, with pauses that grow to 2 s', () => {
    let state: GroupState = stable
    for (let round = 1; round <= 50; round++) {
      state = nextGroupState(state, { kind: 'failed', error: new Error('reset by peer') })
      expect(state).toMatchObject({ kind: 'rejoining', troubles: round, after: 'unreachable' })
    }
    expect([1, 2, 3, 50].map((troubles) => restMsOf(troubles, 1))).toEqual([0, 100, 200, 2_000])
    expect(restMsOf(50, 0)).toBe(1_000)
  })

  test('a refusal ends it, with the reason', () => {
    const error = refusal('groupAuthorization')
    expect(nextGroupState(firstGroupState, { kind: 'failed', error })).toEqual({ kind: 'ended', refusal: error })
  })

  test('it may leave from everywhere, and a failure then holds nothing up', () => {
    const leaving = nextGroupState(stable, { kind: 'told to leave' })
    expect(leaving).toEqual({ kind: 'leaving', memberId: 'm' })
    expect(nextGroupState(leaving, { kind: 'left' })).toEqual({ kind: 'ended' })
    expect(nextGroupState(leaving, failed('unknownMember'))).toEqual({ kind: 'ended' })
    expect(nextGroupState({ kind: 'ended' }, { kind: 'told to leave' })).toEqual({ kind: 'ended' })
  })

  test('what cannot happen is named', () => {
    expect(() => nextGroupState(stable, { kind: 'joined', joined })).toThrow(
      'a group member cannot be joined while stable',
    )
  })

  test('what no waiting heals is refused, everything else is not', () => {
    expect(groupTroubleOf(refusal('inconsistentProtocol'))).toBe('refused')
    expect(groupTroubleOf(Object.assign(new Error('no'), { name: 'KafkaJSSASLAuthenticationError' }))).toBe('refused')
    expect(groupTroubleOf(refusal('notCoordinator'))).toBe('unreachable')
    expect(groupTroubleOf(undefined)).toBe('unreachable')
  })
})
