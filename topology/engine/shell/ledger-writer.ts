/**
 * The one writer of a partition's ledger document: proposals of all lanes and deletes wait for its tick and go into one
 * compare-and-set, in order of arrival (PROTOCOL section 2).
 *
 * A refused compare-and-set means that somebody else moved the document: it is read, and every proposal is judged again.
 * A lost reply means nothing at all: the proposers are told `unknown` and read again (I-4).
 */
import type { LedgerDocument } from '../../model/ledger-document.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import type { LedgerKey } from '../../model/ports/ledger.ts'
import { errorClassOf, messageOf } from '../../model/spillway-error.ts'
import { applyProposal } from '../ledger/apply-proposal.ts'
import type { Proposal, Refusal } from '../ledger/proposal.ts'
import { TickPace } from '../tick-pace.ts'
import { culpritOf } from './culprit.ts'
import type { EngineParts } from './engine-parts.ts'
import { Abandoned, persist } from './persist.ts'
import type { Wait } from './waits.ts'

export type Verdict =
  | { readonly kind: 'applied'; readonly doc: LedgerDocument }
  | { readonly kind: 'refused'; readonly why: Refusal; readonly doc: LedgerDocument }
  | { readonly kind: 'unknown'; readonly doc: LedgerDocument }

interface Waiting {
  readonly proposal: Proposal
  readonly resolve: (verdict: Verdict) => void
  readonly reject: (error: unknown) => void
}

interface Judged {
  /** As they had arrived, without those that are broken. */
  readonly queue: readonly Waiting[]
  readonly doc: LedgerDocument
  readonly applied: readonly Waiting[]
  readonly refused: readonly (readonly [Waiting, Refusal])[]
  readonly waits: readonly Waiting[]
  /** Their transition has thrown, which says nothing against the others of the tick. */
  readonly broken: readonly (readonly [Waiting, unknown])[]
}

class Broken {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}

const outcomeOf = (doc: LedgerDocument, { proposal }: Waiting): LedgerDocument | Refusal | Broken => {
  try {
    return applyProposal(doc, proposal)
  } catch (error) {
    return new Broken(error)
  }
}

const isListing = ({ proposal }: Waiting): boolean => proposal.kind === 'registerDeletes'

/** Deletes are listed last: they change the rules that declarations of the same tick were computed under. */
const judge = (start: LedgerDocument, arrived: readonly Waiting[]): Judged => {
  const inOrder = [...arrived.filter((one) => !isListing(one)), ...arrived.filter(isListing)]
  let doc = start
  const applied: Waiting[] = []
  const refused: [Waiting, Refusal][] = []
  const broken = new Map<Waiting, unknown>()
  let waits: Waiting[] = []
  const take = (one: Waiting): boolean => {
    const next = outcomeOf(doc, one)
    if (next instanceof Broken) {
      broken.set(one, next.error)
      return false
    }
    if (typeof next === 'string') {
      if (next === 'waits') waits.push(one)
      else refused.push([one, next])
      return false
    }
    doc = next
    applied.push(one)
    return true
  }
  for (const one of inOrder) {
    if (!take(one) || waits.length === 0) continue
    // A turn that was freed goes to whoever has waited for it longest, or deletes would starve under steady load.
    const waiting = waits
    waits = []
    for (const earlier of waiting) take(earlier)
  }
  const queue = inOrder.filter((one) => !broken.has(one))
  return { queue, doc, applied, refused, waits, broken: [...broken] }
}

export class LedgerWriter {
  readonly #parts: EngineParts
  readonly #key: LedgerKey
  readonly #signal: AbortSignal
  readonly #changed: (doc: LedgerDocument) => void
  #doc: LedgerDocument
  #newestAtMs: number
  #queue: Waiting[] = []
  #isPumping = false
  readonly #pace: TickPace
  /** Pause after the last failure that may pass; 0 while the ledger answers. */
  #pauseMs = 0
  /** Whether trouble was told since the ledger has last taken a change. */
  #isTold = false
  readonly #wait: Wait | undefined

  constructor(
    parts: EngineParts,
    key: LedgerKey,
    doc: LedgerDocument,
    signal: AbortSignal,
    changed: (doc: LedgerDocument) => void,
  ) {
    this.#parts = parts
    this.#key = key
    this.#doc = doc
    this.#signal = signal
    this.#changed = changed
    this.#newestAtMs = parts.clock.nowMs()
    this.#pace = new TickPace(parts.clock.nowMs())
    this.#wait = parts.waits?.begin()
    signal.addEventListener('abort', () => this.#abandon(), { once: true })
  }

  /** The newest document that this writer has seen. */
  get doc(): LedgerDocument {
    return this.#doc
  }

  /** When nobody had written a newer one, ms since 1970: a change that was applied says so too. */
  get newestAtMs(): number {
    return this.#newestAtMs
  }

  /** Proposes a change; resolves with the tick that decided it. Rejects with class `stop` only, or `Abandoned`. */
  propose(proposal: Proposal): Promise<Verdict> {
    if (this.#signal.aborted) return Promise.reject(new Abandoned())
    return new Promise((resolve, reject) => {
      this.#queue.push({ proposal, resolve, reject })
      this.#pump()
    })
  }

  /** Reads the document again. */
  async refresh(): Promise<LedgerDocument> {
    const askedMs = this.#parts.clock.nowMs()
    const doc = await this.#read()
    this.#newestAtMs = askedMs
    // The store is linearizable, yet two reads of ours may end out of order: the newer document wins.
    if (doc !== undefined && doc.ver > this.#doc.ver) this.#take(doc)
    this.#pump()
    return this.#doc
  }

  #take(doc: LedgerDocument): void {
    this.#doc = doc
    this.#changed(doc)
  }

  #abandon(): void {
    this.#wait?.end()
    const queue = this.#queue
    this.#queue = []
    for (const one of queue) one.reject(new Abandoned())
  }

  #pump(): void {
    if (this.#isPumping || this.#queue.length === 0) return
    this.#isPumping = true
    this.#run()
      .catch((error: unknown) => {
        for (const one of this.#queue.splice(0)) one.reject(error)
      })
      .finally(() => {
        this.#isPumping = false
        // What waits for a turn is judged again when the document changes; anything else needs another round.
        if (this.#queue.some((one) => outcomeOf(this.#doc, one) !== 'waits')) this.#pump()
      })
  }

  async #run(): Promise<void> {
    // Proposals of the same moment go together.
    await Promise.resolve()
    for (;;) {
      const restMs = this.#pace.restMs(this.#parts.clock.nowMs(), this.#tickMs())
      if (restMs > 0) await this.#parts.clock.sleep(restMs, this.#signal)
      if (this.#signal.aborted) return this.#abandon()
      const queue = this.#queue
      this.#queue = []
      const judged = judge(this.#doc, queue)
      for (const [one, error] of judged.broken) one.reject(error)
      this.#queue = [...judged.waits, ...this.#queue]
      if (judged.applied.length > 0) {
        this.#pace.spend()
        await this.#compareAndSet(judged)
      } else for (const [one, why] of judged.refused) one.resolve({ kind: 'refused', why, doc: this.#doc })
      if (this.#queue.length === judged.waits.length && judged.applied.length === 0) return
      if (this.#queue.length === 0) return
    }
  }

  #tickMs(): number {
    const { tickMs } = this.#parts.resources.ledger
    return this.#parts.knob('ledger.tickMs', tickMs === undefined ? undefined : { 'ledger.tickMs': tickMs })
  }

  async #compareAndSet(judged: Judged): Promise<void> {
    const before = this.#doc
    const next = { ...judged.doc, ver: before.ver + 1 }
    const askedMs = this.#parts.clock.nowMs()
    try {
      const answer = await this.#parts.resources.ledger.compareAndSet(this.#key, before.ver, next)
      if (answer === 'applied') this.#newestAtMs = askedMs
      if (answer === 'applied' || plantedFaults.has('lost-race-is-success'))
        return this.#settle(judged, next, 'applied')
      await this.#reread()
      // Somebody else was faster: the same proposals are judged by the document that won, in the same order.
      this.#queue = [...judged.queue, ...this.#queue.filter((one) => !judged.waits.includes(one))]
    } catch (error) {
      await this.#meet(error, judged, next)
    }
  }

  /** An error of the ledger: told for good when it will not pass, else nobody knows what was made of the proposals. */
  async #meet(error: unknown, judged: Judged, next: LedgerDocument): Promise<void> {
    if (errorClassOf(error, 'stop') !== 'retry') return this.#fail(judged, error)
    if (plantedFaults.has('unknown-is-success')) return this.#settle(judged, next, 'applied')
    await this.#pauseAfter(error)
    try {
      await this.#reread()
    } catch (unreadable) {
      return this.#fail(judged, unreadable)
    }
    this.#settle(judged, this.#doc, 'unknown')
  }

  /** Whoever is told `unknown` begins again at once: the pause keeps a ledger in trouble from being hammered. */
  async #pauseAfter(error: unknown): Promise<void> {
    const { clock, knob, random } = this.#parts
    const text = `ledger: ${messageOf(error)}`
    const fields = { ...culpritOf(error), partition: this.#key.partition }
    this.#tell({ kind: 'retrying', level: 'warn', text, fields })
    this.#wait?.note(error)
    this.#pauseMs = Math.min(knob('retry.maxMs'), Math.max(knob('retry.firstMs'), this.#pauseMs * 2))
    const restMs = Math.ceil(this.#pauseMs * (0.5 + random.next() / 2))
    await (this.#wait?.pause(restMs, this.#signal, knob) ?? clock.sleep(restMs, this.#signal))
  }

  /** One line of trouble, whichever call has met it first. */
  #tell(trouble: Parameters<EngineParts['report']>[0]): void {
    if (!this.#isTold) this.#parts.report(trouble)
    this.#isTold = true
  }

  #read(): Promise<LedgerDocument | undefined> {
    const { clock, knob, random, resources } = this.#parts
    const waits = this.#parts.waits === undefined ? {} : { waits: this.#parts.waits }
    const patience = { ...waits, clock, knob, random, report: this.#tell.bind(this) }
    return persist(patience, 'ledger', this.#signal, () => resources.ledger.read(this.#key))
  }

  async #reread(): Promise<void> {
    try {
      const doc = await this.#read()
      if (doc !== undefined && doc.ver > this.#doc.ver) this.#take(doc)
    } catch (error) {
      if (!(error instanceof Abandoned)) throw error
    }
  }

  #settle(judged: Judged, doc: LedgerDocument, kind: 'applied' | 'unknown'): void {
    if (kind === 'applied') {
      this.#pauseMs = 0
      this.#isTold = false
      this.#wait?.answered()
    }
    // While the reply was on its way, a read may have brought what others made of the document since.
    if (doc.ver > this.#doc.ver) this.#take(doc)
    for (const one of judged.applied) one.resolve({ kind, doc })
    for (const [one, why] of judged.refused) one.resolve({ kind: 'refused', why, doc })
  }

  #fail(judged: Judged, error: unknown): void {
    for (const one of judged.applied) one.reject(error)
    for (const [one, why] of judged.refused) one.resolve({ kind: 'refused', why, doc: this.#doc })
  }
}
