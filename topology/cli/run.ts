/**
 * `topology run`: runs a topology file on the resources that the configuration names, tells what happens, and ends with
 * one line of counts.
 */
import { resolve } from 'node:path'
import type { RunHandle, RunOutcome } from '../model/run-handle.ts'
import type { Topology } from '../model/topology.ts'
import { openResources, spillFolderOf } from '../resources.ts'
import { acceptCost, checkCost } from './check-cost.ts'
import { chooseWorkers, readWorkers, workersOption } from './choose-workers.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { alertsOf, type Configuration, readConfiguration } from './configuration.ts'
import { DeleteTally } from './delete-tally.ts'
import { describeError, exitCodeOf } from './describe-error.ts'
import { loadTopology } from './load-topology.ts'
import { httpOption, openRunLookout, type RunOutside, readHttp } from './open-run-lookout.ts'
import { spoutLogUrls } from './open-spout-logs.ts'
import { printJson } from './print-json.ts'
import { readBranches } from './read-branches.ts'
import { dryRunOptions, readSlice, runDry } from './run-dry.ts'
import { showProgress } from './show-progress.ts'
import { createTalk, type Talk } from './talk.ts'
import { tellWaiting } from './tell-waiting.ts'
import { formatDuration, formatNumber, plural } from './text-table.ts'
import { UsageProblems } from './usage-problems.ts'

export const run: CommandDefinition = {
  name: 'run',
  doc: 'Runs the topology that FILE exports by default, until Ctrl-C; with --until-caught-up until everything that is in the log now is durable. Killed at any moment, the next run goes on where the ledger says.',
  arguments: [{ name: 'FILE', doc: 'the topology file (.ts, .mts, .js)', isRequired: true }],
  options: [
    { flags: '--until-caught-up', doc: 'drains to the end of the log seen at the start, then exits' },
    {
      flags: '--only <BRANCH>',
      doc: 'serves this sink, or all sinks below this bolt, alone; the others stay where they are; may be repeated',
      isRepeated: true,
    },
    workersOption,
    httpOption,
    acceptCost,
    ...dryRunOptions,
  ],
  common: ['log', 'rows', 'objects', 'json'],
  examples: [
    'topology run topology.ts --until-caught-up',
    'topology run topology.ts --only schema --dry-run',
    'topology run topology.ts --http 9090 --log-level debug',
  ],
  run: async (io, input) => {
    const file = input.operands[0]
    const talk = createTalk(io, input.logLevel)
    const configuration = await readConfiguration(io, input, file)
    const topology = file === undefined ? undefined : await loadNoting(io, input, file)
    const spouts = (topology?.spouts ?? []).map(({ name, options }) => ({ name, log: options.log }))
    const only = readBranches(input, topology)
    readSlice(input)
    const workers = readWorkers(input)
    const outside = { http: readHttp(input), alerts: alertsOf(io, input, configuration) }
    const { urls, problems } = spoutLogUrls(spouts, configuration, io.folder)
    for (const problem of problems) input.note(problem)
    input.check()
    if (file === undefined || topology === undefined) return 2
    const prepared = { topology, configuration, logs: urls, file: resolve(io.folder, file), only, workers, outside }
    return input.flag('dry-run') ? runDry(io, input, prepared) : runOn(io, input, talk, prepared)
  },
}

/** Loads the file; its problems join those of the command line and the settings. */
const loadNoting = async (io: CommandIo, input: CommandInput, file: string): Promise<Topology | undefined> => {
  try {
    return await loadTopology(io, file)
  } catch (error) {
    if (!(error instanceof UsageProblems)) throw error
    for (const problem of error.problems) input.note(problem)
    return undefined
  }
}

interface Prepared {
  readonly topology: Topology
  readonly configuration: Configuration
  readonly logs: Readonly<Record<string, string>>
  readonly file: string
  readonly only: readonly string[]
  /** As many as were asked for. */
  readonly workers: number | undefined
  readonly outside: RunOutside
}

const runOn = async (io: CommandIo, input: CommandInput, talk: Talk, prepared: Prepared): Promise<ExitCode> => {
  const { topology, configuration, logs, file, only } = prepared
  const { log, rows, objects } = configuration
  const untilCaughtUp = input.flag('until-caught-up')
  const urls = { log: log.value, logs, rows: rows.value, objects: objects.value }
  const { knobs, workers } = await chooseWorkers(io, prepared.workers, file, urls, configuration.knobs)
  const resources = await openResources({ ...io, ...urls, mode: 'run', knobs })
  let lookout: Awaited<ReturnType<typeof openRunLookout>> | undefined
  try {
    talk.debug(`log ${log.value}, rows ${rows.value}, objects ${objects.value}`)
    await checkCost(input, topology, { logs: resources.logs, knobs, file })
    const { clock, random } = io
    const { startRun } = await import('../start-run.ts')
    const spillFolder = spillFolderOf(rows.value)
    const more = { ...(spillFolder === undefined ? {} : { spillFolder }), ...(only.length === 0 ? {} : { only }) }
    io.setTitle?.(`topology run ${topology.name}`)
    lookout = await openRunLookout(io, talk, { ...prepared, resources, spillFolder })
    const settings = { untilCaughtUp, knobs, clock, random, file, watch: lookout, ...more }
    const handle = await startRun(topology, resources, settings, workers)
    lookout.follow(handle)
    const outcome = await attend(io, talk, handle, untilCaughtUp)
    return await conclude(io, input, talk, outcome, untilCaughtUp)
  } finally {
    await lookout?.end()
    await resources.close()
  }
}

/** Tells happenings and progress until the run has ended; Ctrl-C asks it to stop. */
export const attend = async (
  io: CommandIo,
  talk: Talk,
  handle: RunHandle,
  untilCaughtUp: boolean,
): Promise<RunOutcome> => {
  const stop = (): void => {
    talk.info('finishing; Ctrl-C again stops at once (both are safe)')
    void handle.stop()
  }
  if (io.signal.aborted) stop()
  else io.signal.addEventListener('abort', stop, { once: true })
  // Told by `ended` as well; here only so that it is never an unhandled rejection.
  handle.caughtUp.catch(() => undefined)
  const progress = showProgress(io, talk, handle, untilCaughtUp)
  const waiting = tellWaiting(io.clock, talk, handle)
  const deletes = new DeleteTally()
  const reasons = new Set<unknown>()
  try {
    for await (const happening of handle) {
      const { kind, level, fields } = happening
      const isKnown = kind === 'laneStopped' && reasons.has(fields['reason'])
      if (kind === 'laneStopped') reasons.add(fields['reason'])
      // What stops one sink may stop them all.
      const text = isKnown ? `sink ${fields['sink']} stopped as well` : happening.text
      // The last lines say how the run ended and what deletes did; here it would be said twice.
      const isSaidLater = deletes.add(happening) || kind === 'stopped' || (kind === 'caughtUp' && untilCaughtUp)
      // Of a dependency every lane tells; `tellWaiting` says it once.
      const isSaidOnce = kind === 'retrying' && fields['resource'] !== undefined
      talk[isSaidOnce || (isSaidLater && level === 'info') ? 'debug' : level](text)
    }
    const outcome = await handle.ended
    const told = deletes.text()
    if (told !== undefined) talk.info(told)
    return outcome
  } finally {
    io.signal.removeEventListener('abort', stop)
    await waiting.end()
    await progress.end()
  }
}

const endings: Readonly<Record<RunOutcome['state'], string>> = {
  caughtUp: 'caught up',
  stopped: 'stopped',
  failed: 'failed',
}

const conclude = async (
  io: CommandIo,
  input: CommandInput,
  talk: Talk,
  outcome: RunOutcome,
  untilCaughtUp: boolean,
): Promise<ExitCode> => {
  const { state, error, records, deadLetters, elapsedMs } = outcome
  const rate = Math.round((records * 1_000) / Math.max(1, elapsedMs))
  const letters = plural(deadLetters, 'dead letter')
  const where = deadLetters > 0 ? ' (`topology dead-letters list`)' : ''
  const counts = `${plural(records, 'record')} in ${formatDuration(elapsedMs)}, ${formatNumber(rate)} a second, ${letters}${where}`
  if (error !== undefined) talk.error(describeError(error))
  talk.info(`${endings[state]}: ${counts}`)
  if (input.flag('json')) {
    const { bytes } = outcome
    const json = { state, records, bytes, dead_letters: deadLetters, elapsed_ms: elapsedMs }
    await printJson(io, input, json)
  }
  if (state === 'failed') return error === undefined ? 1 : exitCodeOf(error)
  return untilCaughtUp && state === 'stopped' ? 1 : 0
}
