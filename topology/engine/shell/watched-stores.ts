/**
 * Stores whose open calls can be seen: which statement on which key has not ended, and since when. Time is measured by the
 * sinks that call; here a call is only shown while it lasts.
 */
import type { ObjectStore } from '../../model/ports/object-store.ts'
import type { Row, RowStore, TableSpec } from '../../model/ports/row-store.ts'
import type { Meters } from './meters.ts'

export const watchedRows = (rows: RowStore, meters: Meters): RowStore => ({
  name: rows.name,
  ...dependencyOf(rows),
  ensureTable: (table) => rows.ensureTable(table),
  write: (table, written, stamps) => {
    const [first] = written
    const what = (): string =>
      `write ${written.length} rows into ${table.name}${first === undefined ? '' : `, first ${keyText(table, first)}`}`
    return meters.shown('write', table.name, { what, tenant: tenantOf(table, first) }, () =>
      rows.write(table, written, stamps),
    )
  },
  read: (table, keys) => {
    const [first] = keys
    const what = (): string =>
      `read ${keys.length} rows of ${table.name}${first === undefined ? '' : `, first ${keyText(table, first)}`}`
    return meters.shown('write', table.name, { what, tenant: tenantOf(table, first) }, () => rows.read(table, keys))
  },
  scan: (table, range) => rows.scan(table, range),
  close: () => rows.close(),
})

export const watchedObjects = (objects: ObjectStore, meters: Meters): ObjectStore => {
  const shown = <T>(verb: string, key: string, call: () => Promise<T>): Promise<T> =>
    meters.shown('write', 'objects', { what: `${verb} ${key}` }, call)
  return {
    name: objects.name,
    ...dependencyOf(objects),
    create: (key, body, metadata) => shown('create', key, () => objects.create(key, body, metadata)),
    replace: (key, etag, body, metadata) => shown('replace', key, () => objects.replace(key, etag, body, metadata)),
    head: (key) => shown('head', key, () => objects.head(key)),
    read: (key) => shown('read', key, () => objects.read(key)),
    list: (prefix) => objects.list(prefix),
    close: () => objects.close(),
  }
}

type Dependent = Pick<RowStore, 'useKnobs' | 'usage' | 'latency'>

const dependencyOf = (port: Dependent): Dependent => ({
  ...(port.useKnobs === undefined ? {} : { useKnobs: (knob) => port.useKnobs?.(knob) }),
  ...(port.usage === undefined ? {} : { usage: () => port.usage?.() ?? [] }),
  ...(port.latency === undefined ? {} : { latency: () => port.latency?.() }),
})

const keyText = ({ partition, cluster }: TableSpec, row: Row): string =>
  [...partition, ...cluster].map(({ name }, index) => `${name} ${String(row[index])}`).join(', ')

/** Event rows and rollups say whose they are. */
const tenantOf = ({ partition, cluster }: TableSpec, row: Row | undefined): string | undefined => {
  const index = [...partition, ...cluster].findIndex(({ name }) => name === 'project')
  const cell = row?.[index]
  return typeof cell === 'string' ? cell : undefined
}
