/**
 * `requestDelete(request, { log, rows })`: the library's way to delete events. It goes to the same desk as the command, so
 * a scan over budget is refused here as there (B18).
 */
import { anyTopology } from '../sinks/rows/delete-requests.ts'
import { listCatalogue } from '../sinks/rows/topology-catalogue.ts'
import { DeleteDesk } from './delete-desk.ts'
import type { DeleteInput } from './delete-input.ts'
import type { DeleteReceipt } from './delete-writing.ts'
import { systemClock, systemRandom } from './engine/shell/system-clock.ts'
import { errors } from './model/errors.ts'
import { knobValue } from './model/knobs.ts'
import type { Clock } from './model/ports/clock.ts'
import type { EventLog } from './model/ports/event-log.ts'
import type { Random } from './model/ports/random.ts'
import type { RowStore } from './model/ports/row-store.ts'
import { OpenedPorts } from './opened-ports.ts'
import { openLog, openRows } from './resources.ts'

export interface DeleteSettings {
  /** URL of the log, or an open one; all of them where the spouts of the topology read several. Default `file:./data/log`. */
  readonly log?: string | EventLog | readonly (string | EventLog)[]
  /** URL of the rows, or an open store: there the request is kept, with its progress. Default `sqlite:./data/rows.db`. */
  readonly rows?: string | RowStore
  /** Whose request it is, where several topologies share the rows. */
  readonly topology?: string
  readonly knobs?: Readonly<Record<string, number>>
  readonly clock?: Clock
  readonly random?: Random
}

/**
 * Asks for a delete; resolves when its records are durable in the log. A running topology then takes the events out of
 * every sink. Throws a `SpillwayError` of class `reject` when the request is refused; then nothing has been written.
 */
export const requestDelete = async (request: DeleteInput, settings: DeleteSettings = {}): Promise<DeleteReceipt> => {
  const opened = new OpenedPorts()
  const { clock = systemClock, random = systemRandom, log = 'file:./data/log' } = settings
  try {
    const logs: EventLog[] = []
    for (const place of [log].flat())
      logs.push(typeof place === 'string' ? opened.keep(await openLog(place, { clock, mode: 'read' })) : place)
    const place = settings.rows ?? 'sqlite:./data/rows.db'
    const rows = typeof place === 'string' ? opened.keep(await openRows(place, 'write')).rows : place
    const topology = settings.topology ?? (await onlyTopology(rows))
    const scanRecords = knobValue('delete.scanRecords', settings.knobs)
    const desk = new DeleteDesk({ logs, rows, topology, clock, random, scanRecords })
    await desk.look()
    const [receipt] = await desk.write([await desk.judge(request)])
    return receipt!
  } finally {
    await opened.close()
  }
}

const onlyTopology = async (rows: RowStore): Promise<string> => {
  const [only, second] = await listCatalogue(rows)
  if (second === undefined) return only?.topology ?? anyTopology
  throw errors.badConfiguration({ problem: 'several topologies share these rows: say whose delete it is' })
}
