/**
 * Did you mean: the known name that is fewest slips of the hand away from what was written.
 *
 * A slip is a letter too many, too few, wrong, or swapped with its neighbour. More than a third of the name slipped is
 * another name: a bad guess is worse than none.
 */
export const nearestName = (written: string, known: Iterable<string>): string | undefined => {
  const wanted = written.toLowerCase()
  let nearest: string | undefined
  let fewest = Math.max(1, Math.floor(Math.max(wanted.length, 3) / 3)) + 1
  for (const name of known) {
    const slips = slipsBetween(wanted, name.toLowerCase())
    if (slips >= fewest) continue
    nearest = name
    fewest = slips
  }
  return nearest
}

/** `did you mean "x"?` or, where nothing is near, the list of what there is. */
export const didYouMean = (written: string, known: readonly string[]): string => {
  const nearest = nearestName(written, known)
  return nearest === undefined ? `known: ${known.join(', ')}` : `did you mean ${JSON.stringify(nearest)}?`
}

// Optimal string alignment over three rows; names are short, so the product of their lengths is small.
const slipsBetween = (left: string, right: string): number => {
  let before: number[] = []
  let above = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    const row = [i]
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1]
      let slips = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (same ? 0 : 1))
      const isSwap = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]
      if (isSwap) slips = Math.min(slips, before[j - 2]! + 1)
      row.push(slips)
    }
    before = above
    above = row
  }
  return above[right.length]!
}
