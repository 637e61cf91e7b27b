/**
 * Work that nobody waits for, from the deletes of a run: reading what they match, and behind that the rewriting of
 * objects and the release of rows. Two days of it can stand still without a number of the live path moving.
 *
 * Of each kind the oldest delete is watched: those that come in later move, too, and would hide that it does not.
 */
import type { DeleteStatus } from '../model/run-handle.ts'
import type { BackgroundWork } from './surroundings.ts'

export const backgroundWork = (deletes: readonly DeleteStatus[]): readonly BackgroundWork[] => {
  const open = deletes.filter(({ state }) => state === 'accepted' || state === 'running')
  const reading = oldestOf(open.filter(({ remaining }) => remaining > 0))
  const rewriting = oldestOf(open.filter(({ remaining }) => remaining === 0))
  return [
    ...(reading === undefined ? [] : [workOf('delete', reading, reading.remaining)]),
    ...(rewriting === undefined ? [] : [workOf('rewrite', rewriting, rewriting.matched - rewriting.retracted + 1)]),
  ]
}

const oldestOf = (deletes: readonly DeleteStatus[]): DeleteStatus | undefined =>
  [...deletes].sort((one, other) => (one.requestedAtMs ?? 0) - (other.requestedAtMs ?? 0))[0]

/** What is done grows with each record that is read, found or taken out, and with each partition that is finished. */
const workOf = (kind: BackgroundWork['kind'], one: DeleteStatus, pending: number): BackgroundWork => {
  const finished = one.partitions.filter(({ state }) => state === 'done').length
  const done = one.matched + one.retracted - one.remaining + finished
  return { kind, name: one.id, pending, done, sinceMs: one.requestedAtMs ?? 0 }
}
