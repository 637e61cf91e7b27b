/**
 * Which faults a history has, and how often: some kinds are off altogether, and the rest come rarely or often. Histories
 * with few kinds reach states that the noise of all of them together hides.
 */
import type { Random } from '../../../model/ports/random.ts'
import { type FaultKind, faultKinds } from './fault-kinds.ts'

export type Swarm = Readonly<Partial<Record<FaultKind, number>>>

/** Highest chance of each kind: of a call that it may befall, of an action in one step of the chaos phase. */
const most: Readonly<Record<FaultKind, number>> = {
  crash: 0.04,
  freeze: 0.05,
  stop: 0.03,
  pressure: 0.08,
  // Of a process at its birth.
  clockSkew: 0.8,
  clockJump: 0.03,
  diskFull: 0.25,
  boltAway: 0.15,
  tune: 0.04,
  fetchFails: 0.08,
  fetchShort: 0.2,
  fetchEmpty: 0.1,
  appendReplyLost: 0.5,
  retention: 0.1,
  gap: 0.03,
  rebalance: 0.06,
  zombieMember: 0.5,
  commitReplyLost: 0.4,
  election: 0.02,
  lateWrite: 0.4,
  lostWrite: 0.3,
  throttle: 0.1,
  timeoutApplied: 0.2,
  ledgerLost: 0.03,
  ledgerReplyLost: 0.1,
  ledgerLate: 0.1,
  objectBefore: 0.25,
  objectAfter: 0.4,
  objectLate: 0.4,
  objectSlow: 0.4,
  cut: 0.05,
  divert: 0.03,
  rejoin: 0.08,
  deadLetter: 0.04,
  replay: 0.03,
  pauseSink: 0.03,
  pauseDelete: 0.04,
  slow: 0.06,
  tenantRule: 0.08,
  drain: 0.02,
  promote: 0.03,
  workerCrash: 0.04,
  workerFreeze: 0.03,
  workerDrain: 0.03,
  workerCount: 0.02,
  // They follow from what else happens.
  ownCut: 0,
  ownDivert: 0,
  ownRejoin: 0,
}

// Shares of the kinds that are on.
const densities = [0.2, 0.5, 0.8]

/** Same numbers for every kind, muted or not: a muted kind changes no other. */
export const drawSwarm = (random: Random, muted: ReadonlySet<FaultKind> | undefined): Swarm => {
  const density = densities[Math.floor(random.next() * densities.length)]!
  const swarm: Partial<Record<FaultKind, number>> = {}
  for (const kind of faultKinds) {
    const isOn = random.next() < density
    const share = random.next()
    if (isOn && muted?.has(kind) !== true) swarm[kind] = share * most[kind]
  }
  return swarm
}
