/** Opens the logs of a catalogued topology for reading, for as long as a function needs them. */
import type { EventLog } from '../model/ports/event-log.ts'
import { openLog } from '../resources.ts'
import type { CommandIo } from './command.ts'
import type { Reader } from './open-reader.ts'
import { logOfOptions, spoutLogUrls } from './open-spout-logs.ts'
import { refuseIfAny } from './usage-problems.ts'

export const withLogs = async <Result>(
  io: CommandIo,
  reader: Reader,
  use: (logOf: (spout: string) => EventLog) => Promise<Result>,
  mode: 'read' | 'write' = 'read',
): Promise<Result> => {
  const { configuration, topology } = reader
  const spouts = topology.spouts.map(({ name, options }) => ({ name, log: logOfOptions(options) }))
  const { urls, problems } = spoutLogUrls(spouts, configuration, io.folder)
  refuseIfAny(problems)
  const opened = new Map<string, EventLog>()
  const bySpout = new Map<string, EventLog>()
  try {
    for (const { name } of spouts) {
      const url = urls[name] ?? configuration.log.value
      const log = opened.get(url) ?? (await openLog(url, { ...io, mode }))
      opened.set(url, log)
      bySpout.set(name, log)
    }
    return await use((spout) => bySpout.get(spout) ?? [...opened.values()][0]!)
  } finally {
    for (const log of opened.values()) await log.close()
  }
}
