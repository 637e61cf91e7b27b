/**
 * One byte budget for everything that a process holds between log and stores (I-6).
 *
 * Holders say what they hold; a fetch asks before it reads. Above the pressure line the biggest open epochs are closed
 * early, above the budget nothing is fetched until something was written. Both lines derive from one knob.
 */
export interface CreditState {
  readonly budgetBytes: number
  readonly heldBytes: number
}

/** What lanes that are not live may hold together: the rest is kept for those that are. */
export const creditOfOthers = (budgetBytes: number, otherBytes: number, liveRatio: number): CreditState => ({
  budgetBytes: budgetBytes * (1 - liveRatio),
  heldBytes: otherBytes,
})

// Epochs close at three quarters, so that there is room for what is already being read while they are written.
const pressureRatio = 0.75

export const mayFetch = (credit: CreditState, wantedBytes: number): boolean =>
  credit.heldBytes === 0 || credit.heldBytes + wantedBytes <= credit.budgetBytes

export const isUnderPressure = (credit: CreditState): boolean => credit.heldBytes > credit.budgetBytes * pressureRatio

export interface Holder {
  readonly id: string
  readonly openBytes: number
}

/** Which open epochs close under pressure: the biggest first, until what remains open fits under half of the budget. */
export const epochsToClose = (credit: CreditState, holders: readonly Holder[]): readonly string[] => {
  if (!isUnderPressure(credit)) return []
  const bySize = holders
    .filter((holder) => holder.openBytes > 0)
    .sort((left, right) => right.openBytes - left.openBytes)
  const chosen: string[] = []
  let openBytes = bySize.reduce((sum, holder) => sum + holder.openBytes, 0)
  for (const holder of bySize) {
    if (openBytes <= credit.budgetBytes / 2 && chosen.length > 0) break
    chosen.push(holder.id)
    openBytes -= holder.openBytes
  }
  return chosen
}
