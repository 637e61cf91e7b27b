/**
 * Makes the result of a replay the one that readers see: one compare-and-set on the document of `catalogueKey`, so that
 * all readers see all of its sinks, or none. Two at once: one wins, the other is judged anew by what then holds. A reply
 * that is lost is asked for again, and what was changed then is known by who changed it and when.
 *
 * Whether it may be is asked of the ledger right before. What is committed there only grows, but the delete list grows
 * too: it is asked once more right after, and where a delete came between, readers are led back (I-3).
 */

import { changeDocument, type DocumentPorts, withPatience } from './change-document.ts'
import {
  isPartial,
  isPassing,
  judgePromotion,
  type PromotionObstacle,
  seenAgain,
} from './engine/ledger/judge-promotion.ts'
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

type Change = { readonly before: Served; readonly after: Served }

/** Throws `badConfiguration` for a namespace that there is not, or when there is nothing to undo. */
export const promoteNamespace = async (
  ports: DocumentPorts,
  topology: string,
  request: PromotionRequest,
  signal: AbortSignal,
): Promise<Promotion> => {
  let obstacles: readonly FoundObstacle[] = []
  let first: Served | undefined
  let tried: Change | undefined
  const nowMs = ports.clock.nowMs()
  const change = async (served: Served): Promise<Served> => {
    if (tried !== undefined && isSameChange(served, tried.after)) return served
    first ??= served
    const docs = await readDocuments(ports.ledger, topology)
    const sinks = nextSinks(docs, served, first, request)
    obstacles = judgeAll(docs, served, sinks).filter(({ obstacle }) => !request.isPartial || !isPartial(obstacle))
    if (obstacles.length > 0 || isSame(served.sinks, sinks)) return served
    const { by, reason } = request
    const after = { ...served, sinks, before: served.sinks, atMs: Math.max(nowMs, served.atMs + 1), by, reason }
    tried = { before: served, after }
    return after
  }
  const { after } = await withPatience(ports, signal, () => changeServed(ports.ledger, topology, change))
  if (obstacles.length > 0) return refused(obstacles)
  const own = tried !== undefined && isSameChange(after, tried.after) ? tried : undefined
  if (own !== undefined) {
    const again = await findSeenAgain(ports, topology, own, signal)
    if (again.length > 0 && (await leadBack(ports, topology, own, signal))) return refused(again)
  }
  await markPromoted(ports, topology, signal)
  return { kind: 'done', isChanged: own !== undefined, before: own?.before ?? after, after }
}

const refused = (obstacles: readonly FoundObstacle[]): Promotion => ({
  ...{ kind: 'refused', obstacles, isPassing: obstacles.every(({ obstacle }) => isPassing(obstacle)) },
})

/** Events that readers have been led to again, because a delete came between the judgement and the change. */
const findSeenAgain = async (
  ports: DocumentPorts,
  topology: string,
  { before, after }: Change,
  signal: AbortSignal,
): Promise<readonly FoundObstacle[]> => {
  if (plantedFaults.has('promoted-unjudged')) return []
  const docs = await withPatience(ports, signal, () => readDocuments(ports.ledger, topology))
  const names = [...new Set([...namesRead(docs, before), ...Object.keys(after.sinks)])]
  return [...docs].flatMap(([key, doc]) =>
    names.flatMap((name) => {
      const sink = namespacedSink(name, after.sinks[name])
      const entries = seenAgain(doc, namespacedSink(name, before.sinks[name]), sink)
      return entries === 0 ? [] : [{ key, obstacle: { kind: 'deletes', sink, entries } as const }]
    }),
  )
}

/** Whether readers see again what they saw: not where somebody has changed it since, or that has left service. */
const leadBack = async (
  ports: DocumentPorts,
  topology: string,
  { before, after }: Change,
  signal: AbortSignal,
): Promise<boolean> => {
  const names = [...Object.keys(before.sinks), ...Object.keys(after.sinks)]
  const change = (served: Served): Served => {
    const { dropped, atMs } = served
    if (!isSameChange(served, after)) return served
    if (names.some((sink) => dropped.includes(droppedName(sink, before.sinks[sink])))) return served
    const way = Object.fromEntries(Object.entries(before.before).filter(([, one]) => !dropped.includes(one)))
    return { ...before, before: way, dropped, atMs: atMs + 1 }
  }
  const { after: now } = await withPatience(ports, signal, () => changeServed(ports.ledger, topology, change))
  return isSame(now.sinks, before.sinks)
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

/** The way back is that of what was read `first`: whoever else goes back meanwhile has gone it for us. */
const nextSinks = (
  docs: Documents,
  served: Served,
  first: Served,
  { to, leave }: PromotionRequest,
): Served['sinks'] => {
  if (to === 'undo') {
    if (first.atMs === 0) throw errors.badConfiguration({ problem: 'nothing was promoted yet' })
    return first.before
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

const isSameChange = (left: Served, right: Served): boolean =>
  left.atMs === right.atMs && left.by === right.by && left.reason === right.reason && isSame(left.sinks, right.sinks)

/**
 * Tells every partition what readers see. Whoever is broken off here is completed by the next run, or by asking again;
 * whoever was overtaken by another change tells them of that one.
 */
export const markPromoted = async (ports: DocumentPorts, topology: string, signal: AbortSignal): Promise<void> => {
  const { ledger } = ports
  const read = (): Promise<Served> => withPatience(ports, signal, () => readServed(ledger, topology))
  let { sinks } = await read()
  for (;;) {
    const told = sinks
    for (const key of await withPatience(ports, signal, () => ledger.keys(topology)))
      await changeDocument(ports, key, signal, (doc) => withPromoted(doc, told))
    sinks = (await read()).sinks
    if (isSame(sinks, told)) return
  }
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
  // Asked again: a partition that has come since may hold it too.
  for (const key of await withPatience(ports, signal, () => ports.ledger.keys(topology)))
    await changeDocument(ports, key, signal, (doc) => withoutNamespace(doc, namespace))
  return [...names].sort()
}
