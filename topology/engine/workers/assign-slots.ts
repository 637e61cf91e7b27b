/**
 * Which worker runs which slots of which partitions: balanced, and moving as little as possible when a worker comes, goes
 * or is drained. Slots 0 hold the live lanes and the deletes, so these are spread before all others.
 */
export interface SlotUnit {
  readonly desk: number
  readonly slot: number
}

/** Where each unit is now; `undefined`: nowhere. */
export interface PlacedUnit extends SlotUnit {
  readonly worker: number | undefined
}

/** In the order of the units. Without any worker nothing is placed. */
export const assignSlots = (
  units: readonly PlacedUnit[],
  workers: readonly number[],
): readonly (number | undefined)[] => {
  const placed: (number | undefined)[] = units.map(() => undefined)
  if (workers.length === 0) return placed
  const classes = Map.groupBy(units.keys(), (index) => units[index]!.slot)
  const loads = new Map(workers.map((worker) => [worker, 0]))
  for (const slot of [...classes.keys()].sort((left, right) => left - right))
    placeEvenly(units, classes.get(slot)!, loads, placed)
  return placed
}

/** Units of one slot: each worker gets its share of them; what is over goes to whoever has least of everything. */
const placeEvenly = (
  units: readonly PlacedUnit[],
  indices: readonly number[],
  loads: Map<number, number>,
  placed: (number | undefined)[],
): void => {
  const own = new Map<number, number[]>([...loads.keys()].map((worker) => [worker, []]))
  const homeless: number[] = []
  for (const index of indices) {
    const { worker } = units[index]!
    const kept = worker === undefined ? undefined : own.get(worker)
    if (kept === undefined) homeless.push(index)
    else kept.push(index)
  }
  const share = Math.floor(indices.length / loads.size)
  let over = indices.length % loads.size
  // Those that have more than their share keep it first where they have least beside it.
  const byLoad = [...own].sort(
    ([left, mine], [right, theirs]) =>
      theirs.length - mine.length || loads.get(left)! - loads.get(right)! || left - right,
  )
  const room = new Map<number, number>()
  for (const [worker, kept] of byLoad) {
    const most = kept.length > share && over > 0 ? share + 1 : share
    if (most > share) over -= 1
    homeless.push(...kept.splice(most))
    room.set(worker, share - kept.length)
  }
  // Who is not full takes what is left; the remainder goes one by one to the least loaded.
  for (const index of homeless) {
    const [worker] = [...own.keys()].sort(
      (left, right) =>
        room.get(right)! - room.get(left)! ||
        loads.get(left)! + own.get(left)!.length - (loads.get(right)! + own.get(right)!.length) ||
        left - right,
    )
    own.get(worker!)!.push(index)
    room.set(worker!, room.get(worker!)! - 1)
  }
  for (const [worker, kept] of own) {
    for (const index of kept) placed[index] = worker
    loads.set(worker, loads.get(worker)! + kept.length)
  }
}
