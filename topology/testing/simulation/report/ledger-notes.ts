/** What one who sets ledger documents decides, told against the document that it had before it. Used where a trace is read. */
import type { LedgerDocument } from '../../../model/ledger-document.ts'
import type { LedgerKey } from '../../../model/ports/ledger.ts'
import { ledgerChanges } from './ledger-changes.ts'

/** How a change is told that decides nothing. */
export const progressNote = 'notes progress'

export class LedgerNotes {
  readonly #seen = new Map<string, LedgerDocument>()

  /** It has read this document, or set it. */
  saw(key: LedgerKey, doc: LedgerDocument | undefined): void {
    if (doc !== undefined) this.#seen.set(placeOf(key, doc.ver), doc)
  }

  /** One line. `answer`: what became of it, where the one who asks knows. */
  told(key: LedgerKey, expectedVer: number | undefined, next: LedgerDocument, answer: string): string {
    const before = expectedVer === undefined ? undefined : this.#seen.get(placeOf(key, expectedVer))
    this.saw(key, next)
    const changes = before === undefined && expectedVer !== undefined ? [] : ledgerChanges(before, next)
    const what = changes.length === 0 ? progressNote : changes.join('; ')
    return `${what}${answer === 'applied' ? '' : ` (${answer})`} [${key.spout} ${key.partition}, version ${next.ver}]`
  }
}

const placeOf = ({ spout, partition }: LedgerKey, ver: number): string => `${spout} ${partition} ${ver}`
