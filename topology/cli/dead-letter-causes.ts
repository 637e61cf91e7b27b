/**
 * Whether `--cause NAME` is one that a dead letter can have. A slip of the hand would otherwise look like a quarantine
 * without such letters; a cause of the catalogue that no letter has today is an empty answer.
 */
import { errors } from '../model/errors.ts'
import { didYouMean } from './did-you-mean.ts'
import { UsageProblems } from './usage-problems.ts'

export interface CauseCheck {
  see(letter: { readonly cause: string }): void
  /** After all letters were seen. Throws when the cause is neither theirs nor one of the catalogue. */
  end(): void
}

// Names come from the catalogue of errors; other versions may have left others.
const shownMax = 20

export const createCauseCheck = (wanted: string | undefined): CauseCheck => {
  const seen = new Set<string>()
  return {
    see: ({ cause }) => {
      if (wanted !== undefined) seen.add(cause)
    },
    end: () => {
      if (wanted === undefined || seen.has(wanted) || catalogued.has(wanted)) return
      const known = [...seen].sort()
      const hint =
        known.length === 0
          ? 'There are no dead letters.'
          : `There are letters of ${known.slice(0, shownMax).join(', ')}.`
      const suggestion = didYouMean(wanted, [...known, ...catalogued])
      const text = `no dead letter has the cause ${JSON.stringify(wanted)}${suggestion}`
      throw new UsageProblems([{ at: '--cause', text, hint }])
    },
  }
}

const catalogued: ReadonlySet<string> = new Set(
  Object.values(errors)
    .map(({ entry }) => entry)
    .filter(({ errorClass }) => errorClass === 'reject')
    .map(({ name }) => name),
)
