/**
 * Names in statements. Any text can be a name between quotes; what SQLite or this adapter keeps for itself is refused.
 *
 * SQLite takes two names for one when they differ only in the case of ASCII letters. Such a pair is refused, for a
 * silent merge of two columns or tables would mix their values.
 */
import { errors } from '../../../topology/model/errors.ts'
import type { TableSpec } from '../../../topology/model/ports/row-store.ts'
import { columnsOf } from '../cells/check-cells.ts'
import { checkTable } from '../cells/check-table.ts'

/** The column that holds the stamp of a row. */
export const stampColumn = 'stamp'
/** The table of the ledger in the same file. */
export const ledgerTable = 'spillway_ledger'
// SQLITE_MAX_COLUMN, less the stamp.
const columnsMax = 1_999

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** The name as SQLite compares it. */
export const foldName = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/** Throws `rows.shape` for a table that SQLite cannot hold. */
export const checkNames = (table: TableSpec): void => {
  checkTable(table)
  const refuse = (reason: string): never => {
    throw errors.rowsShape({ table: table.name, reason })
  }
  const folded = foldName(table.name)
  if (folded.startsWith('sqlite_')) refuse('names beginning with sqlite_ belong to SQLite')
  if (folded === ledgerTable) refuse(`the name ${ledgerTable} belongs to the ledger`)
  const columns = columnsOf(table)
  if (columns.length > columnsMax) refuse(`${columns.length} columns, at most ${columnsMax} are possible`)
  const seen = new Map<string, string>([[stampColumn, stampColumn]])
  for (const { name } of columns) {
    const other = seen.get(foldName(name))
    if (other === stampColumn) refuse(`column name ${JSON.stringify(name)} is kept for the stamp of a row`)
    if (other !== undefined) refuse(`columns ${JSON.stringify(other)} and ${JSON.stringify(name)} differ only in case`)
    seen.set(foldName(name), name)
  }
}
