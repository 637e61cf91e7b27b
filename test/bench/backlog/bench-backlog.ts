/**
 * `npm run bench -- backlog [EVENTS]`: a backlog on Kafka and Cassandra, drained by `topology run` beside fresh events.
 * Servers of its own, on this machine; a loop over the bare clients drains the same topic in the same run.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { createKeyspace } from '../../../sinks/rows/cassandra/open-cassandra.ts'
import { systemClock, systemRandom } from '../../../topology/engine/shell/system-clock.ts'
import { partition } from '../../../topology/model/position.ts'
import { openRows } from '../../../topology/resources.ts'
import { createKafkaTopic, openKafkaLog } from '../../../topology/spouts/kafka/kafka-log.ts'
import { startServers } from '../../servers/start-servers.ts'
import { mebibytes, print } from '../figures.ts'
import { playFloor } from '../play-floor.ts'
import { servedEnv } from '../served-env.ts'
import { partitions, servedEvent, writeTopic } from '../servers-events.ts'
import { VisibleEvents } from '../visible-events.ts'
import { type LiveEvent, LiveTraffic, lookForMs } from './live-traffic.ts'
import { replayBeside } from './replay-beside.ts'
import { RunCommand, type RunCommandOptions } from './run-command.ts'
import { type DrainSample, middleMs, waitUntilDrained } from './wait-until-drained.ts'

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`
const rate = (events: number, ms: number): string => Math.round((events * 1_000) / ms).toLocaleString('en')

// What is behind by this much is a backlog: the smallest that the knob takes.
const afterMs = 10_000
const knobs = { 'catchUp.afterMs': afterMs, 'catchUp.leaveMs': 1_000, 'alert.lagMs': 5_000 }
const settleMs = 8_000

const urlOf = (topic: string): string => `kafka://${servedEnv().brokers.join(',')}/${topic}`
const rowsUrl = (): string => {
  const { contactPoint, dataCenter, keyspace } = servedEnv()
  return `cassandra://${contactPoint}/${keyspace}?dc=${dataCenter}`
}
const openTopic = (topic: string): ReturnType<typeof openKafkaLog> =>
  openKafkaLog({ brokers: servedEnv().brokers, topic, clock: systemClock, random: systemRandom })

const start = (
  topic: string,
  options: Pick<RunCommandOptions, 'topology' | 'sinks' | 'workers' | 'spinUs' | 'window'>,
): RunCommand => new RunCommand({ ...options, log: urlOf(topic), rows: rowsUrl(), knobs })

/** `ms`: from the first look at a ledger of the topology until everything below `ends` is durable. */
const drain = async (
  topology: string,
  ends: readonly number[],
  begun: () => Promise<void> = async () => undefined,
): Promise<{ readonly ms: number; readonly samples: readonly DrainSample[] }> => {
  for (;;) {
    // While tables are being made a look fails, or finds none; and who opened rows before finds none later either.
    const opened = await openRows(rowsUrl(), 'read', { clock: systemClock, random: systemRandom }).catch(
      () => undefined,
    )
    const beganMs = performance.now()
    try {
      const keys = (await opened?.ledger.keys(topology).catch(() => [])) ?? []
      if (opened !== undefined && keys.length === ends.length) {
        await begun()
        const samples = await waitUntilDrained(opened.ledger, topology, ends)
        return { ms: performance.now() - beganMs, samples }
      }
    } finally {
      await opened?.close()
    }
    await pause(200)
  }
}

const liveEvents = (first: number, perTick: number) => {
  let next = first
  return (): readonly LiveEvent[] =>
    Array.from({ length: perTick }, () => ({ ...servedEvent(next++), project: 'shop', isWatched: true }))
}

const beside = async (events: number, sinks: string): Promise<void> => {
  const ends = Array.from({ length: partitions }, (_, one) => Math.floor((events + partitions - 1 - one) / partitions))
  await pause(afterMs)
  const floor = playFloor(sinks.includes('events') ? 'events' : 'rollup', 'behind', events)
  print(
    `bare clients drain ${events.toLocaleString('en')} events in ${seconds(floor)}, ${rate(events, floor)} a second`,
  )
  const plain = start('behind', { topology: 'plain', sinks, workers: 1 })
  const { ms: plainMs } = await drain('plain', ends)
  await plain.stop()
  print(`drain without fresh events: ${seconds(plainMs)}, ${rate(events, plainMs)} a second, ${memory(plain)}`)
  const command = start('behind', { topology: 'beside', sinks, workers: 1 })
  const log = await openTopic('behind')
  let visible: VisibleEvents | undefined
  let traffic: LiveTraffic | undefined
  const { ms: besideMs } = await drain('beside', ends, async () => {
    visible = await VisibleEvents.after('beside_events', lookForMs)
    traffic = new LiveTraffic(log, visible, liveEvents(events, 100))
  })
  if (traffic === undefined) throw new Error('the run has never begun')
  const fresh = traffic.take()
  print(
    `drain beside 1,000 fresh events a second: ${seconds(besideMs)}, ${(besideMs / plainMs).toFixed(2)} x (at most 1.25), ${memory(command)}`,
  )
  print(
    `    fresh events meanwhile: p50 ${fresh.medianMs.toFixed(0)} ms, p99 ${fresh.p99Ms.toFixed(0)} ms (under 2,000), ${fresh.samples} samples`,
  )
  await replayBeside({ log: urlOf('behind'), rows: rowsUrl(), topology: 'beside', sinks })
  const replayed = traffic.take()
  print(
    `replay of everything beside 1,000 fresh events a second: p50 ${replayed.medianMs.toFixed(0)} ms, p99 ${replayed.p99Ms.toFixed(0)} ms (under 2,000), ${replayed.samples} samples`,
  )
  await traffic.stop()
  await command.stop()
  await visible?.close()
  await log.close()
}

const memory = ({ peakBytes, peakTogetherBytes }: RunCommand): string =>
  `peak RSS ${mebibytes(peakBytes)} of the largest process (at most 512), ${mebibytes(peakTogetherBytes)} of all`

/** One partition, a rollup and the schema: 2 workers against 1, with a bolt that burns 20 us an event, and without. */
const benchHot = async (events: number): Promise<void> => {
  for (const { spinUs, least, count } of [
    { spinUs: 20, least: 1.7, count: events },
    // Without work an event costs so little that a short drain would measure the start of the processes.
    { spinUs: 0, least: 1.25, count: events * 4 },
  ]) {
    const topic = `hot${spinUs}`
    await writeTopic(topic, count, 1, 1)
    await pause(afterMs)
    const took: number[] = []
    const whole: number[] = []
    for (const workers of [1, 2]) {
      const topology = `hot${spinUs}w${workers}`
      const command = start(topic, { topology, sinks: 'rollup,schema', workers, spinUs, window: '1 day' })
      const { ms, samples } = await drain(topology, [count])
      took.push(middleMs(samples))
      whole.push(ms)
      await command.stop()
    }
    const [one, two] = took
    const [wholeOne, wholeTwo] = whole
    print(
      `one hot partition, ${spinUs} us a record, ${count.toLocaleString('en')} records, between a tenth and nine tenths: 1 worker ${rate(count * 0.8, one!)} a second, 2 workers ${rate(count * 0.8, two!)}: ${(one! / two!).toFixed(2)} x (at least ${least}); whole drains ${seconds(wholeOne!)} and ${seconds(wholeTwo!)}`,
    )
  }
}

const tenants = 10
const calmPerSecond = 20
const noisy = 'tenant-0'

const tenantEvents = (factor: () => number) => {
  let next = 0
  return (): readonly LiveEvent[] => {
    const sent: LiveEvent[] = []
    for (let tenant = 0; tenant < tenants; tenant++) {
      const project = `tenant-${tenant}`
      const count = (calmPerSecond / 10) * (project === noisy ? factor() : 1)
      for (let index = 0; index < count; index++) {
        const { timeMs, record } = servedEvent(next++)
        const headers = [
          ...(record.headers ?? []).filter(([name]) => name !== 'project'),
          ['project', project] as const,
        ]
        const placed = { ...record, key: project, headers, partition: partition(0) }
        sent.push({ timeMs, project, record: placed, isWatched: project !== noisy })
      }
    }
    return sent
  }
}

/** One tenant at a hundred times its rate: what the others feel. */
const benchTenant = async (): Promise<void> => {
  await createKafkaTopic({
    brokers: servedEnv().brokers,
    topic: 'tenants',
    clock: systemClock,
    random: systemRandom,
    partitions: 1,
  })
  const command = start('tenants', { topology: 'tenants', sinks: 'events', workers: 1 })
  const log = await openTopic('tenants')
  let factor = 1
  const visible = await VisibleEvents.after('tenants_events', lookForMs)
  const traffic = new LiveTraffic(
    log,
    visible,
    tenantEvents(() => factor),
  )
  await pause(settleMs)
  traffic.take()
  await pause(30_000)
  const calm = traffic.take()
  factor = 100
  await pause(60_000)
  const loud = traffic.take()
  factor = 1
  await traffic.stop()
  await command.stop()
  await visible.close()
  await log.close()
  print(
    `one tenant at 100 x: p99 of the others ${loud.p99Ms.toFixed(0)} ms, calm ${calm.p99Ms.toFixed(0)} ms: ${(loud.p99Ms / calm.p99Ms).toFixed(2)} x (at most 1.5), ${loud.samples} samples, ${memory(command)}`,
  )
}

export const benchBacklog = async (events: number): Promise<void> => {
  const servers = await startServers({
    kinds: ['kafka', 'cassandra', 's3'],
    settings: { commitlogSync: 'periodic', quickBoot: false },
    tell: (text) => process.stderr.write(`${text}\n`),
  })
  try {
    Object.assign(process.env, servers.env)
    const { keyspace, contactPoint, dataCenter } = servedEnv()
    const ambient = { clock: systemClock, random: systemRandom, mode: 'run' } as const
    await createKeyspace({ contactPoints: [contactPoint], keyspace, dataCenter, ...ambient })
    const only = process.env['BENCH_ONLY']?.split(',')
    const isWanted = (part: string): boolean => only === undefined || only.includes(part)
    if (isWanted('beside')) {
      await writeTopic('behind', events)
      await beside(events, 'rollup,events')
    }
    if (isWanted('hot')) await benchHot(events)
    if (isWanted('tenant')) await benchTenant()
  } finally {
    await servers.stop()
  }
}
