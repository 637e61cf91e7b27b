/**
 * `topology simulate`: plays a topology file through drawn histories of faults, deletes and cuts in virtual time, and
 * tells the shortest story of the first that goes wrong. Seeds that failed are kept beside the file and played first.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { messageOf } from '../model/spillway-error.ts'
import type { Topology } from '../model/topology.ts'
import type { SimulationReport } from '../testing/simulation/play-seeds.ts'
import type { SimulationOptions } from '../testing/simulation/simulate.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { loadTopology } from './load-topology.ts'
import { printJson } from './print-json.ts'
import { readSampleEvents } from './sample-events.ts'
import { type KeptSeed, keepSeed, readKeptSeeds, seedsFileOf } from './seeds-file.ts'
import { simulationProgress } from './simulation-progress.ts'
import {
  boltsText,
  countsText,
  failureText,
  faultsText,
  reportJson,
  type SilentBolt,
  silentBolts,
} from './simulation-text.ts'
import { createTalk, type Talk } from './talk.ts'
import { plural, printable } from './text-table.ts'
import { UsageProblems } from './usage-problems.ts'

const seedsInitial = 200
const seedsMax = 10_000_000

export const simulate: CommandDefinition = {
  name: 'simulate',
  doc: "Runs FILE's topology in a simulated world: one thread, virtual time, one seed for each history. Processes die, stand still and wake, logs lose records to retention and change their partitions' owners, stores answer late, half or twice, people cut, delete and replay; then the faults end, and every view must equal what the log says. A seed that fails is made as small as it can be and told as a story, and kept beside FILE to be played first from then on. Nothing is connected. Bolts, operators and your own sinks run for real: a sink that calls something outside does so here too. Exit code 1 when a seed fails.",
  arguments: [{ name: 'FILE', doc: 'the topology file (.ts, .mts, .js)', isRequired: true }],
  options: [
    { flags: '--seeds <N>', doc: `how many histories (default ${seedsInitial})` },
    { flags: '--seed-start <S>', doc: 'the first seed (default 1)' },
    { flags: '--seed <N>', doc: 'plays this one only' },
    { flags: '--trace', doc: 'with --seed: everything that happens in it, step by step' },
    { flags: '--smallest', doc: 'with --trace: of the shortest history that still fails, if the seed does' },
    { flags: '--events <FILE>', doc: 'sample events (NDJSON, a JSON array or CSV): drawn ones are made like them' },
    { flags: '--no-keep', doc: 'writes no file of seeds that failed' },
  ],
  common: ['json'],
  examples: [
    'topology simulate topology.ts',
    'topology simulate topology.ts --seeds 2000 --events samples.ndjson',
    'topology simulate topology.ts --seed 17 --trace',
  ],
  run: async (io, input) => {
    const file = input.operands[0] ?? ''
    const asked = readAsked(input)
    input.check()
    const topology = await loadTopology(io, file)
    const seedsFile = seedsFileOf(file)
    const kept = asked.seed === undefined ? readKeptSeeds(io, seedsFile) : []
    const events = asked.events === undefined ? {} : { events: await readSampleEvents(io, asked.events) }
    const sources = [readFileSync(resolve(io.folder, file), 'utf8')]
    const prepared = { topology, file, seedsFile, kept, asked, options: { ...events, sources } }
    return asked.isTraced ? trace(io, input, prepared) : play(io, input, prepared)
  },
}

interface Asked {
  readonly seeds: number
  readonly seedStart: number
  readonly seed: number | undefined
  readonly isTraced: boolean
  readonly isSmallest: boolean
  readonly events: string | undefined
  readonly isKeeping: boolean
}

interface Prepared {
  readonly topology: Topology
  readonly file: string
  readonly seedsFile: string
  readonly kept: readonly KeptSeed[]
  readonly asked: Asked
  readonly options: Pick<SimulationOptions, 'events' | 'sources'>
}

const readAsked = (input: CommandInput): Asked => {
  const seedBounds = { min: 0, max: Number.MAX_SAFE_INTEGER }
  const seed = input.text('seed') === undefined ? undefined : input.count('seed', { ...seedBounds, initial: 0 })
  const [isTraced, isSmallest] = [input.flag('trace'), input.flag('smallest')]
  if (isTraced && seed === undefined) input.note({ at: '--trace', text: 'stands with --seed: which history?' })
  if (isSmallest && !isTraced) input.note({ at: '--smallest', text: 'stands with --trace' })
  for (const name of ['seeds', 'seed-start'])
    if (seed !== undefined && input.text(name) !== undefined)
      input.note({ at: `--${name}`, text: 'does not stand with --seed, which plays one history' })
  return {
    seeds: input.count('seeds', { min: 1, max: seedsMax, initial: seedsInitial }),
    seedStart: input.count('seed-start', { ...seedBounds, initial: 1 }),
    seed,
    isTraced,
    isSmallest,
    events: input.text('events'),
    isKeeping: !input.flag('no-keep'),
  }
}

const play = async (io: CommandIo, input: CommandInput, prepared: Prepared): Promise<ExitCode> => {
  const { topology, kept, asked, options } = prepared
  const talk = createTalk(io, input.logLevel)
  if (kept.length > 0) talk.debug(`${plural(kept.length, 'seed')} of ${prepared.seedsFile} first`)
  const { simulate: simulateTopology } = await import('../testing/simulation/simulate.ts')
  const startMs = io.clock.nowMs()
  const report = await simulateTopology(topology, {
    ...options,
    seeds: asked.seed === undefined ? asked.seeds : 1,
    seedStart: asked.seed ?? asked.seedStart,
    kept: kept.map(({ seed }) => seed),
    signal: io.signal,
    progress: simulationProgress(io, talk, asked.seed === undefined ? asked.seeds + kept.length : 1),
  })
  talk.clear()
  const elapsedMs = io.clock.nowMs() - startMs
  if (input.flag('json')) await printJson(io, input, reportJson(report, elapsedMs))
  else await show(io, prepared, report, elapsedMs)
  // After a failure few histories were played: that nothing came through means nothing.
  if (report.failure === undefined)
    for (const bolt of silentBolts(report)) talk.warn(printable(silentText(bolt, asked)))
  for (const note of report.notes) talk.warn(printable(note))
  if (io.signal.aborted && report.failure === undefined) talk.warn('interrupted before all histories were played')
  if (report.failure === undefined) return io.signal.aborted ? 1 : 0
  keep(talk, io, prepared, report.failure)
  return 1
}

const silentText = ({ name, threw }: SilentBolt, { events }: Asked): string => {
  if (threw !== undefined)
    return `the bolt ${JSON.stringify(name)} never let anything through: nothing below it was tested; it threw ${JSON.stringify(threw)}`
  const advice =
    events === undefined ? 'give sample events with --events' : 'the sample events hold nothing that it lets through'
  return `the bolt ${JSON.stringify(name)} never let anything through: nothing below it was tested; ${advice}`
}

const show = async (io: CommandIo, prepared: Prepared, report: SimulationReport, elapsedMs: number): Promise<void> => {
  const { failure } = report
  const tables = [faultsText(report), boltsText(report)].filter((text) => text !== '').join('\n')
  await io.print(`${countsText(report, elapsedMs)}${tables === '' ? '' : `\n${tables}`}`)
  if (failure === undefined) {
    if (!io.signal.aborted) await io.print('\nEvery view was what the log says.\n')
    return
  }
  const again = commandOf(prepared, failure.seed)
  await io.print(`\n${failureText(io, failure)}\nPlays it again:  ${again}\nAll of it:       ${again} --trace\n`)
}

const keep = (
  talk: Talk,
  io: CommandIo,
  { asked, seedsFile }: Prepared,
  { seed, violation }: NonNullable<SimulationReport['failure']>,
): void => {
  if (!asked.isKeeping) return
  try {
    if (!keepSeed(io, seedsFile, { seed, invariant: violation.invariant })) return
    talk.info(`seed ${seed} is kept in ${seedsFile}: it is played first from now on (--no-keep leaves it out)`)
  } catch (error) {
    if (error instanceof UsageProblems) throw error
    // The failure itself has been told.
    talk.warn(`seed ${seed} could not be kept in ${seedsFile}: ${messageOf(error)}`)
  }
}

/** As a person would type it. */
const commandOf = ({ file, asked }: Prepared, seed: number): string => {
  const events = asked.events === undefined ? [] : ['--events', quoted(asked.events)]
  return printable(['topology simulate', quoted(file), '--seed', String(seed), ...events].join(' '))
}

const quoted = (word: string): string => (/^[\w./@:+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

const trace = async (io: CommandIo, input: CommandInput, prepared: Prepared): Promise<ExitCode> => {
  const { topology, asked, options } = prepared
  const talk = createTalk(io, input.logLevel)
  const { traceSeed } = await import('../testing/simulation/simulate.ts')
  const { traceJson, traceText } = await import('../testing/simulation/report/trace-text.ts')
  const how = { ...options, signal: io.signal, isSmallest: asked.isSmallest }
  const { entries, outcome } = await traceSeed(topology, asked.seed ?? 0, how)
  // Data of events must not steer the terminal.
  const text = input.flag('json') ? traceJson(entries) : traceText(entries).split('\n').map(printable).join('\n')
  await io.print(text)
  const { violation } = outcome
  if (violation !== undefined) talk.error(`seed ${asked.seed} breaks ${printable(violation.message)}`)
  return violation === undefined ? 0 : 1
}
