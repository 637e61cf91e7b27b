/**
 * Begins a replay and sees it through: served by whoever runs the topology, or by this process where nobody does.
 *
 * A definition that has changed is known to this process alone: it serves nothing but the namespace, and leaves the sinks
 * of the definition before to whoever runs that.
 */
import { writeNamespace } from '../../sinks/rows/topology-catalogue.ts'
import { beginReplay } from '../begin-replay.ts'
import { catalogueContent } from '../catalogue-content.ts'
import { planSpout } from '../declare/plan-spout.ts'
import { errors } from '../model/errors.ts'
import { namespacedSink } from '../model/namespace.ts'
import type { Ledger } from '../model/ports/ledger.ts'
import type { Resources } from '../model/run-handle.ts'
import { SpillwayError } from '../model/spillway-error.ts'
import { withinMs } from '../model/within-ms.ts'
import { isChangedReplay, type ReplayPlan } from '../plan-replay.ts'
import { openResources, spillFolderOf } from '../resources.ts'
import type { CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { describeError, exitCodeOf } from './describe-error.ts'
import { openLedgerAndLogs } from './open-ledger-and-logs.ts'
import { patientLook, patiently } from './patiently.ts'
import { printJson } from './print-json.ts'
import type { OpenReplay } from './replay.ts'
import { type ReplayReport, readReplay, replayJson, replayText, tellRange } from './replay-report.ts'
import { attend } from './run.ts'
import { createTalk, type Talk } from './talk.ts'
import { ReplayPace, watchReplay } from './watch-replay.ts'

type OpenResources = Resources & { close(): Promise<void> }

const lastLookMs = 2_000

/** Runs the topology, or watches whoever does, until the replay is done. */
export const performReplay = async (io: CommandIo, input: CommandInput, asked: OpenReplay): Promise<ExitCode> => {
  const talk = createTalk(io, input.logLevel)
  const planned = await begin(io, talk, asked).catch((error: unknown) => {
    if (!io.signal.aborted) throw error
    return undefined
  })
  if (planned === undefined) {
    talk.warn(
      `replay ${asked.request.namespace} was broken off before it had begun everywhere: the same command goes on with it`,
    )
    return 1
  }
  const isChanged = isChangedReplay(planned)
  const pace = new ReplayPace()
  let isTold = false
  for (;;) {
    const report = await patientLook(io, talk, () => reportOf(asked, planned))
    if (io.signal.aborted || report?.state === 'done') return conclude(io, input, talk, asked, planned, undefined)
    const resources = await patiently(io, talk, () => openForRun(asked.urls))
    if (resources !== undefined)
      return conclude(io, input, talk, asked, planned, await runOn(io, talk, asked, planned, resources))
    if (io.signal.aborted) continue
    if (!isTold && isChanged)
      talk.warn(
        'a `topology run` of the earlier definition has these rows, and embedded rows serve one run at a time: end it, and this goes on',
      )
    if (!isTold && !isChanged) talk.info('a `topology run` is at work here: it serves the replay')
    isTold = true
    const watch = (ledger: Ledger): Promise<void> => watchReplay(io, talk, ledger, planned, pace)
    await patientLook(io, talk, () => withLedger(asked, watch))
  }
}

const begin = async (io: CommandIo, talk: Talk, asked: OpenReplay): Promise<ReplayPlan> => {
  const { urls, topology, request, rate, file } = asked
  const opened = await openLedgerAndLogs(urls, 'write')
  try {
    const { clock, random, signal } = io
    const pace = rate === undefined ? {} : { rate }
    const ports = { ...opened, clock, random, onTrouble: talk.warn }
    const planned = await beginReplay(topology, ports, request, signal, pace)
    const plans = topology.spouts.map(({ name }) => planSpout(topology, name))
    const content = catalogueContent(topology, plans, file)
    await patiently(io, talk, () => writeNamespace(opened.rows, request.namespace, content, clock))
    tellRange(talk, planned, rate)
    return planned
  } finally {
    await opened.close()
  }
}

const reportOf = (asked: OpenReplay, planned: ReplayPlan): Promise<ReplayReport> =>
  withLedger(asked, (ledger) => readReplay(ledger, planned, 'open'))

const withLedger = async <T>({ urls }: OpenReplay, use: (ledger: Ledger) => Promise<T>): Promise<T> => {
  const opened = await openLedgerAndLogs(urls, 'read')
  try {
    return await use(opened.ledger)
  } finally {
    await opened.close()
  }
}

/** `undefined` when a run has these rows. */
const openForRun = async (urls: OpenReplay['urls']): Promise<OpenResources | undefined> => {
  try {
    return await openResources({ ...urls, mode: 'run' })
  } catch (error) {
    if (error instanceof SpillwayError && error.code === errors.storeLocked.entry.code) return undefined
    throw error
  }
}

/** Runs until caught up; the error with which the run failed, if it did. */
const runOn = async (
  io: CommandIo,
  talk: Talk,
  { topology, configuration, file, request }: OpenReplay,
  planned: ReplayPlan,
  resources: OpenResources,
): Promise<Error | undefined> => {
  try {
    const { clock, random } = io
    const { startRun } = await import('../start-run.ts')
    const spillFolder = spillFolderOf(configuration.rows.value)
    const more = spillFolder === undefined ? {} : { spillFolder }
    const names = new Set(planned.parts.flatMap(({ sinks }) => sinks.map(({ name }) => name)))
    const alone = isChangedReplay(planned)
      ? { only: [...names].map((name) => namespacedSink(name, request.namespace)) }
      : {}
    const options = { untilCaughtUp: true, knobs: configuration.knobs, clock, random, file, ...more, ...alone }
    return (await attend(io, talk, await startRun(topology, resources, options), true)).error
  } finally {
    await resources.close()
  }
}

const conclude = async (
  io: CommandIo,
  input: CommandInput,
  talk: Talk,
  asked: OpenReplay,
  planned: ReplayPlan,
  error: Error | undefined,
): Promise<ExitCode> => {
  const { namespace, toMs } = asked.request
  const look = (): Promise<ReplayReport> => reportOf(asked, planned)
  const report = (await patientLook(io, talk, look)) ?? (await lastLook(io, look))
  const isOver = report?.state === 'done'
  // A sink that stopped elsewhere does not make the replay wrong.
  if (error !== undefined) talk[isOver ? 'warn' : 'error'](describeError(error))
  if (report !== undefined)
    await (input.flag('json') ? printJson(io, input, replayJson(report)) : io.print(replayText(report)))
  if (isOver && toMs !== null) talk.info(`replay ${namespace} is done: --namespace ${namespace} reads it`)
  else if (isOver) talk.info(followed(namespace, planned))
  else talk.info(`replay ${namespace} is not done: \`topology run\` or the same command goes on with it`)
  if (isOver) return 0
  return error === undefined ? 1 : exitCodeOf(error)
}

/** For a person who has broken it off: what there is to see is seen at once, or left out. */
const lastLook = (io: CommandIo, look: () => Promise<ReplayReport>): Promise<ReplayReport | undefined> =>
  withinMs(io.clock, lastLookMs, () => new Error('late'), look).catch(() => undefined)

const followed = (namespace: string, planned: ReplayPlan): string => {
  const reads = `replay ${namespace} has caught up: --namespace ${namespace} reads it, \`topology promote ${namespace}\` makes it what readers see`
  const who = isChangedReplay(planned)
    ? 'until then the same command goes on with it, and then `topology run` of this file'
    : '`topology run` goes on with it'
  return `${reads}; ${who}`
}
