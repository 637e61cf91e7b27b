/**
 * `topology replay`: recomputes a past range of the log into a namespace of its own, beside the live results.
 *
 * Its sinks go into the ledger, and whoever runs the topology serves them. Where nobody does, this command runs the
 * topology itself until everything is caught up: the declared sinks too, for it is their lanes that meet the deletes
 * behind the range (I-3).
 */
import { resolve } from 'node:path'
import { beginReplay, planReplay, type ReplayPlan } from '../begin-replay.ts'
import { errors } from '../model/errors.ts'
import type { ReplayRequest } from '../model/ledger-document.ts'
import type { Resources } from '../model/run-handle.ts'
import { SpillwayError } from '../model/spillway-error.ts'
import type { Topology } from '../model/topology.ts'
import { openResources, type ResourceUrls, spillFolderOf } from '../resources.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { type Configuration, readConfiguration } from './configuration.ts'
import { describeError, exitCodeOf } from './describe-error.ts'
import { loadTopology } from './load-topology.ts'
import { openLedgerAndLogs } from './open-ledger-and-logs.ts'
import { spoutLogUrls } from './open-spout-logs.ts'
import { printJson } from './print-json.ts'
import { readReplayRequest } from './read-replay-request.ts'
import { type ReplayReport, readReplay, replayJson, replayText, tellRange } from './replay-report.ts'
import { attend } from './run.ts'
import { createTalk, type Talk } from './talk.ts'
import { watchReplay } from './watch-replay.ts'

export const replay: CommandDefinition = {
  name: 'replay',
  doc: 'Recomputes what was appended from one time up to another into a namespace, beside the live results, which stay as they are: one sink for each rollup, schema, event store and archive of FILE. Deletes of the log are left out, also those behind the range, and later ones are taken out of the namespace too. Runs beside `topology run`, or alone; broken off, the same command goes on. Read it with --namespace.',
  arguments: [{ name: 'FILE', doc: 'the topology file (.ts, .mts, .js), as it was last run', isRequired: true }],
  options: [
    { flags: '--from <TIME>', doc: 'append time of the first record, in ISO 8601' },
    { flags: '--to <TIME>', doc: 'append time behind the last record' },
    { flags: '--into <NAMESPACE>', doc: 'a name of a to z, 0 to 9 and -' },
    { flags: '--tenant <PROJECT>', doc: 'only events of this project' },
    { flags: '-t, --timeframe <FRAME>', doc: 'only events of these event times: START/END in ISO 8601' },
    { flags: '--dry-run', doc: 'shows what would be read, and changes nothing' },
  ],
  common: ['log', 'rows', 'objects', 'json'],
  examples: [
    'topology replay topology.ts --from 2026-03-01 --to 2026-03-08 --into shadow --dry-run',
    'topology replay topology.ts --from 2026-03-01 --to 2026-03-08 --into shadow',
    'topology replay topology.ts --from 2026-03-14T09:00Z --to 2026-03-14T10:00Z --tenant shop --into shop-hour',
  ],
  run: async (io, input) => {
    const file = input.operands[0] ?? ''
    const configuration = await readConfiguration(io, input, file)
    const request = readReplayRequest(io, input)
    input.check()
    const topology = await loadTopology(io, file)
    const spouts = topology.spouts.map(({ name, options }) => ({ name, log: options.log }))
    const { urls: logs, problems } = spoutLogUrls(spouts, configuration, io.folder)
    for (const problem of problems) input.note(problem)
    input.check()
    const { log, rows, objects } = configuration
    const { clock, random, env } = io
    const urls = { log: log.value, logs, rows: rows.value, objects: objects.value, clock, random, env }
    const asked = { topology, configuration, urls, request, file: resolve(io.folder, file) }
    return input.flag('dry-run') ? plan(io, input, asked) : perform(io, input, asked)
  },
}

type OpenResources = Resources & { close(): Promise<void> }

interface Asked {
  readonly topology: Topology
  readonly configuration: Configuration
  readonly urls: Omit<ResourceUrls, 'mode'>
  readonly request: ReplayRequest
  readonly file: string
}

const plan = async (io: CommandIo, input: CommandInput, asked: Asked): Promise<ExitCode> => {
  const opened = await openLedgerAndLogs(asked.urls, 'read')
  try {
    const { clock, random } = io
    const planned = await planReplay(asked.topology, { ...opened, clock, random }, asked.request)
    tellRange(createTalk(io, input.logLevel), planned)
    await show(io, input, await readReplay(opened.ledger, planned, 'planned'))
    return 0
  } finally {
    await opened.close()
  }
}

const show = (io: CommandIo, input: CommandInput, report: ReplayReport): Promise<void> =>
  input.flag('json') ? printJson(io, input, replayJson(report)) : io.print(replayText(report))

/** Runs the topology, or watches whoever does, until the replay is done. */
const perform = async (io: CommandIo, input: CommandInput, asked: Asked): Promise<ExitCode> => {
  const talk = createTalk(io, input.logLevel)
  const planned = await begin(io, talk, asked)
  if (await isDone(asked, planned)) return conclude(io, input, talk, asked, planned, undefined)
  let isTold = false
  for (;;) {
    const resources = await openForRun(asked.urls)
    if (resources !== undefined)
      return conclude(io, input, talk, asked, planned, await runOn(io, talk, asked, resources))
    if (!isTold) talk.info('a `topology run` is at work here: it serves the replay')
    isTold = true
    await watch(io, talk, asked, planned)
    if (io.signal.aborted || (await isDone(asked, planned))) return conclude(io, input, talk, asked, planned, undefined)
  }
}

const begin = async (io: CommandIo, talk: Talk, { urls, topology, request }: Asked): Promise<ReplayPlan> => {
  const opened = await openLedgerAndLogs(urls, 'write')
  try {
    const { clock, random, signal } = io
    const planned = await beginReplay(topology, { ...opened, clock, random }, request, signal)
    tellRange(talk, planned)
    return planned
  } finally {
    await opened.close()
  }
}

const isDone = async ({ urls }: Asked, planned: ReplayPlan): Promise<boolean> => {
  const opened = await openLedgerAndLogs(urls, 'read')
  try {
    return (await readReplay(opened.ledger, planned, 'open')).state === 'done'
  } finally {
    await opened.close()
  }
}

const watch = async (io: CommandIo, talk: Talk, { urls }: Asked, planned: ReplayPlan): Promise<void> => {
  const opened = await openLedgerAndLogs(urls, 'read')
  try {
    await watchReplay(io, talk, opened.ledger, planned)
  } finally {
    await opened.close()
  }
}

/** `undefined` when a run has these rows. */
const openForRun = async (urls: Asked['urls']): Promise<OpenResources | undefined> => {
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
  { topology, configuration, file }: Asked,
  resources: OpenResources,
): Promise<Error | undefined> => {
  try {
    const { clock, random } = io
    const { startRun } = await import('../start-run.ts')
    const spillFolder = spillFolderOf(configuration.rows.value)
    const more = spillFolder === undefined ? {} : { spillFolder }
    const options = { untilCaughtUp: true, knobs: configuration.knobs, clock, random, file, ...more }
    return (await attend(io, talk, await startRun(topology, resources, options), true)).error
  } finally {
    await resources.close()
  }
}

const conclude = async (
  io: CommandIo,
  input: CommandInput,
  talk: Talk,
  { urls, request }: Asked,
  planned: ReplayPlan,
  error: Error | undefined,
): Promise<ExitCode> => {
  const opened = await openLedgerAndLogs(urls, 'read')
  try {
    const report = await readReplay(opened.ledger, planned, 'open')
    const isOver = report.state === 'done'
    // A sink that stopped elsewhere does not make the replay wrong.
    if (error !== undefined) talk[isOver ? 'warn' : 'error'](describeError(error))
    await show(io, input, report)
    const { namespace } = request
    if (isOver) talk.info(`replay ${namespace} is done: --namespace ${namespace} reads it`)
    else talk.info(`replay ${namespace} is not done: \`topology run\` or the same command goes on with it`)
    if (isOver) return 0
    return error === undefined ? 1 : exitCodeOf(error)
  } finally {
    await opened.close()
  }
}
