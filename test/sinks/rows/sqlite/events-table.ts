/** A small table that the tests of embedded rows share. */
import type { Row, TableSpec } from '../../../../topology/model/ports/row-store.ts'

export const eventsTable: TableSpec = {
  name: 'events',
  partition: [{ name: 'project', type: 'text' }],
  cluster: [{ name: 'id', type: 'integer' }],
  columns: [{ name: 'body', type: 'text' }],
}

export const eventRow = (id: number, body = `body ${id}`): Row => ['p', id, body]
