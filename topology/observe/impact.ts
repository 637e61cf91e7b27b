/**
 * Who is hurt by a trouble, computed from what is shared: a log, a store, a worker. Never typed by a person, because
 * the sentence "others are not affected" was wrong for as long as it stood.
 */
import type { BranchLine, LagLine, RunSnapshot } from '../model/run-snapshot.ts'
import type { SinkKind } from '../model/sink.ts'

export type SharedPart =
  | { readonly kind: 'log'; readonly name: string }
  | { readonly kind: 'rows' | 'objects' | 'ledger'; readonly name: string }
  | { readonly kind: 'worker'; readonly worker: number }

// Where sinks keep their results. What a user's own sink does is not known: it is named with either.
const storesOf: Readonly<Record<SinkKind, readonly ('rows' | 'objects')[]>> = {
  rows: ['rows'],
  events: ['rows'],
  objects: ['objects', 'rows'],
  custom: ['rows', 'objects'],
}

/** All branches that use the part, by name. */
export const impactOf = (part: SharedPart, snapshot: Pick<RunSnapshot, 'branches' | 'lag'>): readonly string[] => {
  const served = snapshot.branches.filter((branch) => uses(branch, part, snapshot.lag))
  return [...new Set(served.map(({ branch }) => branch))].sort()
}

const uses = (branch: BranchLine, part: SharedPart, lag: readonly LagLine[]): boolean => {
  switch (part.kind) {
    case 'log': {
      // A branch of which no lane is known reads from somewhere all the same.
      const own = lag.filter((line) => line.branch === branch.branch)
      return own.length === 0 || own.some(({ topic }) => topic === part.name)
    }
    case 'ledger':
      return true
    case 'worker':
      // Lanes are spread over the workers; without a word on which it holds, any branch may be behind it.
      return true
    default:
      return storesOf[branch.kind].includes(part.kind)
  }
}

/** `events, revenue and 3 more`, or what to say of none. */
export const impactWords = (branches: readonly string[], shown = 4): string => {
  if (branches.length === 0) return 'no branch'
  if (branches.length <= shown) return branches.join(', ')
  return `${branches.slice(0, shown).join(', ')} and ${branches.length - shown} more`
}
