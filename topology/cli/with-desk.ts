/**
 * What `delete` begins with: rows, the logs of the topology, and the desk that judges and writes requests. Before any
 * topology has run on the rows the log alone is enough: the delete is met by whichever runs.
 */
import { committedObjects, readObjects } from '../../sinks/objects/read-objects.ts'
import { anyTopology } from '../../sinks/rows/delete-requests.ts'
import { listCatalogue } from '../../sinks/rows/topology-catalogue.ts'
import { DeleteDesk } from '../delete-desk.ts'
import type { ObjectFact } from '../engine/delete-plan.ts'
import { knobValue } from '../model/knobs.ts'
import type { EventLog } from '../model/ports/event-log.ts'
import { hasRows, type OpenRows, openLog, openRows } from '../resources.ts'
import { type ServedEntry, servedEntry } from '../served-entry.ts'
import type { CommandIo } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { type Configuration, readConfiguration } from './configuration.ts'
import { chooseTopologyIfAny, type Reader } from './open-reader.ts'
import { withLogs } from './with-logs.ts'

export interface OpenDesk extends OpenRows {
  readonly desk: DeleteDesk
  /** `undefined` before any has run. */
  readonly topology: ServedEntry | undefined
  readonly logOf: (spout: string) => EventLog
}

/** `mode` read: rows are not made where there are none. */
export const withDesk = async <Result>(
  io: CommandIo,
  input: CommandInput,
  mode: 'read' | 'write',
  use: (open: OpenDesk) => Promise<Result>,
): Promise<Result> => {
  const configuration = await readConfiguration(io, input)
  input.check()
  const opened = await openOrEmpty(io, configuration.rows.value, mode)
  try {
    const entry = chooseTopologyIfAny(configuration, await listCatalogue(opened.rows))
    const topology = entry === undefined ? undefined : await servedEntry(opened, entry)
    return await withLogsOf(io, opened, configuration, topology, async (logs, logOf) => {
      const desk = new DeleteDesk({
        logs,
        rows: opened.rows,
        topology: topology?.topology ?? anyTopology,
        clock: io.clock,
        random: io.random,
        scanRecords: knobValue('delete.scanRecords', configuration.knobs),
        objects: (project) => objectFacts(opened, topology, project),
      })
      await desk.look()
      return await use({ ...opened, desk, topology, logOf })
    })
  } finally {
    await opened.close()
  }
}

/** Rows that are not there yet read as empty ones. */
const openOrEmpty = (io: CommandIo, url: string, mode: 'read' | 'write'): Promise<OpenRows> =>
  mode === 'read' && !hasRows(url) ? openRows('memory:') : openRows(url, mode, io)

/** A log that is not there has nothing to delete, so none is made. */
const withLogsOf = async <Result>(
  io: CommandIo,
  opened: OpenRows,
  configuration: Configuration,
  topology: ServedEntry | undefined,
  use: (logs: readonly EventLog[], logOf: (spout: string) => EventLog) => Promise<Result>,
): Promise<Result> => {
  if (topology !== undefined) {
    const reader: Reader = { ...opened, configuration, topology }
    return withLogs(io, reader, (logOf) => use([...new Set(topology.spouts.map(({ name }) => logOf(name)))], logOf))
  }
  const log = await openLog(configuration.log.value, { ...io, mode: 'read' })
  try {
    return await use([log], () => log)
  } finally {
    await log.close()
  }
}

const objectFacts = async (
  { rows, ledger }: OpenRows,
  topology: ServedEntry | undefined,
  project: string,
): Promise<readonly ObjectFact[]> => {
  if (topology === undefined) return []
  const isCommitted = await committedObjects(ledger, topology.topology)
  const { read } = topology
  const facts: ObjectFact[] = []
  for await (const object of readObjects({ rows, topology: topology.topology, project, isCommitted, read })) {
    const { partition, collection, firstOffset, lastOffset, byteLength, count } = object
    if (count > 0) facts.push({ partition, project, collection, firstOffset, lastOffset, byteLength })
  }
  return facts
}
