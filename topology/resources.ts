/**
 * Opens the resources that URLs name. Adapters are loaded when their scheme is asked for, so a program that uses one
 * log pays for no other driver; they get plain options, and their secrets from the environment.
 *
 * `run` on embedded rows holds a lock until `close`: a second run would be safe (the ledger decides), but two processes
 * that write one SQLite file in turn only wait for each other. Served rows know no lock: any number of runs share them.
 */
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemClock } from './engine/shell/system-clock.ts'
import { errors } from './model/errors.ts'
import type { Clock } from './model/ports/clock.ts'
import type { EventLog } from './model/ports/event-log.ts'
import type { Ledger } from './model/ports/ledger.ts'
import type { ObjectStore } from './model/ports/object-store.ts'
import type { Random } from './model/ports/random.ts'
import type { RowStore } from './model/ports/row-store.ts'
import type { Resources } from './model/run-handle.ts'
import { messageOf } from './model/spillway-error.ts'
import { OpenedPorts } from './opened-ports.ts'
import type { Environment } from './resource-environment.ts'
import { type ResourceName, readLogUrl, readObjectsUrl, readRowsUrl } from './resource-url.ts'
import { openServedLog, openServedObjects, openServedRows, type ResourceMode } from './served-resources.ts'

export type { ResourceMode }

export interface OpenOptions {
  readonly clock?: Clock
  readonly random?: Random
  /** Where secrets and endpoints stand. Default: the environment of the process. */
  readonly env?: Environment
  /** Knobs that count while a port is opened (`rows.connections`), and until a run says where they are. */
  readonly knobs?: Readonly<Record<string, number | string>>
}

export interface OpenLogOptions extends OpenOptions {
  readonly mode?: ResourceMode
}

/** Opens a log: `file:FOLDER?partitions=N&retention=7d`, `kafka://host:9092/topic`, `memory:`. Default mode `write`. */
export const openLog = async (url: string, options: OpenLogOptions = {}): Promise<EventLog> => {
  const place = readLogUrl(url)
  const { clock = systemClock, mode } = options
  if (place.scheme === 'kafka') return openServedLog(place, options)
  if (place.scheme === 'memory') {
    const { createMemoryLog } = await import('./spouts/memory/memory-log.ts')
    return createMemoryLog({ clock, ...(place.partitions === undefined ? {} : { partitions: place.partitions }) })
  }
  requirePresent('log', place.path, mode)
  const { openFileLog } = await import('./spouts/file/file-log.ts')
  const { path, partitions, retentionMs } = place
  return openFileLog({
    folder: path,
    clock,
    ...(partitions === undefined ? {} : { partitions }),
    ...(retentionMs === undefined ? {} : { retentionMs }),
  })
}

/** Rows and the ledger that belongs to them; `close` closes both and gives the lock back. */
export interface OpenRows {
  readonly rows: RowStore
  readonly ledger: Ledger
  close(): Promise<void>
}

/**
 * Opens rows and ledger: `sqlite:FILE`, `cassandra://host:9042/keyspace?dc=NAME`, `memory:`. Default mode `write`. Throws
 * `storeLocked` when another run works on the same embedded rows.
 */
export const openRows = async (
  url: string,
  mode: ResourceMode = 'write',
  options: OpenOptions = {},
): Promise<OpenRows> => {
  const place = readRowsUrl(url)
  if (place.scheme === 'cassandra') return openServedRows(place, mode, options)
  if (place.scheme === 'memory') {
    const { createMemoryRows } = await import('../sinks/rows/memory/memory-rows.ts')
    const { createMemoryLedger } = await import('../sinks/rows/memory/memory-ledger.ts')
    return closing(createMemoryRows(), createMemoryLedger(), () => {})
  }
  const { path } = place
  requirePresent('rows', path, mode)
  if (mode !== 'read') await makeFolder(dirname(path))
  return openSqlite(path, mode)
}

const openSqlite = async (path: string, mode: ResourceMode): Promise<OpenRows> => {
  const { openSqliteRows } = await import('../sinks/rows/sqlite/sqlite-rows.ts')
  const { openSqliteLedger } = await import('../sinks/rows/sqlite/sqlite-ledger.ts')
  const { lockForRun } = await import('../sinks/rows/sqlite/run-lock.ts')
  const lock = mode === 'run' ? lockForRun(path) : undefined
  try {
    const access = mode === 'read' ? 'read' : 'readwrite'
    const rows = await openSqliteRows({ path, mode: access })
    return closing(rows, await openSqliteLedger({ path, mode: access }), () => lock?.release())
  } catch (error) {
    lock?.release()
    throw error
  }
}

const closing = (rows: RowStore, ledger: Ledger, release: () => void): OpenRows => ({
  rows,
  ledger,
  close: async () => {
    await rows.close()
    await ledger.close()
    release()
  },
})

/** Opens objects: `file:FOLDER`, `s3://bucket/prefix`, `memory:`. Default mode `write`. */
export const openObjects = async (
  url: string,
  mode: ResourceMode = 'write',
  options: OpenOptions = {},
): Promise<ObjectStore> => {
  const place = readObjectsUrl(url)
  if (place.scheme === 's3') return openServedObjects(place, mode, options)
  if (place.scheme === 'memory') {
    const { createMemoryObjects } = await import('../sinks/objects/memory/memory-objects.ts')
    return createMemoryObjects()
  }
  requirePresent('objects', place.path, mode)
  const { openFolderObjects } = await import('../sinks/objects/folder/folder-objects.ts')
  return openFolderObjects({ folder: place.path })
}

export interface ResourceUrls extends OpenOptions {
  readonly log: string
  /** Logs of spouts that do not read the default one, by the spout's name. */
  readonly logs?: Readonly<Record<string, string>>
  readonly rows: string
  readonly objects: string
  readonly mode?: ResourceMode
}

/** Opens everything that a run needs; what was opened is closed again when something fails. */
export const openResources = async (urls: ResourceUrls): Promise<Resources & { close(): Promise<void> }> => {
  const { mode = 'run' } = urls
  const opened = new OpenedPorts()
  try {
    // Rows first: they hold the lock, and whoever does not get it has touched nothing.
    const { rows, ledger } = opened.keep(await openRows(urls.rows, mode, urls))
    const logs: Record<string, EventLog> = {}
    const byUrl = new Map<string, EventLog>()
    for (const [name, url] of [['default', urls.log] as const, ...Object.entries(urls.logs ?? {})]) {
      const log = byUrl.get(url) ?? opened.keep(await openLog(url, { ...urls, mode }))
      byUrl.set(url, log)
      logs[name] = log
    }
    const objects = opened.keep(await openObjects(urls.objects, mode, urls))
    return { logs, rows, ledger, objects, close: () => opened.close() }
  } catch (error) {
    await opened.close()
    throw error
  }
}

/**
 * Where a run on these rows spills: beside embedded rows, where the next run finds and removes what a killed one has
 * left; `undefined` for others, whose runs each make a temporary folder.
 */
export const spillFolderOf = (rowsUrl: string): string | undefined => {
  const place = readRowsUrl(rowsUrl)
  return place.scheme === 'sqlite' ? `${place.path}-spill` : undefined
}

/** Whether a server holds the rows. */
export const isServedRows = (url: string): boolean => readRowsUrl(url).scheme === 'cassandra'

/** Whether there may be rows: of embedded ones the file is there. Connects to nothing; who opens served ones finds out. */
export const hasRows = (url: string): boolean => {
  const place = readRowsUrl(url)
  return place.scheme !== 'sqlite' || existsSync(place.path)
}

const requirePresent = (resource: ResourceName, path: string, mode: ResourceMode | undefined): void => {
  if (mode !== 'read' || existsSync(path)) return
  const missing = resource === 'log' ? 'there is no log' : `there are no ${resource}`
  const maker = resource === 'log' ? 'ingest' : 'run'
  throw errors.badConfiguration({ problem: `${missing} at ${path} yet; \`topology ${maker}\` comes first` })
}

const makeFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    throw errors.pathUnusable({ path: folder, reason: messageOf(error) }, error)
  }
}
