/** One place where every kind of proposal finds its transition. The compiler lists what is missing. */
import type { LedgerDocument } from '../../model/ledger-document.ts'
import { archiveDeletes } from './archive-transition.ts'
import {
  commitDelete,
  declareDelete,
  finishDelete,
  moveStart,
  registerDeletes,
  startDelete,
} from './delete-transitions.ts'
import { addSink, commit, cut, deadLetter, declare, divert, rejoin, retireSink, startLane } from './lane-transitions.ts'
import type { Proposal, Refusal } from './proposal.ts'
import { skip } from './skip-transition.ts'
import { carrySuspects, suspect } from './suspect-transition.ts'

export const applyProposal = (doc: LedgerDocument, proposal: Proposal): LedgerDocument | Refusal => {
  const next = apply(doc, proposal)
  return typeof next === 'string' ? next : carrySuspects(doc, next, proposal)
}

const apply = (doc: LedgerDocument, proposal: Proposal): LedgerDocument | Refusal => {
  switch (proposal.kind) {
    case 'addSink':
      return addSink(doc, proposal)
    case 'retireSink':
      return retireSink(doc, proposal)
    case 'startLane':
      return startLane(doc, proposal)
    case 'declare':
      return declare(doc, proposal)
    case 'commit':
      return commit(doc, proposal)
    case 'cut':
      return cut(doc, proposal)
    case 'divert':
      return divert(doc, proposal)
    case 'rejoin':
      return rejoin(doc, proposal)
    case 'deadLetter':
      return deadLetter(doc, proposal)
    case 'registerDeletes':
      return registerDeletes(doc, proposal)
    case 'startDelete':
      return startDelete(doc, proposal)
    case 'declareDelete':
      return declareDelete(doc, proposal)
    case 'commitDelete':
      return commitDelete(doc, proposal)
    case 'finishDelete':
      return finishDelete(doc, proposal)
    case 'archiveDeletes':
      return archiveDeletes(doc, proposal)
    case 'moveStart':
      return moveStart(doc, proposal)
    case 'suspect':
      return suspect(doc, proposal)
    case 'skip':
      return skip(doc, proposal)
    default:
      return proposal satisfies never
  }
}
