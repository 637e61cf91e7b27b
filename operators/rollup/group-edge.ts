/**
 * How far the groups of a window are kept: those whose hash is at or below an edge, so that about twice as many rows
 * as the bound allows are ever written in a shard.
 *
 * A writer never sees all rows of a window, so it counts by a sample: groups whose hash ends in some zero bits, each
 * with its number of events. When the sample holds what twice the bound of groups would leave in it, the edge falls to
 * the highest hash that is still within. A group at or below the edge is therefore complete in every shard, and those
 * with the smallest hashes of the whole, which a reader shows, lie below every shard's edge: the cut does not matter
 * (I-1). Where the sample is all groups (a small bound) this is certain; else it fails for less than one window in 10^40.
 *
 * The edge never rises again: what has gone over to `(other)` leaves there, too (I-3).
 */
import { isJsonObject, type JsonValue } from '../../topology/model/json.ts'
import { hashText } from '../numbers/hash-text.ts'
import { numbersOf } from '../numbers/json-list.ts'

export interface GroupEdge {
  /** The largest hash that is kept; infinite below the bound. */
  edge: number
  /** Events by hash of the sampled groups at or below the edge. */
  readonly sample: Map<number, number>
}

/** How groups are sampled for a bound. */
export interface EdgeRule {
  /** A group is in the sample when these bits of its hash are 0. */
  readonly mask: number
  /** Sampled groups up to which nothing is left out. */
  readonly sampleMax: number
}

// 512 sampled groups of 16 bytes, twice where the sample is not all: the row of an edge stays below 16 KiB.
const sampleTarget = 512

export const edgeRuleOf = (groups: number): EdgeRule => {
  let bits = 0
  while (groups / 2 ** bits > sampleTarget) bits += 1
  return { mask: 2 ** bits - 1, sampleMax: bits === 0 ? groups : Math.ceil((2 * groups) / 2 ** bits) }
}

// Another seed than that of values, so that a group by a value and the unique values of it are spread apart.
const groupSeed = 0x6b79

export const hashOfGroup = (group: string): number => hashText(group, groupSeed)

export const startEdge = (): GroupEdge => ({ edge: Number.POSITIVE_INFINITY, sample: new Map() })

export const addToEdge = (edge: GroupEdge, hash: number, count: number): void => {
  if (hash > edge.edge) return
  const total = (edge.sample.get(hash) ?? 0) + count
  if (total === 0) edge.sample.delete(hash)
  else edge.sample.set(hash, total)
}

const lowerEdge = (edge: GroupEdge, to: number): void => {
  edge.edge = to
  for (const hash of edge.sample.keys()) if (hash > to) edge.sample.delete(hash)
}

export const mergeEdges = (left: GroupEdge | undefined, right: GroupEdge): GroupEdge => {
  const merged = left ?? startEdge()
  if (right.edge < merged.edge) lowerEdge(merged, right.edge)
  for (const [hash, count] of right.sample) addToEdge(merged, hash, count)
  return merged
}

/** Lowers the edge where the sample has grown beyond its bound. Repeating it changes nothing. */
export const settleEdge = (edge: GroupEdge, { sampleMax }: EdgeRule): void => {
  if (edge.sample.size <= sampleMax) return
  const hashes = Float64Array.from(edge.sample.keys()).sort()
  lowerEdge(edge, hashes[sampleMax - 1]!)
}

export const isNoEdge = (edge: GroupEdge): boolean => edge.sample.size === 0 && edge.edge === Number.POSITIVE_INFINITY

/** `{ edge, groups: [hash, events, ...] }` by ascending hash; `edge` is null below the bound. */
export const encodeEdge = ({ edge, sample }: GroupEdge): JsonValue => ({
  edge: Number.isFinite(edge) ? edge : null,
  groups: [...sample].sort((left, right) => left[0] - right[0]).flat(),
})

export const decodeEdge = (json: JsonValue): GroupEdge => {
  const fields = isJsonObject(json) ? json : {}
  const { edge = null } = fields
  const decoded = startEdge()
  if (edge !== null) decoded.edge = Number(edge)
  const flat = numbersOf(fields['groups'])
  for (let i = 0; i + 1 < flat.length; i += 2) decoded.sample.set(flat[i]!, flat[i + 1]!)
  return decoded
}
