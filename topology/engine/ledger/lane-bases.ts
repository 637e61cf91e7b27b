/**
 * Where the lane numbers of each spout of a topology begin. Names of objects hold the lane but not the spout, so no two
 * spouts may share a number, whatever order they are declared in and whichever have come and gone.
 */

// A million cuts of one partition: at one catch-up an hour with 64 ranges, two years.
const lanesPerSpout = 2 ** 20

/** What a ledger document says about the numbers that its spout uses. */
export interface UsedLanes {
  readonly spout: string
  readonly nextLane: number
}

/** Base of every spout: that of its documents; a spout without one takes the next that no document has used. */
export const laneBases = (used: readonly UsedLanes[], spouts: readonly string[]): ReadonlyMap<string, number> => {
  const bases = new Map<string, number>()
  for (const { spout, nextLane } of used) {
    const base = Math.floor(nextLane / lanesPerSpout) * lanesPerSpout
    bases.set(spout, Math.min(base, bases.get(spout) ?? base))
  }
  for (const spout of spouts)
    if (!bases.has(spout)) bases.set(spout, bases.size === 0 ? 0 : Math.max(...bases.values()) + lanesPerSpout)
  return bases
}
