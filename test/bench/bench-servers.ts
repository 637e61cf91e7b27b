/**
 * `npm run bench -- servers [EVENTS]`: the same topology on Kafka, Cassandra and S3, beside loops over the bare clients that
 * drain the same topic in the same run. Servers of its own, on this machine, so brokers and stores share its cores.
 *
 * A case and its floor take turns, each in a process that drains several times; the fastest drain of each counts: noise
 * of a shared machine only ever adds.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createBucket } from '../../sinks/objects/s3/s3-objects.ts'
import { createKeyspace } from '../../sinks/rows/cassandra/open-cassandra.ts'
import { systemClock, systemRandom } from '../../topology/engine/shell/system-clock.ts'
import { openKafkaLog } from '../../topology/spouts/kafka/kafka-log.ts'
import { startServers } from '../servers/start-servers.ts'
import { mebibytes, print } from './figures.ts'
import { servedEnv } from './served-env.ts'
import { partitions, servedEvent, writeTopic } from './servers-events.ts'
import { VisibleEvents } from './visible-events.ts'

interface Drain {
  readonly elapsedMs: number
  readonly cpuMs: number
  readonly peakBytes: number
}

const caseScript = fileURLToPath(new URL('servers-case.ts', import.meta.url))
const floorScript = fileURLToPath(new URL('servers-floor.ts', import.meta.url))
const node = (file: string, args: readonly string[]): readonly string[] => [
  '--conditions=spillway-source',
  file,
  ...args,
]

const play = <Line>(file: string, ...args: readonly (string | number)[]): readonly Line[] => {
  const text = execFileSync(process.execPath, node(file, args.map(String)), {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: readonly Line[] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  return lines
}

const drainsPerProcess = 4
const rounds = 2

const fastest = (drains: readonly Drain[]): Drain => ({
  ...drains.reduce((best, one) => (one.elapsedMs < best.elapsedMs ? one : best)),
  peakBytes: Math.max(...drains.map(({ peakBytes }) => peakBytes)),
})

const line = (text: string, { elapsedMs, cpuMs, peakBytes }: Drain, events: number, rest: string): boolean => {
  const rate = Math.round(events / (elapsedMs / 1_000)).toLocaleString('en')
  return print(
    `${text.padEnd(38)} ${rate.padStart(9)} ${((cpuMs / events) * 1_000).toFixed(2).padStart(8)} ${mebibytes(peakBytes).padStart(9)}  ${rest}`,
  )
}

interface Case {
  readonly name: 'rollup' | 'archive' | 'events'
  readonly text: string
  /** What the ratio of the times is, and its bound. */
  readonly tell: (ownMs: number, floorMs: number) => string
}

const atMost = (bound: number) => (ownMs: number, floorMs: number) =>
  `${(ownMs / floorMs).toFixed(2)} x its time (at most ${bound})`
const cases: readonly Case[] = [
  { name: 'rollup', text: '(a) rollup to Cassandra', tell: atMost(1.35) },
  { name: 'archive', text: '(b) archive to S3', tell: atMost(1.3) },
  {
    name: 'events',
    text: '(c) event rows to Cassandra',
    tell: (own, floor) => `${(floor / own).toFixed(2)} x its rate (at least 0.75)`,
  },
]

/** Events a second, in thousands, and CPU seconds per million, of the same work on one such machine, where the floor did `floor`. */
const peers: Readonly<
  Record<string, readonly { readonly name: string; readonly rate: string; readonly cpu: string }[]>
> = {
  rollup: [
    { name: 'Flink 2.1', rate: '195-268', cpu: '4.4-6.2' },
    { name: 'Kafka Streams 4.3', rate: '132-179', cpu: '6.0-7.8' },
    { name: 'Storm 2.8', rate: '137', cpu: '11.7' },
    { name: 'the floor there', rate: '187', cpu: '5.8' },
  ],
  archive: [
    { name: 'Benthos 4.27', rate: '74', cpu: '24' },
    { name: 'the floor there', rate: '156', cpu: '8.8' },
  ],
}

const benchCase = ({ name, text, tell }: Case, topic: string, events: number): void => {
  const own: Drain[] = []
  const floor: Drain[] = []
  for (let round = 0; round < rounds; round++) {
    floor.push(...play<Drain>(floorScript, name, topic, events, drainsPerProcess))
    own.push(...play<Drain>(caseScript, name, topic, events, drainsPerProcess))
  }
  const [bestFloor, best] = [fastest(floor), fastest(own)]
  line(`${text}: bare clients`, bestFloor, events, '')
  line(`${text}: Spillway`, best, events, tell(best.elapsedMs, bestFloor.elapsedMs))
  for (const peer of peers[name] ?? [])
    print(`    ${peer.name}: ${peer.rate} k events/s, ${peer.cpu} CPU s/M, measured elsewhere`)
}

interface Fresh {
  readonly medianMs: number
  readonly freshMs: number
  readonly samples: number
  readonly peakBytes: number
}

const benchFresh = async (): Promise<void> => {
  await writeTopic('fresh', 0)
  const [fresh] = play<Fresh>(caseScript, 'fresh', 'fresh', 30_000)
  const { medianMs, freshMs, samples, peakBytes } = fresh!
  print(
    `freshness at 1,000 events/s, produce to visible row: p50 ${medianMs.toFixed(0)} ms, p99 ${freshMs.toFixed(0)} ms (under 2,000), ${samples} samples, peak RSS ${mebibytes(peakBytes)}`,
  )
}

const startLive = (): ChildProcess =>
  spawn(process.execPath, node(caseScript, ['live', 'takeover', '0']), {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, BENCH_OWNER: 'shared' },
  })

const settleMs = 8_000

/** Two processes share a topology; one is killed under load: when does each partition show what came after? */
const benchTakeover = async (): Promise<void> => {
  await writeTopic('takeover', 0)
  const log = await openKafkaLog({
    brokers: servedEnv().brokers,
    topic: 'takeover',
    clock: systemClock,
    random: systemRandom,
  })
  const both = [startLive(), startLive()] as const
  let next = 0
  const append = async (): Promise<readonly Promise<number>[]> => {
    const sent = Array.from({ length: partitions * 10 }, (_, index) => servedEvent(next + index))
    next += sent.length
    const places = await log.append(sent.map(({ record }) => record))
    return places.slice(-partitions).map((place, index) => visible.wait(place, sent.at(index - partitions)!.timeMs))
  }
  await pause(settleMs)
  const visible = await VisibleEvents.in('e_shared_0')
  await Promise.all(await append())
  both[0].kill('SIGKILL')
  const waits = await Promise.all(await append())
  print(
    `takeover after kill -9 of one of two processes: first new result of the slowest partition after ${(Math.max(...waits) / 1_000).toFixed(1)} s (under 10)`,
  )
  both[1].kill('SIGTERM')
  await visible.close()
  await log.close()
}

export const benchServers = async (events: number): Promise<void> => {
  const servers = await startServers({
    kinds: ['kafka', 'cassandra', 's3'],
    settings: { commitlogSync: 'periodic', quickBoot: false },
    tell: (text) => process.stderr.write(`${text}\n`),
  })
  try {
    Object.assign(process.env, servers.env)
    const { keyspace, bucket, contactPoint, dataCenter, s3 } = servedEnv()
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      AWS_ACCESS_KEY_ID: s3.accessKey,
      AWS_SECRET_ACCESS_KEY: s3.secretKey,
      AWS_REGION: 'us-east-1',
    })
    const ambient = { clock: systemClock, random: systemRandom, mode: 'run' } as const
    await createKeyspace({ contactPoints: [contactPoint], keyspace, dataCenter, ...ambient })
    await createBucket({
      bucket,
      prefix: '',
      region: 'us-east-1',
      endpoint: s3.endpoint,
      accessKeyId: s3.accessKey,
      secretAccessKey: s3.secretKey,
      ...ambient,
    })
    const meanBytes = await writeTopic('bench', events)
    print(
      `${events.toLocaleString('en')} events of ${meanBytes.toFixed(0)} bytes in ${partitions} partitions, Node ${process.version}; the fastest of ${rounds * drainsPerProcess} drains each`,
    )
    print(`${''.padEnd(38)}  events/s  CPU s/M  peak RSS  against the bare clients`)
    for (const one of cases) benchCase(one, 'bench', events)
    await writeTopic('outputs', 200_000, 10_000)
    const [outputs] = play<Drain>(caseScript, 'archive', 'outputs', 200_000, 1)
    line('10,000 collections to S3', outputs!, 200_000, 'peak RSS at most 512 MiB')
    await benchFresh()
    await benchTakeover()
  } finally {
    await servers.stop()
  }
}
