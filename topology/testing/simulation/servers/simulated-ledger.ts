/**
 * Cassandra's conditional writes as a history sees them: documents that only a compare-and-set changes, one after the
 * other, while requests and answers are lost and some requests arrive after their caller has given up.
 *
 * Linearizable as the port promises (I-4), whatever befalls a call. Documents are frozen: nobody changes one but so.
 */
import { checkNextVer } from '../../../../sinks/rows/cells/check-next-ver.ts'
import type { LedgerDocument } from '../../../model/ledger-document.ts'
import type { Ledger, LedgerKey } from '../../../model/ports/ledger.ts'
import { TroubledLedger } from '../../faults/faulty-ledger.ts'
import type { Pause } from '../../faults/troubles.ts'
import type { Dice } from '../stage/dice.ts'
import { diceTroubles } from './dice-troubles.ts'

/** Told of each change, before anybody can read it. */
export type LedgerChanged = (key: LedgerKey, before: LedgerDocument | undefined, after: LedgerDocument) => void

export interface SimulatedLedgerOptions {
  readonly dice: Dice
  readonly changed?: LedgerChanged
  /** Awaited in every call between its arrival and its effect. Default: nothing. */
  readonly pause?: Pause
}

export interface SimulatedLedger extends Ledger {
  /** Changes that are still on their way. */
  readonly pendingCount: number
  /** Lets late changes arrive (default: all). */
  deliver(count?: number): Promise<void>
  /** The document as it stands, past all faults. Nobody may change it. */
  document(key: LedgerKey): LedgerDocument | undefined
  readonly documents: Iterable<LedgerDocument>
}

interface Stored {
  readonly key: LedgerKey
  readonly document: LedgerDocument
}

const textOf = ({ topology, spout, partition }: LedgerKey): string =>
  `${partition} ${topology.length} ${topology}${spout}`

/**
 * A copy of plain data as it would come back from JSON, frozen: whoever changes what he has read fails where he does it.
 * What is frozen already is shared: most of a document is what was read of the one before.
 */
const frozenCopy = <Data>(data: Data): Data => {
  if (typeof data !== 'object' || data === null || Object.isFrozen(data)) return data
  if (Array.isArray(data)) return Object.freeze(data.map(frozenCopy)) as Data // an array of the same elements
  const copy: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(data)) if (value !== undefined) copy[name] = frozenCopy(value)
  return Object.freeze(copy) as Data // the same names with the same values
}

class Documents implements Ledger {
  readonly stored = new Map<string, Stored>()
  readonly #changed: LedgerChanged | undefined
  readonly #pause: Pause | undefined

  constructor({ changed, pause }: SimulatedLedgerOptions) {
    this.#changed = changed
    this.#pause = pause
  }

  async read(key: LedgerKey): Promise<LedgerDocument | undefined> {
    await this.#pause?.()
    return this.stored.get(textOf(key))?.document
  }

  async compareAndSet(
    key: LedgerKey,
    expectedVer: number | undefined,
    next: LedgerDocument,
  ): Promise<'applied' | 'refused'> {
    checkNextVer(expectedVer, next.ver)
    const document = frozenCopy(next)
    await this.#pause?.()
    const text = textOf(key)
    const before = this.stored.get(text)
    if (before?.document.ver !== expectedVer) return 'refused'
    const { topology, spout, partition } = key
    this.stored.set(text, { key: before?.key ?? { topology, spout, partition }, document })
    this.#changed?.(key, before?.document, document)
    return 'applied'
  }

  async keys(topology: string): Promise<readonly LedgerKey[]> {
    await this.#pause?.()
    const found = [...this.stored.values()].map(({ key }) => key).filter((key) => key.topology === topology)
    return found.sort(compareKeys)
  }

  async close(): Promise<void> {}
}

const compareKeys = (left: LedgerKey, right: LedgerKey): number => {
  if (left.spout !== right.spout) return left.spout < right.spout ? -1 : 1
  return left.partition - right.partition
}

class DiceLedger extends TroubledLedger implements SimulatedLedger {
  readonly #documents: Documents

  constructor(options: SimulatedLedgerOptions) {
    const documents = new Documents(options)
    const kinds = { lost: 'ledgerLost', replyLost: 'ledgerReplyLost', late: 'ledgerLate' } as const
    super(
      documents,
      diceTroubles(options.dice, kinds, () => 'ledger'),
      nothing,
    )
    this.#documents = documents
  }

  document(key: LedgerKey): LedgerDocument | undefined {
    return this.#documents.stored.get(textOf(key))?.document
  }

  get documents(): Iterable<LedgerDocument> {
    return this.#documents.stored.values().map(({ document }) => document)
  }
}

const nothing = (): undefined => undefined

export const createSimulatedLedger = (options: SimulatedLedgerOptions): SimulatedLedger => new DiceLedger(options)
