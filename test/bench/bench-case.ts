/**
 * One case of the benchmark in a process of its own: node bench-case.ts CASE LOG-FOLDER WORK-FOLDER. Prints one JSON line.
 */
import { filter } from 'rxjs'
import { defineTopology, log, type Topology } from 'spillway'
import { count, inferSchema, percentile, rollup, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import { systemClock } from '../../topology/engine/shell/system-clock.ts'
import type { JsonObject } from '../../topology/model/json.ts'
import { offset, partition } from '../../topology/model/position.ts'
import { openResources } from '../../topology/resources.ts'
import { openFileLog } from '../../topology/spouts/file/file-log.ts'
import { startRun } from '../../topology/start-run.ts'

const revenue = () =>
  rollup({
    window: '1 minute',
    by: ['country'],
    values: { orders: count(), revenue: sum('price'), p95: percentile('price', 95) },
  })

const topologies: Readonly<Record<string, () => Topology>> = {
  bolt: () =>
    defineTopology('bench', (t) => {
      t.spout('events', log())
        .bolt(
          'priced',
          filter((event) => event.body['price'] !== undefined),
        )
        .bolt('revenue', revenue())
        .sink('revenue_by_country', tableRows())
    }),
  spout: () =>
    defineTopology('bench', (t) => {
      t.spout('events', log()).bolt('revenue', revenue()).sink('revenue_by_country', tableRows())
    }),
  all: () =>
    defineTopology('bench', (t) => {
      const events = t.spout('events', log())
      events.sink('events', eventRows())
      events.bolt('schema', inferSchema()).sink('schemas', tableRows())
      events.bolt('revenue', revenue()).sink('revenue_by_country', tableRows())
      events.sink('archive', objects({ format: 'ndjson', compression: 'gzip' }))
    }),
}

let startupMs = 0
let before = process.cpuUsage()

/** Loading of modules and opening of files is start-up, printed apart; what comes now is measured. */
const start = (): void => {
  startupMs = performance.now()
  before = process.cpuUsage()
}

/** The floor: what a plain loop needs to read the log and parse each value. */
const readAndParse = async (folder: string): Promise<number> => {
  const input = await openFileLog({ folder, clock: systemClock })
  start()
  let at = offset(0)
  let total = 0
  for (;;) {
    const batch = await input.fetch(partition(0), at, { maxBytes: 1_048_576, waitMs: 0 })
    if (batch.to === at) break
    for (const { bytes, start, end } of batch.records) {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8', start, end)
      const body: JsonObject = JSON.parse(text)
      total += typeof body['price'] === 'number' ? 1 : 0
    }
    at = batch.to
  }
  await input.close()
  return total
}

const runCase = async (name: string, logFolder: string, workFolder: string): Promise<number> => {
  const urls = { log: `file:${logFolder}`, rows: `sqlite:${workFolder}/rows.db`, objects: `file:${workFolder}/objects` }
  const resources = await openResources(urls)
  start()
  const handle = await startRun(topologies[name]!(), resources, { untilCaughtUp: true })
  const outcome = await handle.ended
  await resources.close()
  if (outcome.state !== 'caughtUp') throw outcome.error ?? new Error(outcome.state)
  return outcome.records
}

const [name = '', logFolder = '', workFolder = ''] = process.argv.slice(2)
const records = name === 'floor' ? await readAndParse(logFolder) : await runCase(name, logFolder, workFolder)
const elapsedMs = performance.now() - startupMs
const { user, system } = process.cpuUsage(before)
const peakBytes = process.resourceUsage().maxRSS * 1024
process.stdout.write(
  `${JSON.stringify({ name, records, startupMs, elapsedMs, cpuMs: (user + system) / 1000, peakBytes })}\n`,
)
