/**
 * What the program of a worker does. Whatever it is doing, it ends when its supervisor is gone: two owners would be safe,
 * but nobody would know of this one.
 */
import { rm } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { isTopology } from './declare/define-topology.ts'
import { planSpout } from './declare/plan-spout.ts'
import { blamed } from './engine/shell/culprit.ts'
import { systemClock, systemRandom } from './engine/shell/system-clock.ts'
import { Waits } from './engine/shell/waits.ts'
import type { SupervisorChannel } from './engine/shell/workers/worker-channel.ts'
import { WorkerHost } from './engine/shell/workers/worker-host.ts'
import type { FromWorker, ToWorker } from './engine/workers/messages.ts'
import type { FirstMessage, LaneOrder, LastMessage } from './lane-order.ts'
import { errors } from './model/errors.ts'
import { errorClassOf, messageOf, plainErrorOf } from './model/spillway-error.ts'
import type { Topology } from './model/topology.ts'
import { markedPlan } from './plan-marks.ts'
import { openResources } from './resources.ts'
import { runParts } from './run-parts.ts'

// An error of the kind that passes: the supervisor starts another one in a while.
const laterCode = 75
const lookEveryMs = 500

export const runLaneWorker = async (): Promise<void> => {
  // The supervisor hears the same signal and says what is to be done.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
  process.once('disconnect', () => process.exit(0))
  watchParent()
  process.on('uncaughtException', (error) => die(error))
  const { order, channel } = await firstOrder()
  process.title = `topology worker ${order.worker}`
  try {
    await serve(order, channel)
    process.exit(0)
  } catch (error) {
    if (errorClassOf(error, 'stop') === 'stop')
      await channel.send({ kind: 'unusable', error: plainErrorOf(error) }).catch(() => undefined)
    process.exit(errorClassOf(error, 'stop') === 'stop' ? 1 : laterCode)
  }
}

/** A bolt that spins hears nothing of it: a thread beside it sees that the parent is gone. */
const watchParent = (): void => {
  const watch = `const { ppid, pid } = process
    setInterval(() => { if (process.ppid !== ppid) process.kill(pid, 'SIGKILL') }, ${lookEveryMs})`
  new Worker(watch, { eval: true, execArgv: [] }).unref()
}

/** Nobody has caught it, so nothing of this process can be trusted any more. */
const die = (error: unknown): void => {
  const last: LastMessage = { kind: 'dying', reason: `of an uncaught error: ${messageOf(error)}` }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  if (process.send === undefined || !process.connected) process.exit(1)
  process.send(last, undefined, undefined, () => process.exit(1))
}

/** The first message; those behind it are kept until somebody listens. */
const firstOrder = async (): Promise<{ readonly order: LaneOrder; readonly channel: SupervisorChannel }> => {
  const kept: ToWorker[] = []
  let listener: (message: ToWorker) => void = (message) => kept.push(message)
  const order = await new Promise<LaneOrder>((resolve) => {
    process.on('message', (message: FirstMessage | ToWorker) => {
      if (message.kind === 'order') resolve(message.order)
      else listener(message)
    })
  })
  const send = (message: FromWorker): Promise<void> =>
    new Promise((resolve, reject) => {
      if (process.send === undefined || !process.connected) reject(new Error('the supervisor is gone'))
      else process.send(message, undefined, undefined, (error) => (error === null ? resolve() : reject(error)))
    })
  const onMessage = (given: (message: ToWorker) => void): void => {
    listener = given
    for (const message of kept.splice(0)) given(message)
  }
  return { order, channel: { send, onMessage } }
}

const serve = async (order: LaneOrder, channel: SupervisorChannel): Promise<void> => {
  const { spillFolder, file, knobs, marks, urls, worker } = order
  const topology = await load(file)
  await rm(spillFolder, { recursive: true, force: true })
  const opened = await openResources({ ...urls, mode: 'write', knobs })
  const waits = new Waits(systemClock)
  const plans = topology.spouts.map(({ name }) => markedPlan(planSpout(topology, name), marks))
  const given = { topology, waits, clock: systemClock, random: systemRandom, spillFolder, plans, file }
  const { parts, end } = await runParts({ ...given, resources: blamed(opened, waits) })
  const host = new WorkerHost(worker, parts, channel)
  host.start()
  await host.ended
  end()
  await opened.close()
  await rm(spillFolder, { recursive: true, force: true })
}

const load = async (file: string): Promise<Topology> => {
  const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(file).href)
  const topology = module['default']
  if (isTopology(topology)) return topology
  throw errors.badConfiguration({ problem: `${file} does not export a topology by default any more` })
}
