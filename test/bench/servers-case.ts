/**
 * One case of the servers benchmark through Spillway: node servers-case.ts CASE TOPIC EVENTS ROUNDS; prints one JSON line
 * per round. Rounds drain the same topic again in one process, each as a topology of its own, like the floors do.
 *
 * `fresh` runs live and measures from produce to the row that a bare client sees; `outputs` closes 10,000 outputs at once.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { defineTopology, log, type Topology } from 'spillway'
import { count, rollup, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import { openResources } from '../../topology/resources.ts'
import { startRun } from '../../topology/start-run.ts'
import { percentile } from './figures.ts'
import { servedEnv } from './served-env.ts'
import { servedEvent } from './servers-events.ts'
import { VisibleEvents } from './visible-events.ts'

const [name = '', topic = '', eventsText = '', roundsText = '1'] = process.argv.slice(2)
const events = Number(eventsText)
const warmBatches = 20
// Of processes that share a topology; else every process has its own.
const owner = process.env['BENCH_OWNER'] ?? String(process.pid)
const { brokers, contactPoint, dataCenter, keyspace, bucket } = servedEnv()

const urls = {
  log: `kafka://${brokers.join(',')}/${topic}`,
  rows: `cassandra://${contactPoint}/${keyspace}?dc=${dataCenter}`,
  objects: `s3://${bucket}/${topic}-${owner}`,
}

const topologyOf = (round: number): Topology => {
  // Rows mean one topology: a round that reads everything again writes tables of its own.
  const own = `${topic}_${owner}_${round}`.replaceAll('-', '_')
  return defineTopology(own, (t) => {
    const all = t.spout('events', log())
    if (name === 'rollup') {
      const revenue = rollup({
        window: '1 minute',
        by: ['country'],
        values: { orders: count(), revenue: sum('price') },
      })
      all.bolt('revenue', revenue).sink(`r_${owner}_${round}`, tableRows())
    } else if (name === 'events' || name === 'fresh' || name === 'live') all.sink(`e_${owner}_${round}`, eventRows())
    else all.sink('archive', objects({ format: 'ndjson', compression: 'gzip' }))
  })
}

const drain = async (round: number): Promise<void> => {
  const resources = await openResources(urls)
  const startedMs = performance.now()
  const before = process.cpuUsage()
  const outcome = await (await startRun(topologyOf(round), resources, { untilCaughtUp: true })).ended
  const elapsedMs = performance.now() - startedMs
  const { user, system } = process.cpuUsage(before)
  if (outcome.state !== 'caughtUp') throw outcome.error ?? new Error(outcome.state)
  if (outcome.records !== events) throw new Error(`${outcome.records} records were read, not ${events}`)
  await resources.close()
  const peakBytes = process.resourceUsage().maxRSS * 1024
  process.stdout.write(`${JSON.stringify({ elapsedMs, cpuMs: (user + system) / 1_000, peakBytes })}\n`)
}

/** 1,000 events a second; of each batch of 100 ms the last event of each partition is waited for. */
const fresh = async (): Promise<void> => {
  const resources = await openResources(urls)
  const run = await startRun(topologyOf(0), resources)
  const visible = await VisibleEvents.in(`e_${owner}_0`)
  const seenMs: number[] = []
  const watching: Promise<unknown>[] = []
  const input = resources.logs['default']!
  for (let batch = 0, tick = performance.now(); batch * 100 < events; batch++, tick += 100) {
    const sent = Array.from({ length: 100 }, (_, index) => servedEvent(batch * 100 + index))
    const sinceMs = performance.now()
    const places = await input.append(sent.map(({ record }) => record))
    const last = new Map(places.map((place, index) => [place.partition, { place, timeMs: sent[index]!.timeMs }]))
    for (const { place, timeMs } of last.values()) {
      const note = (): void => void (batch >= warmBatches && seenMs.push(performance.now() - sinceMs))
      watching.push(visible.wait(place, timeMs).then(note))
    }
    await pause(Math.max(0, tick + 100 - performance.now()))
  }
  await Promise.all(watching)
  await run.stop()
  await visible.close()
  await resources.close()
  const figures = { medianMs: percentile(seenMs, 50), freshMs: percentile(seenMs, 99), samples: seenMs.length }
  process.stdout.write(`${JSON.stringify({ ...figures, peakBytes: process.resourceUsage().maxRSS * 1024 })}\n`)
}

/** Runs until it is killed. */
const live = async (): Promise<void> => {
  const resources = await openResources(urls)
  const run = await startRun(topologyOf(0), resources)
  for await (const { kind, text } of run)
    if (kind !== 'checkpoint') process.stdout.write(`${JSON.stringify({ text })}\n`)
}

if (name === 'live') await live()
else if (name === 'fresh') await fresh()
else for (let round = 0; round < Number(roundsText); round++) await drain(round)
