/** A kind of fault as a person says it: `lateWrite` is a late write. */
import type { FaultKind } from '../stage/fault-kinds.ts'

export const faultWords = (kind: FaultKind): string => kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

/** A fault in a story: what befell, and what it befell. */
export const faultText = (kind: FaultKind, detail: string): string =>
  detail === '' ? faultWords(kind) : `${faultWords(kind)}: ${detail}`
