/** A suggestion for the end of a sentence about a word that is not known. */
import { nearestName } from '../model/nearest-name.ts'

/** `; did you mean "rows"?`, or an empty text when nothing is near. */
export const didYouMean = (word: string, known: Iterable<string>): string => {
  const nearest = nearestName(word, known)
  return nearest === undefined ? '' : `; did you mean "${nearest}"?`
}
