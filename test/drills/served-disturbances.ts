/** What happens in the drills on real servers. Each returns when it is over; what follows is the same for all. */
import { setTimeout as pause } from 'node:timers/promises'
import type { CliProcess } from './cli-process.ts'
import { type Disturbance, type DrillRig, patienceMs } from './drill-rig.ts'
import { accessDenied, type Fault, internalError, seededFaults, slowDown, tooMany } from './fault-proxy.ts'
import { signalWorker, workersOf } from './worker-processes.ts'

/** Of Kafka's group: who is silent for longer has lost his partitions. */
const sessionMs = 6_000

/** After some more checkpoints and a little time: at any moment. */
const atAnyMoment = async (rig: DrillRig): Promise<void> => {
  const count = rig.runs.checkpoints.length + rig.below(25)
  await rig.runs.until(() => rig.runs.checkpoints.length >= count, patienceMs)
  await pause(rig.below(300))
}

const anyRun = (rig: DrillRig): CliProcess => {
  const { runs } = rig.runs
  return runs[rig.below(runs.length)]!
}

/** How long until another process commits something on the partitions of one that is silent; after a kill there is a bound. */
const takeover = async (rig: DrillRig, silent: CliProcess, what: 'killed' | 'frozen' | 'stopped'): Promise<void> => {
  const { runs } = rig
  const [sinceMs, from] = [Date.now(), runs.checkpoints.length]
  const waiting = new Set(runs.partitionsOf(silent))
  const taken = (): ReadonlyMap<number, number> => {
    const first = new Map<number, number>()
    for (const { run, partition, atMs } of runs.checkpoints.slice(from))
      if (run !== silent && waiting.has(partition) && !first.has(partition)) first.set(partition, atMs - sinceMs)
    return first
  }
  await runs.until(() => taken().size === waiting.size, patienceMs)
  const times = [...taken().values()].sort((left, right) => left - right)
  const first = times[0] ?? Number.POSITIVE_INFINITY
  rig.story.push(`${what}: first new result after ${first} ms, all ${waiting.size} partitions after ${times.at(-1)} ms`)
  if (what === 'killed' && first > rig.takeoverMs) rig.note(`nobody took over within ${rig.takeoverMs} ms: ${first} ms`)
  if (times.length < waiting.size) rig.note(`only ${times.length} of ${waiting.size} partitions were taken over`)
}

const killed: Disturbance = async (rig) => {
  await atAnyMoment(rig)
  const victim = anyRun(rig)
  const over = takeover(rig, victim, 'killed')
  await rig.runs.kill(victim)
  await over
  rig.runs.start()
  if (rig.below(2) === 0) return
  // Another one, perhaps while the new one is being given its share.
  await pause(rig.below(3_000))
  await rig.runs.kill(anyRun(rig))
  rig.runs.start()
}

const frozen: Disturbance = async (rig) => {
  await atAnyMoment(rig)
  const victim = anyRun(rig)
  const over = takeover(rig, victim, 'frozen')
  victim.signal('SIGSTOP')
  await Promise.all([over, pause(sessionMs + 500 + rig.below(3_000))])
  // Its clock has jumped, its partitions belong to somebody else, its calls have long been given up.
  victim.signal('SIGCONT')
}

/** Both, one after the other, as a deployment does it. */
const restarted: Disturbance = async (rig) => {
  for (const run of rig.runs.runs) {
    await atAnyMoment(rig)
    const over = takeover(rig, run, 'stopped')
    const startMs = Date.now()
    await rig.runs.stop(run)
    rig.story.push(`one run stopped within ${Date.now() - startMs} ms`)
    await over
    rig.runs.start()
  }
}

/** Both at once, while events come: nothing runs for a while. */
const stopped: Disturbance = async (rig) => {
  await atAnyMoment(rig)
  const startMs = Date.now()
  await rig.runs.stopAll()
  rig.story.push(`two runs stopped within ${Date.now() - startMs} ms`)
  await pause(rig.below(1_000))
  for (let count = 0; count < 2; count++) rig.runs.start()
}

/** A worker of a run is lost, and its supervisor puts another one in its place. */
const losesWorker = async (rig: DrillRig, signal: 'SIGKILL' | 'SIGSTOP'): Promise<void> => {
  await atAnyMoment(rig)
  const run = anyRun(rig)
  const workers = await workersOf(run.pid)
  const victim = workers[rig.below(workers.length)]
  if (victim === undefined) return rig.note('a run has no workers')
  const [sinceMs, times] = [Date.now(), countOf(run.stderr, replaced) + 1]
  if (!signalWorker(victim, signal)) return rig.note(`${signal}: the worker had ended before`)
  const isReplaced = await Promise.race([run.said(replaced, times), pause(patienceMs, false)])
  if (!isReplaced) return rig.note(`${signal}: a worker of ${workers.length} was not replaced`)
  const from = rig.runs.checkpoints.length
  const isBack = (): boolean => rig.runs.checkpoints.slice(from).some((one) => one.run === run)
  await rig.runs.until(isBack, patienceMs)
  if (!isBack()) rig.note(`${signal}: nothing is committed after a worker was replaced`)
  rig.story.push(
    `${signal}: one of ${workers.length} workers replaced, first new result after ${Date.now() - sinceMs} ms`,
  )
}

const replaced = /worker \d+ is replaced/
const countOf = (text: string, pattern: RegExp): number => (text.match(new RegExp(pattern, 'g')) ?? []).length

const workersKilled: Disturbance = async (rig) => {
  for (let count = 1 + rig.below(3); count > 0; count--) await losesWorker(rig, 'SIGKILL')
}

const workersFrozen: Disturbance = (rig) => losesWorker(rig, 'SIGSTOP')

const recovery = async (rig: DrillRig, what: string): Promise<void> => {
  const [sinceMs, from] = [Date.now(), rig.runs.checkpoints.length]
  await rig.runs.until(() => rig.runs.checkpoints.length > from, patienceMs)
  rig.story.push(`${what}: first new result ${Date.now() - sinceMs} ms after it was back`)
}

const kafkaRestarts: Disturbance = async (rig) => {
  await atAnyMoment(rig)
  const kafka = rig.server('kafka')
  await kafka.kill()
  await pause(rig.below(2_000))
  await kafka.restart()
  await recovery(rig, 'Kafka was killed')
}

const cassandraFreezes: Disturbance = async (rig) => {
  await atAnyMoment(rig)
  const cassandra = rig.server('cassandra')
  cassandra.freeze()
  await pause(2_000 + rig.below(6_000))
  cassandra.thaw()
  await recovery(rig, 'Cassandra was frozen')
}

const cassandraRestarts: Disturbance = async (rig) => {
  await atAnyMoment(rig)
  const cassandra = rig.server('cassandra')
  await cassandra.kill()
  await cassandra.restart()
  await recovery(rig, 'Cassandra was killed')
}

const objectFaults: readonly Fault[] = [
  tooMany,
  internalError,
  slowDown,
  accessDenied,
  'resetBefore',
  'resetAfter',
  'errorAfter',
  'slow',
  'halfRequest',
  'halfResponse',
]

const objectsFail: Disturbance = async (rig) => {
  rig.proxy.plan = seededFaults(rig.seed, 0.3, objectFaults)
  const [seen, endMs] = [rig.proxy.seen.length, Date.now() + 6_000 + rig.below(3_000)]
  await rig.runs.until(() => Date.now() > endMs, patienceMs)
  rig.proxy.plan = () => 'pass'
  const met = rig.proxy.seen.slice(seen).filter(({ fault }) => fault !== 'pass')
  rig.story.push(`${met.length} of ${rig.proxy.seen.length - seen} requests of objects met a fault`)
  if (met.length === 0) rig.note('no request met a fault')
}

export const disturbances = {
  killed,
  frozen,
  restarted,
  stopped,
  'workers-killed': workersKilled,
  'workers-frozen': workersFrozen,
  'kafka-restarts': kafkaRestarts,
  'cassandra-freezes': cassandraFreezes,
  'cassandra-restarts': cassandraRestarts,
  'objects-fail': objectsFail,
} as const satisfies Readonly<Record<string, Disturbance>>

const withTwoWorkers: readonly string[] = [
  'killed',
  'restarted',
  'workers-killed',
  'workers-frozen',
] satisfies DisturbanceName[]

/** Of each run. */
export const workersIn = (name: DisturbanceName): number => (withTwoWorkers.includes(name) ? 2 : 1)

export type DisturbanceName = keyof typeof disturbances

const isName = (name: string): name is DisturbanceName => Object.hasOwn(disturbances, name)

export const disturbanceNames: readonly DisturbanceName[] = Object.keys(disturbances).filter(isName)
