/**
 * Opens the resources that URLs name. Adapters are loaded when their scheme is asked for, so a program that uses one
 * log pays for no other driver.
 *
 * `run` on embedded rows holds a lock until `close`: a second run would be safe (the ledger decides), but two processes
 * that write one SQLite file in turn only wait for each other.
 */
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from './engine/shell/system-clock.ts'
import { errors } from './model/errors.ts'
import { partitionMax } from './model/limits.ts'
import type { Clock } from './model/ports/clock.ts'
import type { EventLog } from './model/ports/event-log.ts'
import type { Ledger } from './model/ports/ledger.ts'
import type { ObjectStore } from './model/ports/object-store.ts'
import type { RowStore } from './model/ports/row-store.ts'
import type { Resources } from './model/run-handle.ts'
import { messageOf } from './model/spillway-error.ts'
import { OpenedPorts } from './opened-ports.ts'

/** `run` makes what is missing and takes the lock; `write` makes what is missing; `read` wants it to be there. */
export type ResourceMode = 'run' | 'write' | 'read'

export interface OpenLogOptions {
  readonly clock?: Clock
  readonly mode?: ResourceMode
}

/** Opens a log: `file:FOLDER?partitions=N&retention=7d`, `memory:`. Default mode `write`. */
export const openLog = async (url: string, options: OpenLogOptions = {}): Promise<EventLog> => {
  const { scheme, path, query } = readUrl('log', url)
  const clock = options.clock ?? systemClock
  const partitions = readPartitions(url, query.get('partitions'))
  const retentionMs = readRetention(url, query.get('retention'))
  const partitionsOption = partitions === undefined ? {} : { partitions }
  if (scheme === 'memory') {
    const { createMemoryLog } = await import('./spouts/memory/memory-log.ts')
    return createMemoryLog({ clock, ...partitionsOption })
  }
  requirePresent('log', path, options.mode)
  const { openFileLog } = await import('./spouts/file/file-log.ts')
  return openFileLog({
    folder: path,
    clock,
    ...partitionsOption,
    ...(retentionMs === undefined ? {} : { retentionMs }),
  })
}

/** Rows and the ledger that belongs to them; `close` closes both and gives the lock back. */
export interface OpenRows {
  readonly rows: RowStore
  readonly ledger: Ledger
  close(): Promise<void>
}

/** Opens rows and ledger: `sqlite:FILE`, `memory:`. Default mode `write`. Throws `storeLocked` when another run works there. */
export const openRows = async (url: string, mode: ResourceMode = 'write'): Promise<OpenRows> => {
  const { scheme, path } = readUrl('rows', url)
  if (scheme === 'memory') {
    const { createMemoryRows } = await import('../sinks/rows/memory/memory-rows.ts')
    const { createMemoryLedger } = await import('../sinks/rows/memory/memory-ledger.ts')
    return closing(createMemoryRows(), createMemoryLedger(), () => {})
  }
  requirePresent('rows', path, mode)
  if (mode !== 'read') await makeFolder(dirname(path))
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

/** Opens objects: `file:FOLDER`, `memory:`. Default mode `write`. */
export const openObjects = async (url: string, mode: ResourceMode = 'write'): Promise<ObjectStore> => {
  const { scheme, path } = readUrl('objects', url)
  if (scheme === 'memory') {
    const { createMemoryObjects } = await import('../sinks/objects/memory/memory-objects.ts')
    return createMemoryObjects()
  }
  requirePresent('objects', path, mode)
  const { openFolderObjects } = await import('../sinks/objects/folder/folder-objects.ts')
  return openFolderObjects({ folder: path })
}

export interface ResourceUrls {
  readonly log: string
  /** Logs of spouts that do not read the default one, by the spout's name. */
  readonly logs?: Readonly<Record<string, string>>
  readonly rows: string
  readonly objects: string
  readonly mode?: ResourceMode
  readonly clock?: Clock
}

/** Opens everything that a run needs; what was opened is closed again when something fails. */
export const openResources = async (urls: ResourceUrls): Promise<Resources & { close(): Promise<void> }> => {
  const { mode = 'run', clock = systemClock } = urls
  const opened = new OpenedPorts()
  try {
    // Rows first: they hold the lock, and whoever does not get it has touched nothing.
    const { rows, ledger } = opened.keep(await openRows(urls.rows, mode))
    const logs: Record<string, EventLog> = {}
    const byUrl = new Map<string, EventLog>()
    for (const [name, url] of [['default', urls.log] as const, ...Object.entries(urls.logs ?? {})]) {
      const log = byUrl.get(url) ?? opened.keep(await openLog(url, { clock, mode }))
      byUrl.set(url, log)
      logs[name] = log
    }
    const objects = opened.keep(await openObjects(urls.objects, mode))
    return { logs, rows, ledger, objects, close: () => opened.close() }
  } catch (error) {
    await opened.close()
    throw error
  }
}

/**
 * Where a run on these rows spills: beside embedded rows, where the next run finds and removes what a killed one has
 * left; `undefined` for others.
 */
export const spillFolderOf = (rowsUrl: string): string | undefined => {
  const { scheme, path } = readUrl('rows', rowsUrl)
  return scheme === 'sqlite' ? `${path}-spill` : undefined
}

interface ResourceUrl {
  readonly scheme: string
  /** Absolute path; empty for `memory:`. */
  readonly path: string
  readonly query: URLSearchParams
}

const configuration = (problem: string): Error => errors.badConfiguration({ problem })

export type ResourceName = 'log' | 'rows' | 'objects'

interface ResourceRule {
  readonly schemes: readonly string[]
  readonly parameters: readonly string[]
}

const rules: Readonly<Record<ResourceName, ResourceRule>> = {
  log: { schemes: ['file', 'memory'], parameters: ['partitions', 'retention'] },
  rows: { schemes: ['sqlite', 'memory'], parameters: [] },
  objects: { schemes: ['file', 'memory'], parameters: [] },
}

/** What is wrong with a URL, `undefined` when it can be opened as far as its text shows. Opens nothing. */
export const resourceUrlProblem = (resource: ResourceName, url: string): string | undefined => {
  try {
    const { query } = readUrl(resource, url)
    readPartitions(url, query.get('partitions'))
    readRetention(url, query.get('retention'))
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

const readUrl = (resource: ResourceName, url: string): ResourceUrl => {
  const { schemes, parameters } = rules[resource]
  const shown = `${resource} ${JSON.stringify(url)}`
  const match = /^([a-z][a-z0-9+.-]*):([^?]*)(?:\?(.*))?$/s.exec(url)
  const there = schemes.map((scheme) => `${scheme}:`).join(' and ')
  if (match === null) throw configuration(`${shown} is no URL; it begins with ${there}`)
  const [, scheme = '', rest = '', search = ''] = match
  if (!schemes.includes(scheme)) throw configuration(`${shown}: there is no ${scheme}: here, only ${there}`)
  const query = new URLSearchParams(search)
  for (const name of query.keys()) {
    if (parameters.includes(name)) continue
    const known = parameters.length === 0 ? 'it takes none' : `it takes ${parameters.join(' and ')}`
    throw configuration(`${shown}: unknown parameter ${JSON.stringify(name)}; ${known}`)
  }
  if (scheme === 'memory') return { scheme, path: '', query }
  if (rest === '' || rest === '//') throw configuration(`${shown} names no path`)
  return { scheme, path: rest.startsWith('//') ? fileURLToPath(`file:${rest}`) : resolve(rest), query }
}

const requirePresent = (resource: ResourceName, path: string, mode: ResourceMode | undefined): void => {
  if (mode !== 'read' || existsSync(path)) return
  const missing = resource === 'log' ? 'there is no log' : `there are no ${resource}`
  const maker = resource === 'log' ? 'ingest' : 'run'
  throw configuration(`${missing} at ${path} yet; \`topology ${maker}\` comes first`)
}

const makeFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    throw errors.pathUnusable({ path: folder, reason: messageOf(error) }, error)
  }
}

const readPartitions = (url: string, text: string | null): number | undefined => {
  if (text === null) return undefined
  const count = /^\d+$/.test(text) ? Number(text) : 0
  if (count < 1 || count > partitionMax)
    throw configuration(`log ${JSON.stringify(url)}: partitions is a whole number from 1`)
  return count
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const readRetention = (url: string, text: string | null): number | undefined => {
  if (text === null) return undefined
  const [, count = '', unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? []
  const factor = unitMs[unit]
  if (factor === undefined)
    throw configuration(`log ${JSON.stringify(url)}: retention is a number and a unit: 30m, 12h, 7d`)
  return Number(count) * factor
}
