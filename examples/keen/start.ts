/**
 * `npm start`: real events into a log, a topology over them, and a look at what came out.
 *
 * Everything lies in ./data, or on the servers that SPILLWAY_LOG, SPILLWAY_ROWS and SPILLWAY_OBJECTS name; the topology is
 * the same. Killed at any moment and started again, it ends with the same result.
 */
import { openLog, openObjects, openRows, run } from 'spillway'
import { appendEvents } from './append-events.ts'
import { dataSets } from './data-sets.ts'
import { printReport } from './report.ts'
import { showProgress } from './show-progress.ts'
import keen from './topology.ts'

const urls = {
  log: process.env['SPILLWAY_LOG'] ?? 'file:./data/log',
  rows: process.env['SPILLWAY_ROWS'] ?? 'sqlite:./data/rows.db',
  objects: process.env['SPILLWAY_OBJECTS'] ?? 'file:./data/objects',
}

const append = async (): Promise<number> => {
  const log = await openLog(urls.log)
  process.stderr.write(`Appending real events to ${urls.log}\n`)
  let total = 0
  for await (const { name, events, before } of appendEvents(log, dataSets())) {
    total += events
    const note = before === 0 ? '' : `, ${before} were there already`
    process.stderr.write(`  ${name.padEnd(18)} ${String(events).padStart(7)} events${note}\n`)
  }
  await log.close()
  return total
}

const events = await append()
process.stderr.write('Running the topology until it has caught up\n')
const handle = await run(keen, { ...urls, untilCaughtUp: true, file: 'examples/keen/topology.ts' })
await showProgress(handle)
const outcome = await handle.ended
if (outcome.error !== undefined) throw outcome.error

const { rows, ledger, close } = await openRows(urls.rows, 'read')
const objects = await openObjects(urls.objects, 'read')
const eventRows = handle.status().sinks['events']?.counters.applied ?? 0
await printReport({ rows, ledger, objects, outcome, events, eventRows })
await objects.close()
await close()
