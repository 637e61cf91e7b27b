/** What the supervisor of lanes has changed, in words for people who watch a run. */
import type { Proposal } from '../ledger/proposal.ts'

const meanings: Partial<Record<Proposal['kind'], string>> = {
  cut: 'what lies behind is read in ranges',
  divert: 'a tenant reads apart',
  rejoin: 'a tenant has joined the others again',
}

/** `place`: spout and partition. `lanes`: how many there are now. */
export const supervisionText = (place: string, kinds: readonly Proposal['kind'][], lanes: number): string =>
  `${place}: ${kinds.map((kind) => meanings[kind] ?? kind).join(', ')} (${lanes} lanes now)`
