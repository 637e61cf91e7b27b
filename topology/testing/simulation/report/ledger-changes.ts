/**
 * What one compare-and-set has changed in a ledger document, in sentences: the decisions of a history. A change that no
 * sentence here knows is told as the growth of `rules`, so nothing that decides content goes by in silence (I-4).
 */
import type { DeleteEntry, DeleteWork, LaneState, LedgerDocument, TenantScope } from '../../../model/ledger-document.ts'

/** `before` absent: the first document. */
export const ledgerChanges = (before: LedgerDocument | undefined, after: LedgerDocument): readonly string[] => {
  if (before === undefined) {
    const lanes = Object.entries(after.lanes).map(([id, lane]) => `lane ${id} of ${lane.sink} ${rangeOf(lane)}`)
    return [`writes the first document${lanes.length === 0 ? '' : `: ${lanes.join(', ')}`}`]
  }
  const found = [
    ...progressOf(before, after),
    ...lanesChanged(before, after),
    ...deletesOf(before, after),
    ...deadLettersOf(before, after),
    ...sinksOf(before, after),
  ]
  return found.length === 0 && after.rules !== before.rules ? [`raises rules to ${after.rules}`] : found
}

const rangeOf = ({ from, to }: { readonly from: number; readonly to: number | null }): string =>
  `[${from}, ${to ?? '...'})`

const scopeText = (tenants: TenantScope): string => {
  if (tenants.kind === 'all') return ''
  return tenants.kind === 'only' ? ` of ${tenants.names.join(', ')}` : ` of all but ${tenants.names.join(', ')}`
}

const laneName = (id: string, lane: LaneState): string => `lane ${id} of ${lane.sink}`

/** Epochs that ended and epochs that began; one change may hold both of one lane. */
const progressOf = (before: LedgerDocument, after: LedgerDocument): readonly string[] => {
  const found: string[] = []
  for (const [id, old] of Object.entries(before.lanes)) {
    const lane = after.lanes[id]
    // A lane that is gone has reached its end, or was cut where it stood.
    if (old.declared !== null && (lane === undefined || lane.at > old.at))
      found.push(`commits epoch ${old.seq} of ${old.sink}, lane ${id}, slot ${old.slot}: [${old.at}, ${old.declared})`)
  }
  for (const [id, lane] of Object.entries(after.lanes)) {
    const old = before.lanes[id]
    if (lane.declared !== null && (old?.declared !== lane.declared || old.seq !== lane.seq))
      found.push(
        `declares epoch ${lane.seq} of ${lane.sink}, lane ${id}, slot ${lane.slot}: [${lane.at}, ${lane.declared})`,
      )
  }
  return found
}

const lanesChanged = (before: LedgerDocument, after: LedgerDocument): readonly string[] => {
  const found: string[] = []
  for (const [id, old] of Object.entries(before.lanes)) {
    const lane = after.lanes[id]
    if (lane === undefined) {
      if (old.declared === null) found.push(`ends ${laneName(id, old)} at ${old.at}`)
    } else if (lane.to !== old.to) found.push(`cuts ${laneName(id, old)} at ${String(lane.to)}`)
  }
  for (const [id, lane] of Object.entries(after.lanes))
    if (before.lanes[id] === undefined)
      found.push(`opens ${laneName(id, lane)}, slot ${lane.slot}: ${rangeOf(lane)}${scopeText(lane.tenants)}`)
  return found
}

const deletesOf = (before: LedgerDocument, after: LedgerDocument): readonly string[] => {
  const found: string[] = []
  const known = new Map(before.deletes.map((entry) => [entry.n, entry]))
  for (const entry of after.deletes) {
    const old = known.get(entry.n)
    known.delete(entry.n)
    if (old === undefined)
      found.push(`lists delete ${entry.n}: ${recordsText(entry)}; taken before: ${coverText(entry)}`)
    else found.push(...workChanges(old, entry))
  }
  for (const entry of known.values()) found.push(`moves delete ${entry.n} to the archive`)
  return found
}

const recordsText = (entry: DeleteEntry): string =>
  `the records at ${entry.offsets.map(([from, to]) => (to === from + 1 ? `${from}` : `${from} to ${to - 1}`)).join(', ')}`

const coverText = (entry: DeleteEntry): string => {
  const parts = Object.entries(entry.cover).flatMap(([sink, segments]) =>
    segments.length === 0
      ? []
      : [`${segments.map((one) => rangeOf(one) + scopeText(one.tenants)).join(' ')} by ${sink}`],
  )
  return parts.length === 0 ? 'nothing' : parts.join(', ')
}

const workChanges = (old: DeleteEntry, entry: DeleteEntry): readonly string[] =>
  Object.entries(entry.work).flatMap(([sink, work]) => {
    const was = old.work[sink]
    const found = was === undefined ? [] : workChange(was, work)
    return found.map((text) => `${text} of delete ${entry.n} on ${sink}`)
  })

const workChange = (was: DeleteWork, work: DeleteWork): readonly string[] => {
  const found: string[] = []
  if (was.state === 'waiting' && work.state !== 'waiting') found.push('starts the work')
  const hasMoved = work.at !== was.at || work.seq !== was.seq || work.todo.length !== was.todo.length
  const isOver = work.state === 'done' && was.state !== 'done'
  if (was.declared !== null && (hasMoved || isOver || work.declared === null))
    found.push(`commits epoch ${was.seq}: [${was.at}, ${was.declared})`)
  if (work.declared !== null && (was.declared !== work.declared || was.seq !== work.seq))
    found.push(`declares epoch ${work.seq}: [${work.at}, ${work.declared})`)
  if (isOver) found.push('ends the work')
  return found
}

const deadLettersOf = (before: LedgerDocument, after: LedgerDocument): readonly string[] =>
  Object.entries(after.deadLetters).flatMap(([sink, ranges]) => {
    const old = JSON.stringify(before.deadLetters[sink] ?? [])
    if (old === JSON.stringify(ranges)) return []
    return [`dead-letters for ${sink}: ${ranges.map(([from, to]) => rangeOf({ from, to })).join(' ')} by now`]
  })

const sinksOf = (before: LedgerDocument, after: LedgerDocument): readonly string[] => [
  ...Object.entries(after.sinks).flatMap(([name, sink]) =>
    before.sinks[name] === undefined ? [`adds the sink ${name}: ${rangeOf(sink)}`] : [],
  ),
  ...(after.lost ?? [])
    .slice(before.lost?.length ?? 0)
    .map((lost) => `lets ${rangeOf(lost)} of ${lost.sink} go: the log has dropped it`),
]
