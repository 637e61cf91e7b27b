/** Look-ups in ascending lists of numbers, offsets above all: lists of ids and positions are searched, never walked. */

/** Place of the first number at or above the wanted one; the length where there is none. */
export const placeInSorted = (sorted: ArrayLike<number>, wanted: number): number => {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < wanted) low = middle + 1
    else high = middle
  }
  return low
}

/** Whether the list has a number in `[first, last]`. */
export const sortedHasWithin = (sorted: ArrayLike<number>, first: number, last: number): boolean => {
  const place = placeInSorted(sorted, first)
  return place < sorted.length && sorted[place]! <= last
}
