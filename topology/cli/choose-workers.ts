/** How many worker processes a run has, and what starts them. */
import { knobs } from '../model/knobs.ts'
import type { ForkWorkers } from '../start-run.ts'
import type { CommandIo, OptionDefinition } from './command.ts'
import type { CommandInput } from './command-input.ts'
import type { Configuration } from './configuration.ts'

export const workersOption: OptionDefinition = {
  flags: '--workers <N>',
  doc: 'processes that run user code, one by default, so that what it does to a process touches nobody else; 0 runs it in this one',
}

export interface ChosenWorkers {
  /** Knobs of the run, the number of workers among them. */
  readonly knobs: Configuration['knobs']
  /** Absent: lanes run in this process. */
  readonly workers: ForkWorkers | undefined
}

const workersKnob = 'worker.processes'

/** Noted with the other problems of the command line. */
export const readWorkers = (input: CommandInput): number | undefined => {
  const max = knobs.get(workersKnob)?.max ?? 1
  return input.text('workers') === undefined ? undefined : input.count('workers', { min: 0, max, initial: 1 })
}

/** What lives in memory lives in one process. */
export const chooseWorkers = async (
  io: CommandIo,
  wanted: number | undefined,
  file: string,
  urls: {
    readonly log: string
    readonly logs: Readonly<Record<string, string>>
    readonly rows: string
    readonly objects: string
  },
  given: Configuration['knobs'],
): Promise<ChosenWorkers> => {
  const isInMemory = [urls.log, ...Object.values(urls.logs), urls.rows, urls.objects].some((url) =>
    url.startsWith('memory:'),
  )
  const run = wanted === undefined || wanted === 0 ? given : { ...given, [workersKnob]: wanted }
  if (wanted === 0 || isInMemory || io.fork === undefined) return { knobs: run, workers: undefined }
  return { knobs: run, workers: await io.fork({ file, urls, knobs: run, env: io.env, folder: io.folder }) }
}
