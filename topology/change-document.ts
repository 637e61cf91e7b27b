/**
 * Changes ledger documents from beside their writers, as a person's command does: lost and refused mean the same, so the
 * document is read again, and what is there is changed. What fails for a reason that may pass is tried again.
 */
import { persist } from './engine/shell/persist.ts'
import { errors } from './model/errors.ts'
import { knobValue } from './model/knobs.ts'
import type { LedgerDocument } from './model/ledger-document.ts'
import type { Clock } from './model/ports/clock.ts'
import type { Ledger, LedgerKey } from './model/ports/ledger.ts'
import type { Random } from './model/ports/random.ts'

export interface Patience {
  readonly clock: Clock
  readonly random: Random
  /** Told once of each kind of trouble, in the error's words. Default: nobody. */
  readonly onTrouble?: (text: string) => void
}

export type DocumentPorts = Patience & { readonly ledger: Ledger }

/** Repeats a call that may be repeated until the ledger answers. */
export const withPatience = <T>(patience: Patience, signal: AbortSignal, call: () => Promise<T>): Promise<T> => {
  const { clock, random, onTrouble } = patience
  const report = ({ text }: { readonly text: string }): void => onTrouble?.(text)
  return persist({ clock, random, knob: (name) => knobValue(name, undefined), report }, 'tried again', signal, call)
}

/** `change` gives the same document where nothing is to be changed, and may throw. Throws `badConfiguration` where the topology has not run. */
export const changeDocument = (
  ports: DocumentPorts,
  key: LedgerKey,
  signal: AbortSignal,
  change: (doc: LedgerDocument) => LedgerDocument,
): Promise<void> =>
  withPatience(ports, signal, async () => {
    const { ledger } = ports
    for (;;) {
      const doc = await readRunDocument(ledger, key)
      const next = change(doc)
      if (next === doc) return
      if ((await ledger.compareAndSet(key, doc.ver, { ...next, ver: doc.ver + 1 })) === 'applied') return
    }
  })

/** Throws `badConfiguration` where the topology has not run. */
export const readRunDocument = async (ledger: Ledger, key: LedgerKey): Promise<LedgerDocument> => {
  const doc = await ledger.read(key)
  if (doc !== undefined) return doc
  const problem = `topology ${key.topology} has not run on partition ${key.partition} of spout ${key.spout} yet; \`topology run\` comes first`
  throw errors.badConfiguration({ problem })
}
