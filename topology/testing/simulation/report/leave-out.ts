/** Finds out what of a list a failure needs: pieces of halving size are left out for as long as it still fails. */

/** The shortest list found; the order of trying is fixed, so the answer is. */
export const leaveOut = async <Item>(
  items: readonly Item[],
  stillFails: (kept: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[]> => {
  let kept = items
  let size = kept.length
  while (kept.length > 0) {
    const before = kept.length
    for (let start = 0; start < kept.length; ) {
      const without = kept.toSpliced(start, size)
      if (await stillFails(without)) kept = without
      else start += size
    }
    // Of single items several rounds are made: one may be needed only because of another that went later.
    if (size === 1 && kept.length === before) return kept
    size = Math.max(1, Math.min(Math.ceil(size / 2), kept.length))
  }
  return kept
}

/** The lowest whole number from `low` on with which it still fails, where failing begins somewhere and goes on. */
export const lowestFailing = async (
  low: number,
  high: number,
  stillFails: (value: number) => Promise<boolean>,
): Promise<number> => {
  if (low >= high || (await stillFails(low))) return Math.min(low, high)
  let [passing, failing] = [low, high]
  while (failing - passing > 1) {
    const middle = Math.floor((passing + failing) / 2)
    if (await stillFails(middle)) failing = middle
    else passing = middle
  }
  return failing
}
