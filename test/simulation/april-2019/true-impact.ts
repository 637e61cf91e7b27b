/**
 * Who shares what in this topology, written down by hand: all branches read the one log and stand in the one ledger, all
 * write rows (the archive its manifest), and the archive alone writes objects.
 */
import type { DependencyLine, RunSnapshot } from '../../../topology/model/run-snapshot.ts'

const all: readonly string[] = ['archive', 'events', 'revenue', 'schemas']

const sharers: Readonly<Record<DependencyLine['kind'], readonly string[]>> = {
  log: all,
  rows: all,
  ledger: all,
  objects: ['archive'],
}

/** What a snapshot says wrongly of whom a slow or failing dependency hurts. */
export const wrongImpactsIn = ({ dependencies }: RunSnapshot): readonly string[] =>
  dependencies.flatMap(({ kind, name, state, impact }) => {
    const told = [...impact].sort().join(', ')
    const truth = state === 'ok' ? '' : sharers[kind].join(', ')
    return told === truth ? [] : [`${kind} ${name} is ${state}: "${told}" are hurt, in truth "${truth}"`]
  })
