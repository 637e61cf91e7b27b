/**
 * `run(topology, { log, rows, objects })`: the library's way to run a topology on resources named by URL, or on open ports.
 */
import type { EventLog } from './model/ports/event-log.ts'
import type { Ledger } from './model/ports/ledger.ts'
import type { ObjectStore } from './model/ports/object-store.ts'
import type { RowStore } from './model/ports/row-store.ts'
import type { RunHandle, RunOptions } from './model/run-handle.ts'
import type { Topology } from './model/topology.ts'
import { OpenedPorts } from './opened-ports.ts'
import type { Environment } from './resource-environment.ts'
import { openLog, openObjects, openRows, spillFolderOf } from './resources.ts'
import { startRun } from './start-run.ts'

export interface RunSettings extends RunOptions {
  /** URL of the log, or an open one; by the spout's name where spouts read different logs. Default `file:./data/log`. */
  readonly log?: string | EventLog | Readonly<Record<string, string | EventLog>>
  /** URL of the rows, or open rows with their ledger. Default `sqlite:./data/rows.db`. */
  readonly rows?: string | { readonly rows: RowStore; readonly ledger: Ledger }
  /** URL of the objects, or an open store. Default `file:./data/objects`. */
  readonly objects?: string | ObjectStore
  /** Where secrets and endpoints of servers stand. Default: the environment of the process. */
  readonly env?: Environment
}

/**
 * Runs a topology until it is stopped, fails, or (with `untilCaughtUp`) everything in the log is durable. What it opened
 * itself it closes at the end. Throws a `SpillwayError` of class `stop` when the run is impossible.
 */
export const run = async (topology: Topology, settings: RunSettings = {}): Promise<RunHandle> => {
  const opened = new OpenedPorts()
  try {
    const place = settings.rows ?? 'sqlite:./data/rows.db'
    const { rows, ledger } = typeof place === 'string' ? opened.keep(await openRows(place, 'run', settings)) : place
    const logs: Record<string, EventLog> = {}
    for (const [name, where] of Object.entries(logPlaces(settings.log ?? 'file:./data/log'))) {
      logs[name] = typeof where === 'string' ? opened.keep(await openLog(where, settings)) : where
    }
    const folder = settings.objects ?? 'file:./data/objects'
    const objects = typeof folder === 'string' ? opened.keep(await openObjects(folder, 'run', settings)) : folder
    const spillFolder = settings.spillFolder ?? (typeof place === 'string' ? spillFolderOf(place) : undefined)
    const options = { ...settings, ...(spillFolder === undefined ? {} : { spillFolder }) }
    const handle = await startRun(topology, { logs, rows, ledger, objects }, options)
    return closingAtEnd(handle, () => opened.close())
  } catch (error) {
    await opened.close()
    throw error
  }
}

const isLog = (place: object): place is EventLog => 'fetch' in place

const logPlaces = (log: NonNullable<RunSettings['log']>): Readonly<Record<string, string | EventLog>> =>
  typeof log === 'string' || isLog(log) ? { default: log } : log

/** The same handle, whose end includes the closing of what the run had opened. */
const closingAtEnd = (handle: RunHandle, close: () => Promise<void>): RunHandle => {
  const ended = handle.ended.then(async (outcome) => {
    await close()
    return outcome
  })
  return {
    status: () => handle.status(),
    pause: (sink) => handle.pause(sink),
    resume: (sink) => handle.resume(sink),
    pauseDelete: (id) => handle.pauseDelete(id),
    resumeDelete: (id) => handle.resumeDelete(id),
    snapshot: () => handle.snapshot(),
    setTenantRules: (rules) => handle.setTenantRules(rules),
    get tenantRules() {
      return handle.tenantRules
    },
    pin: (pin) => handle.pin(pin),
    unpin: (knob, author, reason) => handle.unpin(knob, author, reason),
    setProfile: (name, reason) => handle.setProfile(name, reason),
    drain: (worker) => handle.drain(worker),
    undrain: (worker) => handle.undrain(worker),
    tune: (knob, value) => handle.tune(knob, value),
    caughtUp: handle.caughtUp,
    ended,
    stop: async () => {
      await handle.stop()
      return ended
    },
    [Symbol.asyncIterator]: () => handle[Symbol.asyncIterator](),
  }
}
