/** Ledger and logs without objects, for what looks at positions only: it works beside a run, whatever sinks there are. */
import type { EventLog } from '../model/ports/event-log.ts'
import type { Ledger } from '../model/ports/ledger.ts'
import type { RowStore } from '../model/ports/row-store.ts'
import { OpenedPorts } from '../opened-ports.ts'
import { hasRows, openLog, openRows, type ResourceUrls } from '../resources.ts'

export interface LedgerAndLogs {
  readonly ledger: Ledger
  readonly rows: RowStore
  /** By the spout's name; `default` serves the rest. */
  readonly logs: Readonly<Record<string, EventLog>>
  close(): Promise<void>
}

/** `write`: the ledger may be written. What is not there is a problem of the configuration. */
export const openLedgerAndLogs = async (
  urls: Omit<ResourceUrls, 'mode'>,
  mode: 'read' | 'write',
): Promise<LedgerAndLogs> => {
  const opened = new OpenedPorts()
  try {
    // What is not there is not made by whoever only adds to it: reading it tells so.
    const { ledger, rows } = opened.keep(await openRows(urls.rows, hasRows(urls.rows) ? mode : 'read', urls))
    const logs: Record<string, EventLog> = {}
    for (const [name, url] of [['default', urls.log] as const, ...Object.entries(urls.logs ?? {})])
      logs[name] = opened.keep(await openLog(url, { ...urls, mode: 'read' }))
    return { ledger, rows, logs, close: () => opened.close() }
  } catch (error) {
    await opened.close()
    throw error
  }
}
