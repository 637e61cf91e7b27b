/** Orders of a shop as tuples with columns, and rows filled with them through `tableRows()`. */
import { tableRows } from '../../../sinks/rows/table-rows.ts'
import type { TypeName } from '../../../topology/model/event.ts'
import type { StateOperator } from '../../../topology/model/operator.ts'
import { valueAt } from '../../../topology/model/path.ts'
import type { RowStore } from '../../../topology/model/ports/row-store.ts'
import type { Shapes, Tuples } from '../../../topology/model/tuples.ts'
import type { Weight } from '../../../topology/model/weight.ts'
import { contextOf, epoch, never } from './given-state.ts'

export interface Order {
  readonly at: string
  readonly project?: string
  readonly collection?: string
  readonly country?: string
  readonly price?: number
}

const projectOf = (order: Order): string => order.project ?? 'shop'
const collectionOf = (order: Order): string => order.collection ?? 'orders'

const orderTuples = (orders: readonly Order[]): Tuples => ({
  length: orders.length,
  tuple: (index) => orders[index],
  timesMs: () => orders.map((order) => Date.parse(order.at)),
  projects: () => orders.map(projectOf),
  collections: () => orders.map(collectionOf),
  column: (path) => orders.map((order) => valueAt(order, path)),
  shapes: () => shapesOf(orders),
  events: () => undefined,
})

const typeOf = (value: unknown): TypeName => (typeof value === 'number' ? 'num' : 'string')

/** Country and price are the properties of an order. */
const shapesOf = (orders: readonly Order[]): Shapes => {
  const names: { path: string; type: TypeName }[] = []
  const codes: number[] = []
  const starts = [0]
  for (const order of orders) {
    for (const path of ['country', 'price'] as const) {
      if (order[path] === undefined) continue
      codes.push(names.push({ path, type: typeOf(order[path]) }) - 1)
    }
    starts.push(codes.length)
  }
  return { codes, starts, names: { name: (code) => names[code]! } }
}

/** Writes epochs of orders, each to the slot of its number. */
export const fill = async (
  rows: RowStore,
  sink: string,
  operator: StateOperator,
  epochs: readonly (readonly Order[])[],
  weight: Weight = 1,
  seq = 1,
): Promise<void> => {
  for (const table of tableRows().tables(sink, operator)) await rows.ensureTable(table)
  const writer = await tableRows().open(contextOf(rows, { sink, operator }))
  for (const [slot, orders] of epochs.entries()) {
    const open = writer.openEpoch()
    open.add(orderTuples(orders), weight)
    await open.write(epoch(seq, { slot }), never)
  }
}
