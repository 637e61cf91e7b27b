/**
 * What has changed between two states of a ledger document, so that a copy elsewhere follows without being sent whole.
 *
 * Documents share what has not changed, so parts are compared by reference; a part that is equal and not the same is sent
 * once more, which costs bytes and nothing else. Applying it shares in the same way.
 */
import type { LedgerDocument } from '../../model/ledger-document.ts'

type Table = Readonly<Record<string, unknown>>

/** Changed and new members; names of those that are gone. */
export interface TablePatch {
  readonly set: Table
  readonly gone: readonly string[]
}

/** The list as stretches `[from, to)` of the one before, and values that are new. */
export type ListPatch = readonly (readonly [from: number, to: number] | { readonly value: unknown })[]

export interface DocumentPatch {
  /** Of the document that it is applied to. */
  readonly before: number
  readonly ver: number
  /** Members that are sent whole; `undefined` where one is gone. */
  readonly whole: Table
  readonly tables: Readonly<Record<string, TablePatch>>
  readonly lists: Readonly<Record<string, ListPatch>>
}

const tableNames: ReadonlySet<string> = new Set(['sinks', 'lanes', 'deadLetters'])
const listNames: ReadonlySet<string> = new Set(['deletes', 'archive'])

export const patchOf = (before: LedgerDocument, after: LedgerDocument): DocumentPatch => {
  const [old, next] = [before as unknown as Table, after as unknown as Table] // a document is plain data
  const whole: Record<string, unknown> = {}
  const tables: Record<string, TablePatch> = {}
  const lists: Record<string, ListPatch> = {}
  for (const name of new Set([...Object.keys(old), ...Object.keys(next)])) {
    const [was, is] = [old[name], next[name]]
    if (was === is) continue
    if (tableNames.has(name))
      tables[name] = tablePatch(was as Table, is as Table) // they are in every document
    else if (listNames.has(name))
      lists[name] = listPatch(was as unknown[], is as unknown[]) // as above
    else whole[name] = is
  }
  return { before: before.ver, ver: after.ver, whole, tables, lists }
}

/** Throws when the patch is not of this very document. */
export const applyPatch = (doc: LedgerDocument, patch: DocumentPatch): LedgerDocument => {
  if (doc.ver !== patch.before) throw new Error(`a patch of version ${patch.before} does not fit version ${doc.ver}`)
  const next: Record<string, unknown> = { ...doc, ...patch.whole }
  for (const [name, value] of Object.entries(patch.whole)) if (value === undefined) delete next[name]
  for (const [name, { set, gone }] of Object.entries(patch.tables)) {
    const table: Record<string, unknown> = { ...(next[name] as Table), ...set } // as in `patchOf`
    for (const one of gone) delete table[one]
    next[name] = table
  }
  for (const [name, list] of Object.entries(patch.lists)) {
    const old = next[name] as readonly unknown[] // as in `patchOf`
    next[name] = list.flatMap((one) => ('value' in one ? [one.value] : old.slice(one[0], one[1])))
  }
  return next as unknown as LedgerDocument // the members of one document, by the names of another
}

const tablePatch = (was: Table, is: Table): TablePatch => {
  const set: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(is)) if (was[name] !== value) set[name] = value
  return { set, gone: Object.keys(was).filter((name) => !Object.hasOwn(is, name)) }
}

const listPatch = (was: readonly unknown[], is: readonly unknown[]): ListPatch => {
  const places = new Map(was.map((value, index) => [value, index]))
  const patch: ([number, number] | { readonly value: unknown })[] = []
  for (const value of is) {
    const [place, last] = [places.get(value), patch.at(-1)]
    if (place === undefined) patch.push({ value })
    else if (Array.isArray(last) && last[1] === place) last[1] += 1
    else patch.push([place, place + 1])
  }
  return patch
}
