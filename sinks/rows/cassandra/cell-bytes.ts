/**
 * Cells as Cassandra keeps them, and back.
 *
 * A partition key of one column cannot be empty there. So where it is the only one, a text of nothing but NUL characters,
 * the empty one among them, gets one more, and loses it again when it is read.
 */
import { errors } from '../../../topology/model/errors.ts'
import type { Cell, ColumnSpec, TableSpec } from '../../../topology/model/ports/row-store.ts'

// A key component has a length of two bytes.
const keyBytesMax = 65_535
const nuls = /^\0*$/

/** The value's bytes. -0 becomes 0, a lone surrogate U+FFFD. */
export const cellBytes = (type: ColumnSpec['type'], cell: Exclude<Cell, null>): Buffer => {
  if (typeof cell === 'string') return Buffer.from(cell)
  if (cell instanceof Uint8Array) return Buffer.from(cell.buffer, cell.byteOffset, cell.length)
  const bytes = Buffer.allocUnsafe(typeof cell === 'boolean' ? 1 : 8)
  if (typeof cell === 'boolean') bytes[0] = Number(cell)
  else if (type === 'integer') bytes.writeBigInt64BE(BigInt(cell))
  else bytes.writeDoubleBE(cell + 0)
  return bytes
}

/** Bytes of the cells of a partition's key. Throws `rows.shape` for one that is too long. */
export const partitionBytes = (table: TableSpec, cells: readonly Cell[]): readonly Buffer[] => {
  const parts = table.partition.map(({ type }, index) => cellBytes(type, keyCell(cells[index])))
  const [only] = parts
  const coded = only !== undefined && isEscaped(table) ? [escaped(only)] : parts
  // Composite keys have three bytes more for each component.
  const total = coded.reduce((sum, part) => sum + part.length + 3, 0)
  if (total > keyBytesMax) throw tooLong(table, total)
  return coded
}

/** Bytes of a cell of the key behind the partition. Throws `rows.shape` for one that is too long. */
export const clusterBytes = (table: TableSpec, index: number, cell: Cell | undefined): Buffer => {
  const bytes = cellBytes(table.cluster[index]!.type, keyCell(cell))
  if (bytes.length > keyBytesMax) throw tooLong(table, bytes.length)
  return bytes
}

const isEscaped = ({ partition: [first, ...rest] }: TableSpec): boolean =>
  rest.length === 0 && (first?.type === 'text' || first?.type === 'bytes')

// Keys are checked before they come here.
const keyCell = (cell: Cell | undefined): Exclude<Cell, null> => cell ?? ''

const tooLong = (table: TableSpec, length: number): Error =>
  errors.rowsShape({ table: table.name, reason: `a key of ${length} bytes, Cassandra takes ${keyBytesMax}` })

const escaped = (bytes: Buffer): Buffer =>
  bytes.every((byte) => byte === 0) ? Buffer.concat([bytes, Buffer.alloc(1)]) : bytes

/** How a value that the driver has read becomes a cell. */
export type CellReader = (value: unknown) => Cell

/** An integer as the driver has it. */
interface Long {
  toNumber(): number
}

const isLong = (value: unknown): value is Long => typeof value === 'object' && value !== null && 'toNumber' in value

const readers: Readonly<Record<ColumnSpec['type'], CellReader>> = {
  text: (value) => (typeof value === 'string' ? value : null),
  integer: (value) => (isLong(value) ? value.toNumber() : null),
  double: (value) => (typeof value === 'number' ? value : null),
  boolean: (value) => (typeof value === 'boolean' ? value : null),
  bytes: (value) => (value instanceof Uint8Array ? value : null),
}

const unescaped =
  (reader: CellReader): CellReader =>
  (value) => {
    const cell = reader(value)
    if (typeof cell === 'string') return nuls.test(cell) ? cell.slice(1) : cell
    return cell instanceof Uint8Array && cell.every((byte) => byte === 0) ? cell.subarray(1) : cell
  }

/** Readers of the columns of a table, in the order of a row. */
export const cellReaders = (table: TableSpec): readonly CellReader[] => {
  const columns = [...table.partition, ...table.cluster, ...table.columns]
  return columns.map(({ type }, index) => (index === 0 && isEscaped(table) ? unescaped(readers[type]) : readers[type]))
}

/** The key of a partition as Cassandra hashes it. */
export const routingKeyOf = (parts: readonly Buffer[]): Buffer => {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return only
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.allocUnsafe(2)
      length.writeUInt16BE(part.length)
      return [length, part, Buffer.alloc(1)]
    }),
  )
}
