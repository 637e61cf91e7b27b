/** Ports that tell what is asked of them, for tests of what work costs. */
import type { ObjectStore } from '../../topology/model/ports/object-store.ts'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import { offset } from '../../topology/model/position.ts'
import type { Resources } from '../../topology/model/run-handle.ts'
import { GivenPorts } from './given-ports.ts'
import { withFetch } from './with-fetch.ts'

export class WatchedPorts extends GivenPorts {
  /** Fetches that found something: where each began, and how many records came. */
  readonly fetched: { readonly from: number; readonly records: number }[] = []
  /** Rows written, by table. */
  readonly written = new Map<string, number>()
  /** Keys of objects read and replaced. */
  readonly taken: string[] = []
  readonly replaced: string[] = []

  /** Called before a fetch is answered. */
  onFetch: ((from: number) => void) | undefined

  constructor() {
    super()
    this.resources = this.#watch(this.resources)
  }

  forget(): void {
    this.fetched.length = 0
    this.written.clear()
    this.taken.length = 0
    this.replaced.length = 0
  }

  #watch(resources: Resources): Resources {
    const log = withFetch(this.log, async (fetch, from) => {
      const batch = await fetch()
      this.onFetch?.(from)
      if (batch.to > offset(from)) this.fetched.push({ from, records: batch.records.length })
      return batch
    })
    return {
      ...resources,
      logs: { events: log, default: log },
      rows: this.#rows(resources.rows),
      objects: this.#objects(resources.objects),
    }
  }

  #rows(rows: RowStore): RowStore {
    return {
      name: rows.name,
      ensureTable: (table) => rows.ensureTable(table),
      read: (table, keys) => rows.read(table, keys),
      scan: (table, range) => rows.scan(table, range),
      close: () => rows.close(),
      write: (table, some, stamps) => {
        this.written.set(table.name, (this.written.get(table.name) ?? 0) + some.length)
        return rows.write(table, some, stamps)
      },
    }
  }

  #objects(objects: ObjectStore): ObjectStore {
    return {
      ...objects,
      read: (key) => {
        this.taken.push(key)
        return objects.read(key)
      },
      replace: (key, etag, body, metadata) => {
        this.replaced.push(key)
        return objects.replace(key, etag, body, metadata)
      },
    }
  }
}
