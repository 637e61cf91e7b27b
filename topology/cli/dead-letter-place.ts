/** Where a dead letter's record stands, as people write it: `[SPOUT/]PARTITION/OFFSET`. */
import type { CatalogueEntry } from '../../sinks/rows/catalogue-entry.ts'
import { type DeadLetter, findDeadLetters } from '../../sinks/rows/dead-letters.ts'
import type { RowStore } from '../model/ports/row-store.ts'
import { type UsageProblem, UsageProblems } from './usage-problems.ts'

export interface LetterPlace {
  readonly spout: string | undefined
  readonly partition: number
  readonly offset: number
}

export const parsePlace = (text: string): LetterPlace | { readonly problem: string } => {
  const match = /^(?:(.+)\/)?(\d+)\/(\d+)$/.exec(text)
  if (match === null)
    return { problem: `${JSON.stringify(text)} is no place: PARTITION/OFFSET, as \`dead-letters list\` shows it` }
  const [, spout, partition, offset] = match
  return { spout, partition: Number(partition), offset: Number(offset) }
}

export const formatPlace = (letter: {
  readonly spout: string
  readonly partition: number
  readonly offset: number
}): string => `${letter.spout}/${letter.partition}/${letter.offset}`

/** Letters of the records at the places, in that order. Throws a problem for every place that has none. */
export const lettersAt = async (
  rows: RowStore,
  topology: CatalogueEntry,
  texts: readonly string[],
): Promise<readonly DeadLetter[]> => {
  const problems: UsageProblem[] = []
  const letters: DeadLetter[] = []
  for (const text of texts) {
    const place = parsePlace(text)
    if ('problem' in place) {
      problems.push({ text: place.problem })
      continue
    }
    const spouts = place.spout === undefined ? topology.spouts.map(({ name }) => name) : [place.spout]
    const found: DeadLetter[] = []
    for (const spout of spouts)
      found.push(...(await findDeadLetters(rows, { ...place, spout, topology: topology.topology })))
    if (found.length === 0)
      problems.push({ text: `no dead letter stands at ${text}`, hint: 'List them: `topology dead-letters list`.' })
    if (new Set(found.map(({ spout }) => spout)).size > 1)
      problems.push({ text: `${text} is there in several spouts: ${[...new Set(found.map(formatPlace))].join(', ')}` })
    letters.push(...found)
  }
  if (problems.length > 0) throw new UsageProblems(problems)
  return letters
}
