/**
 * What one write of a sink does to the world: the rows, objects, records and files that it puts there, noted at the ports
 * of its context and at `node:fs`; and what a second write has done that the first has not.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import { relative } from 'node:path'
import type { ObjectBody, ObjectStore } from '../../../model/ports/object-store.ts'
import type { RowStore, TableSpec } from '../../../model/ports/row-store.ts'
import { headerOf, type NewRecord } from '../../../model/record.ts'
import { kindHeader } from '../../../model/record-kind.ts'
import type { SinkContext } from '../../../model/sink.ts'
import { shortValueText, valueText } from './value-text.ts'
import type { OutsideCall } from './watch.ts'
import { runWatched } from './watch-effects.ts'
import { type FileState, fileStateOf, isSameFile } from './watch-files.ts'

interface WrittenRow {
  readonly table: string
  readonly key: string
  readonly cells: string
  readonly stamp: number
}

/** A write of a watched sink: what it has done so far. */
export class WatchedWrite {
  readonly call: OutsideCall
  readonly #moved: () => void
  readonly rows: Map<string, WrittenRow> = new Map()
  /** Digest of what was put under a key, and whether it was put by this write. */
  readonly objects: Map<string, { readonly digest: string; readonly isPut: boolean }> = new Map()
  readonly records: { readonly text: string; readonly hasName: boolean }[] = []
  /** Files that it has touched, as they were before. */
  readonly files: Map<string, FileState | undefined> = new Map()

  /** `moved` is told whenever the sink turns to a port, and when it goes on. */
  constructor(call: OutsideCall, moved: () => void) {
    this.call = call
    this.#moved = moved
  }

  get isSeen(): boolean {
    return this.rows.size + this.objects.size + this.records.length + this.files.size > 0
  }

  /** Does the work as this write. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const wrote = (path: string): void => {
      if (!this.files.has(path)) this.files.set(path, fileStateOf(path))
    }
    return writing.run(this, () => runWatched({ wrote }, work))
  }

  /** Waits for a port. */
  async at<T>(work: () => Promise<T>): Promise<T> {
    this.#moved()
    try {
      return await this.call.inside(work)
    } finally {
      this.#moved()
    }
  }

  noteRows(table: TableSpec, rows: readonly (readonly unknown[])[], stamps: number | readonly number[]): void {
    const keyCells = table.partition.length + table.cluster.length
    for (const [index, row] of rows.entries()) {
      const key = valueText(row.slice(0, keyCells))
      const stamp = typeof stamps === 'number' ? stamps : stamps[index]!
      const known = this.rows.get(`${table.name} ${key}`)
      if (known !== undefined && known.stamp > stamp) continue
      this.rows.set(`${table.name} ${key}`, { table: table.name, key, cells: valueText(row), stamp })
    }
  }

  async noteObject(key: string, body: ObjectBody, isPut: boolean): Promise<void> {
    const digest = createHash('sha256')
    for await (const bytes of body()) digest.update(bytes)
    this.objects.set(key, { digest: digest.digest('hex'), isPut: isPut || this.objects.get(key)?.isPut === true })
  }

  noteRecords(records: readonly NewRecord[]): void {
    for (const { headers, ...record } of records) {
      const hasName = headerOf(headers, 'spillway-id') !== undefined || headerOf(headers, kindHeader) === 'delete'
      this.records.push({ text: valueText({ headers, ...record }), hasName })
    }
  }
}

const writing = new AsyncLocalStorage<WatchedWrite>()

/** The same context; what a watched write does by it is noted. */
export const watchContext = (context: SinkContext): SinkContext => {
  const { log, clock } = context
  const at = <T>(work: () => Promise<T>): Promise<T> => writing.getStore()?.at(work) ?? work()
  return {
    ...context,
    knob: (name) => context.knob(name),
    rows: watchedRows(context.rows, at),
    objects: watchedObjects(context.objects, at),
    log: {
      partitions: log.partitions,
      append: (records) => {
        writing.getStore()?.noteRecords(records)
        return at(() => log.append(records))
      },
    },
    clock: { nowMs: () => clock.nowMs(), sleep: (ms, signal) => at(() => clock.sleep(ms, signal)) },
  }
}

type At = <T>(work: () => Promise<T>) => Promise<T>

const watchedRows = (rows: RowStore, at: At): RowStore => ({
  name: rows.name,
  ensureTable: (table) => at(() => rows.ensureTable(table)),
  write: (table, written, stamps) => {
    writing.getStore()?.noteRows(table, written, stamps)
    return at(() => rows.write(table, written, stamps))
  },
  read: (table, keys) => at(() => rows.read(table, keys)),
  scan: (table, range) => passing(rows.scan(table, range), at),
  close: () => at(() => rows.close()),
})

const watchedObjects = (objects: ObjectStore, at: At): ObjectStore => ({
  name: objects.name,
  create: async (key, body, metadata) => {
    const outcome = await at(() => objects.create(key, body, metadata))
    await writing.getStore()?.noteObject(key, body, outcome === 'created')
    return outcome
  },
  replace: async (key, etag, body, metadata) => {
    const outcome = await at(() => objects.replace(key, etag, body, metadata))
    await writing.getStore()?.noteObject(key, body, outcome === 'replaced')
    return outcome
  },
  head: (key) => at(() => objects.head(key)),
  read: (key) => at(() => objects.read(key)),
  list: (prefix) => passing(objects.list(prefix), at),
  close: () => at(() => objects.close()),
})

async function* passing<T>(items: AsyncIterable<T>, at: At): AsyncGenerator<T, void, undefined> {
  const iterator = items[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await at(() => iterator.next())
      if (next.done === true) return
      yield next.value
    }
  } finally {
    await iterator.return?.()
  }
}

/** What `second` has done that a reader can tell from `first` alone; `undefined` where there is nothing. */
export const repeatedEffect = (first: WatchedWrite, second: WatchedWrite): string | undefined =>
  repeatedRow(first, second) ?? repeatedObject(first, second) ?? repeatedRecord(first, second)

const repeatedRow = (first: WatchedWrite, second: WatchedWrite): string | undefined => {
  for (const [name, { table, key, cells, stamp }] of second.rows) {
    const before = first.rows.get(name)
    const row = `row ${shortValueText(key)} of table ${table}`
    if (before === undefined) return `puts a ${row} there that the first write did not`
    if (before.cells !== cells && stamp >= before.stamp)
      return `puts another ${row}: ${shortValueText(before.cells)}, and then ${shortValueText(cells)}`
  }
  return undefined
}

const repeatedObject = (first: WatchedWrite, second: WatchedWrite): string | undefined => {
  for (const [key, { digest, isPut }] of second.objects) {
    const before = first.objects.get(key)
    if (before === undefined && isPut) return `puts an object ${key} there that the first write did not`
    if (before !== undefined && before.digest !== digest) return `gives the object ${key} other bytes`
  }
  return undefined
}

/** The log takes whatever comes; only what carries a name of its own is known again by those who read it. */
const repeatedRecord = (first: WatchedWrite, second: WatchedWrite): string | undefined => {
  const known = new Set(first.records.map(({ text }) => text))
  const other = second.records.find(({ text, hasName }) => !hasName || !known.has(text))
  if (other === undefined) return undefined
  return known.has(other.text)
    ? `appends ${second.records.length} records to the log once more, and nothing tells them from new ones (the header spillway-id would)`
    : `appends a record to the log that the first write did not: ${shortValueText(other.text)}`
}

/** Files that are other than they were before the write, in words; `undefined` where there are none. */
export const changedFile = (before: ReadonlyMap<string, FileState | undefined>): string | undefined => {
  for (const [path, was] of before) {
    const is = fileStateOf(path)
    if (isSameFile(was, is)) continue
    const near = relative('', path)
    const name = near.startsWith('..') ? path : near
    if (was === undefined) return `makes a file ${name} that the first write did not`
    if (is === undefined) return `removes the file ${name}`
    return is.size === was.size
      ? `gives the file ${name} other bytes`
      : `${is.size > was.size ? 'appends to' : 'shortens'} the file ${name}: ${was.size} bytes, and then ${is.size}`
  }
  return undefined
}
