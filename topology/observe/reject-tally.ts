/**
 * Counts rejected records by operator, cause and tenant, from what the run tells of each. Bounded: when there are too
 * many kinds, new ones count together.
 */
import type { Happening } from '../model/run-handle.ts'
import type { RejectCount } from './surroundings.ts'

const kindsMax = 200
const others = { operator: '(others)', cause: '', tenant: '' } as const

export class RejectTally {
  readonly #counts = new Map<string, RejectCount>()

  note({ kind, fields }: Pick<Happening, 'kind' | 'fields'>): void {
    if (kind !== 'deadLetter') return
    const { cause, message, tenant } = fields
    const named = { operator: operatorOf(String(message ?? '')), cause: String(cause), tenant: String(tenant ?? '') }
    const key = JSON.stringify(Object.values(named))
    const isKnown = this.#counts.has(key) || this.#counts.size < kindsMax
    this.#count(isKnown ? key : '', isKnown ? named : others)
  }

  counts(): readonly RejectCount[] {
    return [...this.#counts.values()]
  }

  #count(key: string, named: Omit<RejectCount, 'count'>): void {
    this.#counts.set(key, { ...named, count: (this.#counts.get(key)?.count ?? 0) + 1 })
  }
}

/** Letters begin with the bolt or sink that refused; what nobody names the decoder has refused. */
const operatorOf = (message: string): string => /^(?:bolt|sink) ([^\s:]+):/.exec(message)?.[1] ?? 'decode'
