/**
 * Deltas by the keys that a store keeps: a lone surrogate in a text becomes U+FFFD there.
 *
 * Two keys that differ only in lone surrogates are one row. Written as two rows of one epoch, each would be base + its
 * own delta and one would be lost (I-1); so they are merged first. Almost every epoch passes as it is.
 */
import type { StateDelta, StateDeltas, StateOperator } from '../../topology/model/operator.ts'
import type { Cell } from '../../topology/model/ports/row-store.ts'

export const storedKeys = <State>(
  operator: StateOperator<unknown, State>,
  deltas: StateDeltas<State>,
): ReadonlyMap<string, StateDelta<State>> => {
  const malformed: [id: string, delta: StateDelta<State>][] = []
  for (const one of deltas) if (one[1].key.some(isMalformed)) malformed.push(one)
  if (malformed.length === 0) return deltas
  const stored = new Map(deltas)
  const idByKey = new Map<string, string>()
  for (const [id, { key }] of deltas) idByKey.set(JSON.stringify(key), id)
  for (const [id, delta] of malformed) {
    const key = delta.key.map((cell) => (typeof cell === 'string' ? cell.toWellFormed() : cell))
    const keyText = JSON.stringify(key)
    const sameId = idByKey.get(keyText) ?? id
    idByKey.set(keyText, sameId)
    const same = stored.get(sameId)
    stored.delete(id)
    if (same === undefined || sameId === id) stored.set(sameId, { ...delta, key })
    // Neither delta may change: a repeated write begins with them again.
    else stored.set(sameId, { key, state: operator.merge(operator.decode(operator.encode(same.state)), delta.state) })
  }
  return stored
}

const isMalformed = (cell: Cell): boolean => typeof cell === 'string' && !cell.isWellFormed()
