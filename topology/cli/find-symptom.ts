/** Finds what a person means: the number of a symptom, its name, or words about it with slips of the hand. */
import { nearestName } from '../model/nearest-name.ts'
import { runbook, type Symptom } from '../model/runbook.ts'

/** The best first; those behind it fit as well. None: nothing fits. */
export const findSymptoms = (written: string): readonly Symptom[] => {
  const wanted = written.trim().toLowerCase()
  const exact = runbook.find(({ number, name }) => String(number) === wanted || name.toLowerCase() === wanted)
  if (exact !== undefined) return [exact]
  const words = wordsOf(wanted).map((word) => knownWord(word) ?? word)
  const scored = runbook
    .map((symptom) => ({ symptom, score: scoreOf(symptom, words) }))
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score || left.symptom.number - right.symptom.number)
  const best = scored[0]?.score ?? 0
  return scored.filter(({ score }) => score === best).map(({ symptom }) => symptom)
}

// A word of the name says more than another word for it.
const nameScore = 3
const wordScore = 2

const scoreOf = ({ name, words }: Symptom, wanted: readonly string[]): number => {
  const [inName, inWords] = [new Set(wordsOf(name)), new Set(words.flatMap(wordsOf))]
  return wanted.reduce(
    (score, word) => score + (inName.has(word) ? nameScore : 0) + (inWords.has(word) ? wordScore : 0),
    0,
  )
}

const filler: ReadonlySet<string> = new Set(
  'a an and are at be but by for from had has have in is it its my of on one or our that the to too up was what why with'.split(
    ' ',
  ),
)

const wordsOf = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 1 && !filler.has(word))
    .map((word) => (word.length > 4 ? word.replace(/s$/, '') : word))

const knownWord = (word: string): string | undefined => {
  const known = new Set(runbook.flatMap(({ name, words }) => [...wordsOf(name), ...words.flatMap(wordsOf)]))
  return known.has(word) || word.length < 4 ? word : nearestName(word, known)
}
