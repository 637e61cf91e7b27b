/**
 * The ledger document of a partition in a worker: a copy that follows the supervisor's, and proposals that go there.
 *
 * A verdict that was reached on another document than the copy holds by then is taken as `unknown`: who proposed reads
 * again, which is always right (PROTOCOL section 3).
 */
import type { LedgerDocument } from '../../../model/ledger-document.ts'
import { plantedFaults } from '../../../model/planted-faults.ts'
import { errorOfPlain } from '../../../model/spillway-error.ts'
import type { Proposal } from '../../ledger/proposal.ts'
import { applyPatch, type DocumentPatch } from '../../workers/document-patch.ts'
import type { AskedProposal, FromWorker, PlainVerdict } from '../../workers/messages.ts'
import type { Verdict } from '../ledger-writer.ts'
import type { PartitionLedger } from '../partition-ledger.ts'
import { Abandoned } from '../persist.ts'

interface Asked {
  readonly resolve: (verdict: Verdict) => void
  readonly reject: (error: unknown) => void
}

export class RemoteLedger implements PartitionLedger {
  readonly #desk: number
  readonly #send: (message: FromWorker) => void
  readonly #changed: (doc: LedgerDocument) => void
  readonly #asked = new Map<number, Asked>()
  #doc: LedgerDocument
  #nextId = 0
  #outgoing: AskedProposal[] = []
  #isOver = false

  constructor(
    desk: number,
    doc: LedgerDocument,
    send: (message: FromWorker) => void,
    changed: (doc: LedgerDocument) => void,
  ) {
    this.#desk = desk
    this.#doc = doc
    this.#send = send
    this.#changed = changed
  }

  get doc(): LedgerDocument {
    return this.#doc
  }

  propose(proposal: Proposal): Promise<Verdict> {
    return this.#ask((id) => {
      // What is proposed in one moment goes into one compare-and-set.
      if (this.#outgoing.length === 0) void Promise.resolve().then(() => this.#flush())
      this.#outgoing.push({ id, proposal })
    })
  }

  async refresh(): Promise<LedgerDocument> {
    await this.#ask((id) => this.#send({ kind: 'refresh', desk: this.#desk, id }))
    return this.#doc
  }

  /** Where the supervisor's document has moved. */
  follow(patch: DocumentPatch): void {
    this.#doc = applyPatch(this.#doc, patch)
    this.#changed(this.#doc)
  }

  settle(id: number, ver: number, verdict: PlainVerdict): void {
    const asked = this.#asked.get(id)
    if (asked === undefined) return
    this.#asked.delete(id)
    const doc = this.#doc
    if (verdict.kind === 'abandoned') asked.reject(new Abandoned())
    else if (verdict.kind === 'failed') asked.reject(errorOfPlain(verdict.error))
    else if (verdict.kind === 'refused') asked.resolve({ kind: 'refused', why: verdict.why, doc })
    else {
      const isExact = ver === doc.ver || plantedFaults.has('verdict-of-another-document')
      asked.resolve({ kind: isExact ? verdict.kind : 'unknown', doc })
    }
  }

  /** Nobody answers any more. */
  end(): void {
    this.#isOver = true
    for (const one of this.#asked.values()) one.reject(new Abandoned())
    this.#asked.clear()
  }

  #ask(send: (id: number) => void): Promise<Verdict> {
    if (this.#isOver) return Promise.reject(new Abandoned())
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
      send(id)
    })
  }

  #flush(): void {
    const proposals = this.#outgoing
    this.#outgoing = []
    this.#send({ kind: 'propose', desk: this.#desk, proposals })
  }
}
