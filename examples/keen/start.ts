/**
 * `npm start`: real events into an embedded log, a topology over them, and a look at what came out.
 *
 * Everything lies in ./data; killed at any moment and started again, it ends with the same result.
 */
import { openLog, openObjects, openRows, run } from 'spillway'
import { dataSets, recordOf } from './data-sets.ts'
import { printReport } from './report.ts'
import { showProgress } from './show-progress.ts'
import keen from './topology.ts'

const urls = { log: 'file:./data/log', rows: 'sqlite:./data/rows.db', objects: 'file:./data/objects' }
// About 1 MB of flights: one append makes so many records durable at once.
const recordsAtOnce = 5_000

/** Events of each collection that the log holds already: an earlier start may have been killed while it appended. */
const countLog = async (log: Awaited<ReturnType<typeof openLog>>): Promise<Map<string, number>> => {
  const found = new Map<string, number>()
  for (let index = 0; index < log.partitions; index++) {
    const place = index as Parameters<typeof log.bounds>[0] // an index below `partitions` is a partition
    const { start, end } = await log.bounds(place)
    for (let at = start; at < end; ) {
      const batch = await log.fetch(place, at, { maxBytes: 1_048_576, waitMs: 0 })
      for (const record of batch.records) {
        const name = record.headers.find(([header]) => header === 'collection')?.[1] ?? ''
        found.set(name, (found.get(name) ?? 0) + 1)
      }
      at = batch.to
    }
  }
  return found
}

const append = async (): Promise<number> => {
  const log = await openLog(urls.log)
  const present = await countLog(log)
  let total = 0
  for (const { project, name, events } of dataSets()) {
    const fresh = events.filter(({ collection }) => {
      const left = present.get(collection) ?? 0
      if (left > 0) present.set(collection, left - 1)
      return left === 0
    })
    for (let from = 0; from < fresh.length; from += recordsAtOnce) {
      await log.append(fresh.slice(from, from + recordsAtOnce).map((event) => recordOf(project, event)))
    }
    total += events.length
    const already = events.length - fresh.length
    const note = already === 0 ? '' : `, ${already} were there already`
    process.stderr.write(`  ${name.padEnd(18)} ${String(events.length).padStart(7)} events${note}\n`)
  }
  await log.close()
  return total
}

process.stderr.write('Appending real events to ./data/log\n')
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
await close()
