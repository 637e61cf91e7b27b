/** What `replay` shows: the ranges that it reads, and per sink what became of their records. */

import { addCounters } from '../engine/ledger/document.ts'
import { namespacesIn, type ReplayedSink, replayProgress } from '../engine/ledger/replay-progress.ts'
import { formatTime } from '../model/event-time.ts'
import type { JsonObject } from '../model/json.ts'
import type { ReplayRequest } from '../model/ledger-document.ts'
import { namespacedSink } from '../model/namespace.ts'
import type { Ledger } from '../model/ports/ledger.ts'
import type { ReplayPlan } from '../plan-replay.ts'
import type { Talk } from './talk.ts'
import { formatNumber, plural, textTable } from './text-table.ts'

export interface ReplayReport {
  readonly planned: ReplayPlan
  readonly state: 'planned' | 'open' | 'done'
  /** Of all partitions, by the declared sink. */
  readonly sinks: ReadonlyMap<string, ReplayedSink>
}

const noneYet = (of: string, offsets: number): ReplayedSink => ({
  of,
  counters: { received: 0, applied: 0, deadLettered: 0, dropped: 0 },
  offsets,
  committed: 0,
  isDone: false,
})

/** How far the ledger says that it is. `otherwise`: the state while it is not done. */
export const readReplay = async (
  ledger: Ledger,
  planned: ReplayPlan,
  otherwise: 'planned' | 'open',
): Promise<ReplayReport> => {
  const sinks = new Map<string, ReplayedSink>()
  for (const { key, sinks: bases, from, to, end } of planned.parts) {
    const doc = await ledger.read(key)
    const found = doc === undefined ? [] : replayProgress(doc, planned.request.namespace, end)
    for (const { name } of bases) {
      const part = found.find(({ of }) => of === name) ?? noneYet(name, to - from)
      const before = sinks.get(name)
      sinks.set(name, before === undefined ? part : joined(before, part))
    }
  }
  const isDone = [...sinks.values()].every((one) => one.isDone)
  return { planned, state: isDone ? 'done' : otherwise, sinks }
}

const joined = (left: ReplayedSink, right: ReplayedSink): ReplayedSink => ({
  of: left.of,
  counters: addCounters(left.counters, right.counters),
  offsets: left.offsets + right.offsets,
  committed: left.committed + right.committed,
  isDone: left.isDone && right.isDone,
})

/** Share of the offsets of all sinks that is committed. */
export const replayShare = ({ sinks }: ReplayReport): number => {
  let [offsets, committed] = [0, 0]
  for (const sink of sinks.values()) {
    offsets += sink.offsets
    committed += sink.committed
  }
  return offsets === 0 ? 1 : committed / offsets
}

/** Of the sink that is furthest behind. */
export const committedIn = ({ sinks }: ReplayReport): { readonly committed: number; readonly offsets: number } => {
  const all = [...sinks.values()].sort((one, other) => one.committed - other.committed)
  return { committed: all[0]?.committed ?? 0, offsets: all[0]?.offsets ?? 0 }
}

/** One line before the work begins, and a warning where the log no longer has all of it. */
export const tellRange = (talk: Talk, { request, parts, leftOut }: ReplayPlan, rate?: number | null): void => {
  const records = parts.reduce((sum, part) => sum + part.to - part.from, 0)
  const pace = typeof rate === 'number' ? `, at most ${formatNumber(rate)} a second` : ''
  talk.info(`replay ${request.namespace}: ${plural(records, 'record')} appended ${rangeText(request)}${pace}`)
  if (leftOut.length > 0)
    talk.warn(
      `left out: ${leftOut.join(', ')}: a sink of your own knows of no namespace, and would write over what is live`,
    )
  for (const { topic, key, from } of parts.filter((part) => part.isCut))
    talk.warn(`${topic}/${key.partition} begins at offset ${from}: what was appended before is not replayed`)
}

/** `from 2026-03-01... to 2026-03-08...`, `from the beginning on`. */
export const rangeText = ({ fromMs, toMs }: Pick<ReplayRequest, 'fromMs' | 'toMs'>): string => {
  const from = fromMs === 0 ? 'from the beginning' : `from ${formatTime(fromMs)}`
  return toMs === null ? `${from} on` : `${from} to ${formatTime(toMs)}`
}

export const replayText = ({ planned, sinks }: ReplayReport): string =>
  textTable(
    [
      { title: 'SINK' },
      { title: 'RECORDS', align: 'right' },
      { title: 'RECEIVED', align: 'right' },
      { title: 'APPLIED', align: 'right' },
      { title: 'DEAD LETTERS', align: 'right' },
      { title: 'DROPPED', align: 'right' },
    ],
    Array.from(sinks.values(), ({ of, offsets, counters }) => [
      namespacedSink(of, planned.request.namespace),
      formatNumber(offsets),
      formatNumber(counters.received),
      formatNumber(counters.applied),
      formatNumber(counters.deadLettered),
      formatNumber(counters.dropped),
    ]),
  )

export const replayJson = ({ planned, state, sinks }: ReplayReport): JsonObject => {
  const { namespace, fromMs, toMs, tenant, timeframe } = planned.request
  return {
    namespace,
    state,
    from: fromMs === 0 ? null : formatTime(fromMs),
    to: toMs === null ? null : formatTime(toMs),
    tenant: tenant ?? null,
    timeframe:
      timeframe === undefined ? null : { start: formatTime(timeframe.startMs), end: formatTime(timeframe.endMs) },
    partitions: planned.parts.map(({ key, from, to }) => ({ spout: key.spout, partition: key.partition, from, to })),
    sinks: Array.from(sinks.values(), ({ of, offsets, counters }) => ({
      sink: of,
      table: namespacedSink(of, namespace),
      records: offsets,
      received: counters.received,
      applied: counters.applied,
      dead_lettered: counters.deadLettered,
      dropped: counters.dropped,
    })),
  }
}

/** Namespaces of a topology, by name. */
export const readNamespaces = async (ledger: Ledger, topology: string): Promise<readonly string[]> => {
  const found = new Set<string>()
  for (const key of await ledger.keys(topology)) {
    const doc = await ledger.read(key)
    for (const name of doc === undefined ? [] : namespacesIn(doc)) found.add(name)
  }
  return [...found].sort()
}
