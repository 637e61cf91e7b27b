/** Rows that are scanned by whole partitions alone, as stores over several hosts find them; and which ones were asked for. */
import type { Cell, RowStore } from '../../../topology/model/ports/row-store.ts'

export const wholePartitions = (rows: RowStore, asked: Cell[][] = []): RowStore => ({
  ...rows,
  scan: (table, range) => {
    if (range?.partition?.length !== table.partition.length) throw new Error(`${table.name} is scanned as a whole`)
    asked.push([table.name, ...range.partition])
    return rows.scan(table, range)
  },
})
