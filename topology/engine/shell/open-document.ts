/**
 * The ledger document that an owner begins with: the one that is there, else the first one, which it creates. Makes sure
 * that document and log belong together (I-1): the same log, and no position that the log does not have.
 */
import { errors } from '../../model/errors.ts'
import type { LedgerDocument } from '../../model/ledger-document.ts'
import type { EventLog } from '../../model/ports/event-log.ts'
import type { Ledger, LedgerKey } from '../../model/ports/ledger.ts'
import { emptyDocument, lanePosition } from '../ledger/document.ts'
import { laneBases } from '../ledger/lane-bases.ts'
import type { EngineParts } from './engine-parts.ts'
import { persist } from './persist.ts'

/** Where the log begins for this topology, and what the numbers of the spout's lanes begin at: asked for a first document only. */
export interface FirstDocument {
  readonly startAt: () => Promise<number>
  readonly laneBase: (spout: string) => Promise<number>
}

/** Throws `logChanged` (stop) when the document belongs to another log. */
export const openDocument = async (
  parts: EngineParts,
  signal: AbortSignal,
  log: EventLog,
  key: LedgerKey,
  begin: FirstDocument,
): Promise<LedgerDocument> => {
  const { ledger } = parts.resources
  const doc = await persist(parts, 'ledger', signal, async () => {
    const found = await ledger.read(key)
    if (found !== undefined) return found
    const first = { ...emptyDocument(log.id, await begin.startAt(), await begin.laneBase(key.spout)), ver: 1 }
    await ledger.compareAndSet(key, undefined, first)
    return (await ledger.read(key)) ?? first
  })
  if (doc.log !== log.id) throw errors.logChanged({ topology: key.topology, expected: doc.log, found: log.id })
  return doc
}

/** Looks the bases up once per run: spouts that no document knows yet get theirs together, in the order of the plans. */
export const lookUpLaneBases = (parts: EngineParts): ((spout: string) => Promise<number>) => {
  let bases: Promise<ReadonlyMap<string, number>> | undefined
  const lookUp = async (): Promise<ReadonlyMap<string, number>> =>
    laneBases(
      await usedLanes(parts.resources.ledger, parts.topology.name),
      parts.plans.map((plan) => plan.spout.name),
    )
  return async (spout) => {
    bases ??= lookUp().catch((error: unknown) => {
      bases = undefined
      throw error
    })
    return (await bases).get(spout)!
  }
}

const usedLanes = async (
  ledger: Ledger,
  topology: string,
): Promise<{ readonly spout: string; readonly nextLane: number }[]> => {
  const used: { spout: string; nextLane: number }[] = []
  for (const key of await ledger.keys(topology)) {
    const doc = await ledger.read(key)
    if (doc !== undefined) used.push({ spout: key.spout, nextLane: doc.nextLane })
  }
  return used
}

/** Throws `logBeyondEnd` (stop) when a lane has passed the end of the log: it would wait there, and look caught up. */
export const checkLanesWithin = (doc: LedgerDocument, log: EventLog, partition: number, end: number): void => {
  const reached = Math.max(0, ...Object.values(doc.lanes).map(lanePosition))
  if (reached > end) throw errors.logBeyondEnd({ log: log.topic, partition, offset: reached, end })
}
