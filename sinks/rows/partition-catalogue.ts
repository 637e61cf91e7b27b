/**
 * The partition catalogue: the names of the partitions that a table has, so that a reader asks for these and never has
 * to read a whole table, or to try names, to find what one project or one topology has.
 *
 * Names are a tree: below `["keen"]` stand the collections of the project, below `["keen","flights"]` the months. They
 * are written blind before the first row of their partition, always with the same bytes and the same stamp, and never
 * leave (I-1). The first level may hold as many names as there are projects: it lies on several shelves.
 */
import type { Cell, ColumnType, Row, RowStore, TableSpec } from '../../topology/model/ports/row-store.ts'

export const catalogueOfPartitions: TableSpec = {
  name: 'spillway_partitions',
  partition: [
    { name: 'table_name', type: 'text' },
    // The names above, as a JSON list.
    { name: 'path', type: 'text' },
    { name: 'shelf', type: 'integer' },
  ],
  cluster: [{ name: 'name', type: 'text' }],
  // A store needs one column to know that a row is there; its content never changes.
  columns: [{ name: 'is_used', type: 'boolean' }],
}

/** Names from the first level down. */
export type CataloguePath = readonly string[]

/** Of every row: its content never changes. Microseconds of the beginning of 2026; 0 would be a time in 1970. */
export const catalogueStamp = Date.UTC(2026, 0, 1) * 1_000

// A million projects are 63,000 names a shelf. Four bits, see `shelfOf`.
const shelves = 16

const shelfOf = (path: CataloguePath, name: string): number => {
  if (path.length > 0) return 0
  let hash = 0
  for (let at = 0; at < name.length; at++) hash = (Math.imul(hash, 31) + name.charCodeAt(at)) | 0
  // The upper four bits of Fibonacci hashing, which mixes what differs in the lower ones alone.
  return Math.imul(hash, 0x9e3779b1) >>> 28
}

/** The row of the last name of a path. */
export const catalogueRow = (table: string, path: CataloguePath): Row => {
  const [above, name] = [path.slice(0, -1), path.at(-1)!]
  return [table, JSON.stringify(above), shelfOf(above, name), name, true]
}

/** Names below a path, page by page, in order; those of the first level in order within a shelf. `[from, to)` narrows. */
export async function* readNames(
  rows: RowStore,
  table: string,
  path: CataloguePath,
  range: { readonly from?: string; readonly to?: string } = {},
): AsyncGenerator<readonly string[]> {
  for (let shelf = 0; shelf < (path.length > 0 ? 1 : shelves); shelf++) {
    const partition = [table, JSON.stringify(path), shelf]
    for await (const page of rows.scan(catalogueOfPartitions, { partition, ...range }))
      yield page.map((row) => String(row[3]))
  }
}

/** All names below a path at once: for levels that are short. */
export const listNames = async (rows: RowStore, table: string, path: CataloguePath): Promise<readonly string[]> =>
  (await Array.fromAsync(readNames(rows, table, path))).flat()

/** A partition cell as its name; text as a store keeps it. */
export const nameOfCell = (cell: Cell): string => {
  if (typeof cell === 'string') return cell.toWellFormed()
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString('base64')
  return String(cell)
}

const cellOf = (type: ColumnType, name: string): Cell => {
  if (type === 'text') return name
  if (type === 'bytes') return Buffer.from(name, 'base64')
  return type === 'boolean' ? name === 'true' : Number(name)
}

/**
 * Partitions of a table whose rows begin with these cells, as far as the catalogue of the table knows them. `isWanted`
 * is asked with the beginning of a partition's cells before what lies below it is read.
 */
export async function* cataloguedPartitions(
  rows: RowStore,
  table: TableSpec,
  leading: readonly Cell[],
  isWanted: (cells: readonly Cell[]) => boolean = () => true,
): AsyncGenerator<readonly Cell[]> {
  if (leading.length === table.partition.length) {
    yield leading
    return
  }
  const { type } = table.partition[leading.length]!
  for await (const page of readNames(rows, table.name, leading.map(nameOfCell))) {
    for (const name of page) {
      const cells = [...leading, cellOf(type, name)]
      if (isWanted(cells)) yield* cataloguedPartitions(rows, table, cells, isWanted)
    }
  }
}
