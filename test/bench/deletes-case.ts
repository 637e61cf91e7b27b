/**
 * One case of the delete benchmark in a process of its own: node deletes-case.ts CASE EVENTS FOLDER. Prints one JSON line.
 *
 * `apply` applies the log, `half` takes half of it out by one property; both are bounded runs. `by-id` and `storm` delete
 * beside a live run that goes on to receive events, and measure how fresh those are.
 */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { defineTopology, log } from 'spillway'
import { count, inferSchema, rollup, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import { restoreOperator } from '../../operators/restore-operator.ts'
import { readRollup } from '../../sinks/rows/read-rollup.ts'
import { readSchema } from '../../sinks/rows/read-schema.ts'
import type { RunHandle } from '../../topology/model/run-handle.ts'
import { requestDelete } from '../../topology/request-delete.ts'
import { openResources } from '../../topology/resources.ts'
import { startRun } from '../../topology/start-run.ts'
import { idOf, partitions, project, recordOf } from './deletes-log.ts'
import { percentile } from './figures.ts'

const revenue = rollup({ window: '1 hour', by: ['country'], values: { orders: count(), revenue: sum('price') } })
const topology = defineTopology('bench', (t) => {
  const events = t.spout('events', log())
  events.sink('events', eventRows())
  events.bolt('schema', inferSchema()).sink('schemas', tableRows())
  events.bolt('revenue', revenue).sink('revenue_by_country', tableRows())
  events.sink('archive', objects({ format: 'ndjson', compression: 'gzip' }))
})

const [name = '', eventsText = '', folder = ''] = process.argv.slice(2)
const events = Number(eventsText)
const urls = { log: `file:${folder}/log`, rows: `sqlite:${folder}/rows.db`, objects: `file:${folder}/objects` }
const deletes = 10_000

type Opened = Awaited<ReturnType<typeof openResources>>

const bounded = async (): Promise<Record<string, number>> => {
  const resources = await openResources(urls)
  const startedMs = performance.now()
  const outcome = await (await startRun(topology, resources, { untilCaughtUp: true })).ended
  const elapsedMs = performance.now() - startedMs
  if (outcome.state !== 'caughtUp') throw outcome.error ?? new Error(outcome.state)
  const left = await liveEvents(resources)
  await resources.close()
  return { elapsedMs, left }
}

/** One delete by property, of all partitions; then what it takes out is measured by itself. */
const half = async (): Promise<Record<string, number>> => {
  const resources = await openResources(urls)
  const filters = [{ property_name: 'half', operator: 'eq', property_value: 'left' }]
  const { rows, logs } = resources
  await requestDelete({ project, filters, allowScan: true }, { log: logs['default']!, rows })
  await resources.close()
  return bounded()
}

/** Events that rollup and schema hold; they must agree. */
const liveEvents = async ({ rows }: Opened): Promise<number> => {
  const schemas = await readSchema({ rows, sink: 'schemas' })
  const counted = schemas.reduce((total, schema) => total + schema.events, 0)
  const operator = restoreOperator('rollup', revenue.options)!
  const { result } = await readRollup({ rows, sink: 'revenue_by_country', operator, nowMs: Date.now() })
  const { orders } = result as { readonly orders: number } // as the rollup above declares it
  if (orders !== counted) throw new Error(`the rollup holds ${orders} events, the schema ${counted}`)
  return counted
}

interface Look {
  readonly open: ReadonlySet<string>
  readonly bytes: number
  /** Delete records. */
  readonly listed: number
}

/** Sinks on which some listed delete is not done, and the size of the largest ledger document. */
const look = async ({ ledger }: Opened): Promise<Look> => {
  const open = new Set<string>()
  let [bytes, listed] = [0, 0]
  for (const key of await ledger.keys('bench')) {
    const doc = (await ledger.read(key))!
    bytes = Math.max(bytes, JSON.stringify(doc).length)
    for (const { records } of [...doc.deletes, ...doc.archive]) listed += records
    for (const entry of doc.deletes)
      for (const [sink, work] of Object.entries(entry.work)) if (work.state !== 'done') open.add(sink)
  }
  return { open, bytes, listed }
}

/** Appends events at a rate and notes how long each batch takes to be committed in the rows sinks. */
class LiveLoad {
  readonly freshMs: number[] = []
  readonly #resources: Opened
  readonly #run: RunHandle
  readonly #waiting: { readonly partition: number; readonly offset: number; readonly sinceMs: number }[] = []
  #next: number
  #isOver = false

  constructor(resources: Opened, run: RunHandle, next: number) {
    this.#resources = resources
    this.#run = run
    this.#next = next
  }

  get appended(): number {
    return this.#next
  }

  /** A batch of `size` every 100 ms. */
  async play(size: number): Promise<void> {
    const input = this.#resources.logs['default']!
    for (let tick = performance.now(); !this.#isOver; tick += 100) {
      const records = Array.from({ length: size }, (_, index) => recordOf(this.#next + index))
      this.#next += size
      const places = await input.append(records)
      const sinceMs = performance.now()
      const last = new Map<number, number>(places.map(({ partition, offset }) => [partition, offset]))
      for (const [partition, offset] of last) this.#waiting.push({ partition, offset, sinceMs })
      while (performance.now() < tick + 100 && !this.#isOver) {
        this.#note()
        await pause(10)
      }
    }
  }

  stop(): void {
    this.#isOver = true
  }

  #note(): void {
    const lanes = this.#run.status().lanes.filter(({ sink }) => sink === 'events' || sink === 'revenue_by_country')
    const nowMs = performance.now()
    for (let index = this.#waiting.length - 1; index >= 0; index--) {
      const { partition, offset, sinceMs } = this.#waiting[index]!
      if (!lanes.every((lane) => lane.partition !== partition || lane.at > offset)) continue
      this.freshMs.push(nowMs - sinceMs)
      this.#waiting.splice(index, 1)
    }
  }
}

const bin = fileURLToPath(new URL('../../topology/cli/bin.ts', import.meta.url))

/** `topology delete --from FILE`: as many requests as lines. */
const requestByIds = async (indices: readonly number[]): Promise<void> => {
  const file = `${folder}/requests-${indices[0]}.ndjson`
  const filterOf = (index: number): object => ({
    property_name: 'keen.id',
    operator: 'eq',
    property_value: idOf(index),
  })
  const lines = indices.map((index) => JSON.stringify({ project, filters: [filterOf(index)] }))
  writeFileSync(file, `${lines.join('\n')}\n`)
  const flags = ['--log', urls.log, '--rows', urls.rows, '--log-level', 'error']
  await promisify(execFile)(
    process.execPath,
    ['--conditions=spillway-source', bin, 'delete', '--from', file, ...flags],
    {
      maxBuffer: 2 ** 26,
    },
  )
}

/** Spread over the whole log, none twice. */
const chosen = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => Math.floor((index * events) / count) + (index % partitions))

const isRowsDone = (open: ReadonlySet<string>): boolean => !open.has('schemas') && !open.has('revenue_by_country')

const byId = async (): Promise<Record<string, number>> => {
  const resources = await openResources(urls)
  // The schema's epoch is 60 s old before it closes; a delete waits for what its sink has taken to be durable.
  const knobs = { 'epoch.schemaMs': 5_000, 'objects.ageMs': 5_000, 'delete.rewriteMs': 5_000 }
  const run = await startRun(topology, resources, { knobs })
  const load = new LiveLoad(resources, run, events)
  const playing = load.play(200)
  await pause(3_000)
  const before = process.memoryUsage().rss
  const startedMs = performance.now()
  await requestByIds(chosen(deletes))
  const requestedMs = performance.now() - startedMs
  let rowsMs = 0
  let bytes = 0
  for (let isListed = false, isDone = false; !isDone; ) {
    await pause(100)
    const seen = await look(resources)
    bytes = Math.max(bytes, seen.bytes)
    isListed = seen.listed >= deletes
    if (isListed && rowsMs === 0 && isRowsDone(seen.open)) rowsMs = performance.now() - startedMs
    isDone = isListed && seen.open.size === 0
  }
  const wholeMs = performance.now() - startedMs
  load.stop()
  await playing
  const after = process.memoryUsage().rss
  await run.stop()
  const left = await liveEvents(resources)
  const wanted = load.appended - deletes
  await resources.close()
  if (left !== wanted) throw new Error(`${left} events are left, not ${wanted}`)
  const [freshMs, medianMs] = [percentile(load.freshMs, 99), percentile(load.freshMs, 50)]
  return { requestedMs, rowsMs, wholeMs, freshMs, medianMs, bytes, rssBefore: before, rssAfter: after, left }
}

/** 10,000 deletes an hour for a minute, beside 2,000 events a second. */
const storm = async (): Promise<Record<string, number>> => {
  const resources = await openResources(urls)
  const knobs = { 'epoch.schemaMs': 5_000, 'objects.ageMs': 5_000, 'delete.rewriteMs': 5_000 }
  const run = await startRun(topology, resources, { knobs })
  const load = new LiveLoad(resources, run, events)
  const playing = load.play(200)
  const input = resources.logs['default']!
  const encoder = new TextEncoder()
  const sizes: number[] = []
  const memory: number[] = []
  const rounds = 120
  for (let round = 0; round < rounds; round++) {
    const indices = chosen(rounds * 2).slice(round * 2, round * 2 + 1 + (round % 2))
    await input.append(
      indices.map((index) => {
        const filters = [{ property_name: 'keen.id', operator: 'eq', property_value: idOf(index) }]
        const value = encoder.encode(JSON.stringify({ id: `storm-${index}`, project, filters }))
        const place = recordOf(index).partition
        return {
          key: null,
          headers: [['spillway-kind', 'delete']],
          value,
          ...(place === undefined ? {} : { partition: place }),
        }
      }),
    )
    await pause(500)
    sizes.push((await look(resources)).bytes)
    memory.push(process.memoryUsage().rss)
  }
  load.stop()
  await playing
  await run.stop()
  await resources.close()
  const half = sizes.length / 2
  const [bytesEarly, bytesLate] = [Math.max(...sizes.slice(0, half)), Math.max(...sizes.slice(half))]
  const [rssBefore, rssAfter] = [Math.max(...memory.slice(0, half)), Math.max(...memory.slice(half))]
  return {
    freshMs: percentile(load.freshMs, 99),
    medianMs: percentile(load.freshMs, 50),
    bytesEarly,
    bytesLate,
    rssBefore,
    rssAfter,
  }
}

const cases: Readonly<Record<string, () => Promise<Record<string, number>>>> = {
  apply: bounded,
  half,
  'by-id': byId,
  storm,
}
const measured = await cases[name]!()
const peakBytes = process.resourceUsage().maxRSS * 1024
process.stdout.write(`${JSON.stringify({ ...measured, peakBytes })}\n`)
