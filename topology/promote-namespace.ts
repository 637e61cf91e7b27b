/**
 * Makes the result of a replay the one that readers see: one compare-and-set on the document of `catalogueKey`, so that
 * all readers see all of its sinks, or none. Two at once: one wins, the other is judged anew by what then holds.
 *
 * Whether it may be is asked of the ledger right before. What is committed there only grows, so it holds afterwards too.
 */

import { changeDocument, type DocumentPorts, withPatience } from './change-document.ts'
import { isPartial, isPassing, judgePromotion, type PromotionObstacle } from './engine/ledger/judge-promotion.ts'
import { sinksOfNamespace, withoutNamespace, withoutSinks, withPromoted } from './engine/ledger/replay-transitions.ts'
import { errors } from './model/errors.ts'
import type { LedgerDocument } from './model/ledger-document.ts'
import { liveNamespace, namespacedSink } from './model/namespace.ts'
import { plantedFaults } from './model/planted-faults.ts'
import type { Ledger, LedgerKey } from './model/ports/ledger.ts'
import { changeServed, readServed, type Served } from './served.ts'

export interface PromotionRequest {
  /** `live`: the declared sinks. `undo`: what was read before the last change. */
  readonly to: { readonly namespace: string } | 'undo'
  /** Declared sinks that stay as they are read now. */
  readonly leave: readonly string[]
  /** Also where readers will see less than now. */
  readonly isPartial: boolean
  readonly by: string
  readonly reason: string
}

export interface FoundObstacle {
  readonly key: LedgerKey
  readonly obstacle: PromotionObstacle
}

export type Promotion =
  | { readonly kind: 'done'; readonly isChanged: boolean; readonly before: Served; readonly after: Served }
  | { readonly kind: 'refused'; readonly obstacles: readonly FoundObstacle[]; readonly isPassing: boolean }

/** Throws `badConfiguration` for a namespace that there is not, or when there is nothing to undo. */
export const promoteNamespace = async (
  ports: DocumentPorts,
  topology: string,
  request: PromotionRequest,
  signal: AbortSignal,
): Promise<Promotion> => {
  let obstacles: readonly FoundObstacle[] = []
  const change = async (served: Served): Promise<Served> => {
    const docs = await readDocuments(ports.ledger, topology)
    const sinks = nextSinks(docs, served, request)
    obstacles = judgeAll(docs, served, sinks).filter(({ obstacle }) => !request.isPartial || !isPartial(obstacle))
    if (obstacles.length > 0 || isSame(served.sinks, sinks)) return served
    const { by, reason } = request
    return { ...served, sinks, before: served.sinks, atMs: Math.max(ports.clock.nowMs(), served.atMs + 1), by, reason }
  }
  const { before, after } = await withPatience(ports, signal, () => changeServed(ports.ledger, topology, change))
  if (obstacles.length > 0)
    return { kind: 'refused', obstacles, isPassing: obstacles.every(({ obstacle }) => isPassing(obstacle)) }
  await markPromoted(ports, topology, signal)
  return { kind: 'done', isChanged: before !== after, before, after }
}

type Documents = ReadonlyMap<LedgerKey, LedgerDocument>

const readDocuments = async (ledger: Ledger, topology: string): Promise<Documents> => {
  const docs = new Map<LedgerKey, LedgerDocument>()
  for (const key of await ledger.keys(topology)) {
    const doc = await ledger.read(key)
    if (doc !== undefined) docs.set(key, doc)
  }
  return docs
}

const nextSinks = (docs: Documents, served: Served, { to, leave }: PromotionRequest): Served['sinks'] => {
  if (to === 'undo') {
    if (served.atMs === 0) throw errors.badConfiguration({ problem: 'nothing was promoted yet' })
    return served.before
  }
  const kept = Object.fromEntries(Object.entries(served.sinks).filter(([sink]) => leave.includes(sink)))
  const { namespace } = to
  if (namespace === liveNamespace) return kept
  const held = new Set<string>()
  for (const doc of docs.values()) for (const [, { replay }] of sinksOfNamespace(doc, namespace)) held.add(replay.of)
  if (held.size === 0 || served.dropped.includes(namespace))
    throw errors.badConfiguration({ problem: `there is no namespace ${namespace}` })
  // What is read now and not held by it is asked of it as well, and found missing.
  const names = [...new Set([...held, ...namesRead(docs, served)])].filter((sink) => !leave.includes(sink))
  return { ...kept, ...Object.fromEntries(names.map((sink) => [sink, namespace])) }
}

/** Declared sinks that readers see now, those of the user's own left out: no replay has them. */
const namesRead = (docs: Documents, served: Served): ReadonlySet<string> => {
  const names = new Set(Object.keys(served.sinks))
  for (const doc of docs.values())
    for (const [name, { replay, retired, kind }] of Object.entries(doc.sinks))
      if (replay === undefined && !retired && kind !== 'custom') names.add(name)
  return names
}

const judgeAll = (docs: Documents, served: Served, next: Served['sinks']): readonly FoundObstacle[] => {
  if (plantedFaults.has('promoted-unjudged')) return []
  const names = new Set([...namesRead(docs, served), ...Object.keys(next)])
  return [...docs].flatMap(([key, doc]) =>
    [...names].flatMap((sink) => {
      const [nowName, nextName] = [served.sinks[sink], next[sink]].map((one) => namespacedSink(sink, one))
      // Struck out, and perhaps not yet out of service everywhere.
      if (nowName !== nextName && served.dropped.includes(droppedName(sink, next[sink])))
        return [{ key, obstacle: { kind: 'retired', sink: nextName! } as const }]
      return judgePromotion(doc, nowName!, nextName!).map((obstacle) => ({ key, obstacle }))
    }),
  )
}

const isSame = (left: Served['sinks'], right: Served['sinks']): boolean => {
  const names = Object.keys(left)
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name])
}

/** Tells every partition what readers see. Whoever is broken off here is completed by the next run, or by asking again. */
export const markPromoted = async (ports: DocumentPorts, topology: string, signal: AbortSignal): Promise<void> => {
  const { sinks } = await readServed(ports.ledger, topology)
  for (const key of await ports.ledger.keys(topology))
    await changeDocument(ports, key, signal, (doc) => withPromoted(doc, sinks))
}

/** A namespace is struck out as a whole, declared sinks one by one. */
const droppedName = (sink: string, namespace: string | undefined): string =>
  namespace ?? namespacedSink(sink, liveNamespace)

/**
 * Takes the declared sinks out of service that readers see in a namespace. Throws `badConfiguration` where there is none.
 */
export const dropLive = async (
  ports: DocumentPorts,
  topology: string,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  let names: readonly string[] = []
  const strike = (served: Served): Served => {
    names = Object.keys(served.sinks).sort()
    if (names.length === 0)
      throw errors.badConfiguration({ problem: 'readers see the declared sinks; `topology promote` a namespace first' })
    const dropped = names.map((sink) => droppedName(sink, undefined)).filter((one) => !served.dropped.includes(one))
    return dropped.length === 0 ? served : { ...served, dropped: [...served.dropped, ...dropped] }
  }
  await withPatience(ports, signal, () => changeServed(ports.ledger, topology, strike))
  for (const key of await ports.ledger.keys(topology))
    await changeDocument(ports, key, signal, (doc) => withoutSinks(doc, names))
  return names
}

/**
 * Takes a namespace out of service for good. First its name is struck out where promotions are decided, so that none can
 * come between. Throws `badConfiguration` while readers see it, or for one that there is not.
 */
export const dropNamespace = async (
  ports: DocumentPorts,
  topology: string,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const docs = await readDocuments(ports.ledger, topology)
  const isOf = (doc: LedgerDocument): readonly string[] =>
    Object.entries(doc.sinks).flatMap(([name, { replay }]) => (replay?.namespace === namespace ? [name] : []))
  const names = new Set([...docs.values()].flatMap(isOf))
  if (names.size === 0) throw errors.badConfiguration({ problem: `there is no namespace ${namespace}` })
  const strike = (served: Served): Served => {
    if (Object.values(served.sinks).includes(namespace))
      throw errors.badConfiguration({
        problem: `readers see namespace ${namespace}; \`topology promote\` another one first, or \`topology promote live\``,
      })
    if (served.dropped.includes(namespace)) return served
    // The way back does not lead to it any more.
    const before = Object.fromEntries(Object.entries(served.before).filter(([, one]) => one !== namespace))
    return { ...served, before, dropped: [...served.dropped, namespace] }
  }
  await withPatience(ports, signal, () => changeServed(ports.ledger, topology, strike))
  for (const key of docs.keys()) await changeDocument(ports, key, signal, (doc) => withoutNamespace(doc, namespace))
  return [...names].sort()
}
