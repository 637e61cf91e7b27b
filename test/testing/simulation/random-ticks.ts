/** Random ticks of a ledger document: several proposals of lanes, supervisors and deletes go into one version. */
import { applyProposal } from '../../../topology/engine/ledger/apply-proposal.ts'
import { archivable } from '../../../topology/engine/ledger/archive-transition.ts'
import { entryOffset } from '../../../topology/engine/ledger/delete-entries.ts'
import type { Proposal } from '../../../topology/engine/ledger/proposal.ts'
import type { DeleteBlock, LedgerDocument } from '../../../topology/model/ledger-document.ts'
import type { Random } from '../../../topology/model/ports/random.ts'
import { commit, granted, type Move, proposalOf, tenants } from '../../engine/ledger/given-documents.ts'

/** The next version after proposals that are all granted. */
export const ticked = (doc: LedgerDocument, ...proposals: readonly Proposal[]): LedgerDocument => ({
  ...granted(doc, ...proposals),
  ver: doc.ver + 1,
})

const others = ['list', 'work', 'deadLetter', 'archive', 'moveStart'] as const
// By how often they are drawn.
const moves = ['declare', 'declare', 'declare', 'commit', 'commit', 'commit', 'cut', 'divert', 'rejoin'] as const
const kinds = [
  'move',
  'move',
  'move',
  'move',
  'list',
  'work',
  'work',
  'work',
  'deadLetter',
  'archive',
  'moveStart',
] as const

interface Action {
  readonly move: Move
  readonly other: (typeof others)[number] | undefined
}

const anyAction = (random: Random): Action => {
  const below = (bound: number): number => Math.floor(random.next() * bound)
  const kind = kinds[below(kinds.length)]!
  const move = below(60) === 0 ? 'skip' : moves[below(moves.length)]!
  const tenant = tenants[below(tenants.length)]!
  return {
    move: { kind: move, pick: below(30), other: below(30), step: below(7), slot: below(4), tenant },
    other: kind === 'move' ? undefined : kind,
  }
}

/** One to four actions of the same moment. */
export const anyTick = (random: Random): readonly Action[] =>
  Array.from({ length: 1 + Math.floor(random.next() * 4) }, () => anyAction(random))

/**
 * As the ledger writer does it: what the document refuses is left out, deletes are listed last. Nobody commits what was
 * declared in the same tick.
 */
export const tick = (doc: LedgerDocument, actions: readonly Action[]): LedgerDocument => {
  let next = doc
  const isListing = ({ other }: Action): boolean => other === 'list'
  for (const action of [...actions.filter((one) => !isListing(one)), ...actions.filter(isListing)]) {
    const proposal = proposalFor(doc, next, action)
    const step = proposal === undefined ? 'absent' : applyProposal(next, proposal)
    if (typeof step !== 'string') next = step
  }
  return { ...next, ver: doc.ver + 1 }
}

const proposalFor = (doc: LedgerDocument, next: LedgerDocument, { move, other }: Action): Proposal | undefined => {
  if (other !== undefined) return otherProposal(doc, next, move, other)
  const proposal = proposalOf(next, move)
  if (proposal?.kind !== 'commit' && proposal?.kind !== 'declare') return proposal
  const lane = doc.lanes[proposal.lane]
  if (lane === undefined) return undefined
  // What an owner computed rests on the version that it has read.
  if (proposal.kind === 'declare') return { ...proposal, rules: doc.rules }
  const received = Math.min(move.step, (lane.declared ?? lane.at) - lane.at)
  return lane.declared === null
    ? undefined
    : commit(doc, proposal.lane, { received, applied: received, deadLettered: 0, dropped: 0 })
}

const otherProposal = (
  doc: LedgerDocument,
  next: LedgerDocument,
  { pick, other, tenant }: Move,
  kind: (typeof others)[number],
): Proposal | undefined => {
  const sinks = Object.keys(doc.sinks)
  const offset = pick * 2
  switch (kind) {
    case 'list':
      return listing(offset)
    case 'deadLetter':
      return { kind: 'deadLetter', sinks: [sinks[other % sinks.length]!], offsets: [offset], tenants: [tenant] }
    case 'work':
      return workProposal(doc, pick, sinks[other % sinks.length]!)
    case 'archive':
      return doc.nextDelete === next.nextDelete ? archiving(doc) : undefined
    case 'moveStart':
      return { kind: 'moveStart', start: pick }
    default:
      return kind satisfies never
  }
}

/** A delete record at an offset. */
export const listing = (offset: number): Proposal => ({
  kind: 'registerDeletes',
  offsets: [[offset, offset + 1]],
  records: 1,
  stored: `text ${offset}`,
  isById: false,
  eventStore: 'store',
})

/** The next thing to do about a delete on a sink. */
export const workProposal = (doc: LedgerDocument, pick: number, sink: string): Proposal | undefined => {
  const entry = doc.deletes[pick % Math.max(1, doc.deletes.length)]
  const work = entry?.work[sink]
  if (entry === undefined || work === undefined || work.state === 'done') return undefined
  const place = { entry: entry.n, sink, eventStore: 'store' }
  if (work.state === 'waiting') return { kind: 'startDelete', ...place }
  const [home] = work.todo
  if (home === undefined) return { kind: 'finishDelete', ...place }
  const { at, declared, seq, todo } = work
  if (declared === null)
    return { kind: 'declareDelete', ...place, at, to: Math.min(home.to, at + 1 + (pick % 4)), left: todo.length }
  return { kind: 'commitDelete', ...place, at, to: declared, seq, left: todo.length, retracted: 1, expired: 0 }
}

const archiving = (doc: LedgerDocument): Proposal | undefined => {
  const entries = archivable(doc)
  if (entries.length === 0) return undefined
  const replaced = doc.archive.slice(-1)
  const offsets = entries.map(entryOffset)
  const block: DeleteBlock = {
    stored: `block of ${entries.map(({ n }) => n).join()}`,
    entries: entries.length + replaced.reduce((sum, one) => sum + one.entries, 0),
    records: entries.length,
    from: Math.min(...offsets, ...replaced.map(({ from }) => from)),
    to: Math.max(...offsets.map((one) => one + 1), ...replaced.map(({ to }) => to)),
    reach: [0, Math.max(...offsets)],
    bytes: 1,
  }
  return {
    kind: 'archiveDeletes',
    block,
    entries: entries.map(({ n }) => n),
    replaced: replaced.map(({ stored }) => stored),
  }
}
