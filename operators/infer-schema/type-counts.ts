/** How often a path was seen with each type. */

/** Counts by the order of `typeNames`. */
export type TypeCounts = number[]

export const addCounts = (into: TypeCounts, counts: readonly number[]): void => {
  for (let i = 0; i < into.length; i += 1) into[i]! += counts[i] ?? 0
}

export const isZeroCounts = (counts: readonly number[]): boolean => counts.every((count) => count === 0)
