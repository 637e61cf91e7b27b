/**
 * What deletes have taken out in a run, as one line at its end. The engine tells of each sink and partition by itself;
 * people are told once, and `topology deletes` says which delete took what.
 */
import type { Happening } from '../model/run-handle.ts'
import { plural } from './text-table.ts'

export class DeleteTally {
  /** By partition and offset of the delete: the events that the sink with most of them has given back. */
  readonly #events = new Map<string, number>()

  /** Whether it tells of events that were taken out. */
  add({ kind, fields }: Happening): boolean {
    if (kind !== 'delete' || typeof fields['retracted'] !== 'number') return false
    const key = `${fields['partition']}@${fields['offset']}`
    this.#events.set(key, Math.max(this.#events.get(key) ?? 0, fields['retracted']))
    return true
  }

  /** `undefined` where no delete had anything to take out. */
  text(): string | undefined {
    const events = this.#events.values().reduce((sum, one) => sum + one, 0)
    return events === 0
      ? undefined
      : `deletes took ${plural(events, 'event')} out; \`topology deletes\` tells which did`
  }
}
