/**
 * What a failed call to the coordinator of a group means for the member, by the number that the protocol gives it.
 *
 * What is not known is taken for a lost connection and tried again: a member must never end in silence. Only what no
 * waiting heals is `refused`.
 */
import { isRefusal, protocolCodeOf, reasonOf } from './protocol-failure.ts'

export type GroupTrouble =
  /** The others join again: so must we. */
  | 'rebalancing'
  /** The group went on without us, yet knows us. */
  | 'outdated'
  /** The group does not know us any more: frozen for longer than the session, or removed by a person. */
  | 'forgotten'
  /** The coordinator is elsewhere, not ready, or not to be reached. */
  | 'unreachable'
  | 'refused'

const meanings: Readonly<Record<number, { readonly trouble: GroupTrouble; readonly reason: string }>> = {
  14: { trouble: 'unreachable', reason: 'its coordinator is starting' },
  15: { trouble: 'unreachable', reason: 'it has no coordinator at the moment' },
  16: { trouble: 'unreachable', reason: 'its coordinator has moved' },
  22: { trouble: 'outdated', reason: 'it went on without this process' },
  23: { trouble: 'refused', reason: 'its members are of another program' },
  24: { trouble: 'refused', reason: 'the broker does not take this name' },
  25: { trouble: 'forgotten', reason: 'this process was silent for too long' },
  26: { trouble: 'refused', reason: 'the broker asks for a longer session (group.min.session.timeout.ms)' },
  27: { trouble: 'rebalancing', reason: 'its members join again' },
  30: { trouble: 'refused', reason: 'the user may not use the group (ACL)' },
  79: { trouble: 'forgotten', reason: 'the broker wants a name first' },
  81: { trouble: 'refused', reason: 'it has as many members as the broker allows (group.max.size)' },
}

const meaningOf = (error: unknown): (typeof meanings)[number] | undefined => meanings[protocolCodeOf(error) ?? 0]

export const groupTroubleOf = (error: unknown): GroupTrouble =>
  meaningOf(error)?.trouble ?? (isRefusal(error) ? 'refused' : 'unreachable')

/** A sentence for people. */
export const groupReasonOf = (error: unknown): string => meaningOf(error)?.reason ?? reasonOf(error)
