/**
 * `topology ingest`: appends events to the log. The input streams through: two batches are in memory, one being read
 * and one being appended; the count that is told is of lines whose append has been answered.
 */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { collectionNameProblem, projectNameProblem } from '../model/names.ts'
import { type Path, parsePath } from '../model/path.ts'
import { openLog } from '../resources.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { readConfiguration } from './configuration.ts'
import { appendItems, type IngestCounts } from './ingest-input/append-items.ts'
import type { IngestRule } from './ingest-input/judge-items.ts'
import { fileSource, type InputSource, inputFormats } from './ingest-input/read-input.ts'
import { printJson } from './print-json.ts'
import { createTalk } from './talk.ts'
import { formatNumber } from './text-table.ts'

export const ingest: CommandDefinition = {
  name: 'ingest',
  doc: 'Appends events to the log: NDJSON, a JSON array or CSV, from files or from stdin (-). Lines that are no events are refused with FILE:LINE; the others are appended, and the exit code is 1.',
  arguments: [{ name: 'PATH', doc: 'a file, or - for stdin', isRequired: true, isRepeated: true }],
  options: [
    { flags: '-c, --collection <NAME>', doc: 'collection of the events (default: the name of the topic)' },
    { flags: '-p, --project <NAME>', doc: 'project of the events (default: default)' },
    { flags: '--format <FORMAT>', doc: 'ndjson, array or csv (default: by the ending .csv, else by the first byte)' },
    { flags: '--time <PATH>', doc: 'property that holds the event time: ISO 8601, or a number with --time-unit' },
    { flags: '--time-unit <UNIT>', doc: 'ms or s: numbers at --time count from 1970' },
    { flags: '--id <PATH>', doc: "property that holds the client's own id of the event" },
    { flags: '--key <PATH>', doc: 'property whose value chooses the partition (default: the project does)' },
    { flags: '--skip <N>', doc: 'leaves out the first N lines: goes on after a break' },
    { flags: '--keep-bad', doc: 'appends bad lines as they are; they become dead letters' },
  ],
  common: ['log', 'json'],
  examples: [
    'topology ingest movies.json --collection movies --project films',
    'topology ingest sales.csv -c sales -p shop --time sold_at',
    'zcat clicks.ndjson.gz | topology ingest - -c clicks',
  ],
  run: async (io, input) => {
    const rule = readRule(input)
    const format = input.text('format') === undefined ? undefined : input.choice('format', inputFormats, 'ndjson')
    const skip = input.count('skip', { min: 0, max: Number.MAX_SAFE_INTEGER, initial: 0 })
    const sources = readSources(io, input)
    const talk = createTalk(io, input.logLevel)
    const configuration = await readConfiguration(io, input)
    input.check()
    const log = await openLog(configuration.log.value, { ...io, mode: 'write' })
    try {
      const counts = await appendItems({ io, talk, log, rule, format, skip, sources })
      return await conclude(io, input, counts)
    } finally {
      await log.close()
    }
  },
}

const conclude = async (io: CommandIo, input: CommandInput, counts: IngestCounts): Promise<ExitCode> => {
  const { appended, refused, lines, isInterrupted } = counts
  const talk = createTalk(io, input.logLevel)
  const bad = input.flag('keep-bad') ? `${formatNumber(refused)} lines were bad` : `${formatNumber(refused)} refused`
  talk.info(`${formatNumber(appended)} appended, ${bad}`)
  if (isInterrupted) talk.warn(`interrupted; \`--skip ${lines}\` goes on from here`)
  if (input.flag('json')) await printJson(io, input, { appended, refused, lines })
  return refused > 0 || isInterrupted ? 1 : 0
}

const readRule = (input: CommandInput): IngestRule => {
  const path = (name: string): Path | undefined =>
    input.parsed<Path>(name, (text) => parsePath(text) ?? { problem: `${JSON.stringify(text)} is not a path` })
  const project = input.text('project') ?? 'default'
  const collection = input.text('collection')
  const projectProblem = projectNameProblem(project)
  if (projectProblem !== undefined)
    input.note({ at: '--project', text: `${JSON.stringify(project)} ${projectProblem}` })
  const collectionProblem = collection === undefined ? undefined : collectionNameProblem(collection)
  if (collectionProblem !== undefined)
    input.note({ at: '--collection', text: `${JSON.stringify(collection)} ${collectionProblem}` })
  return {
    project,
    collection,
    time: path('time'),
    timeUnit:
      input.text('time-unit') === undefined ? undefined : input.choice<'ms' | 's'>('time-unit', ['ms', 's'], 'ms'),
    id: path('id'),
    key: path('key'),
    keepsBad: input.flag('keep-bad'),
  }
}

const readSources = (io: CommandIo, input: CommandInput): readonly InputSource[] =>
  input.operands.map((operand) => {
    if (operand === '-') return { name: '-', open: () => untilAborted(io.stdin, io.signal) }
    const path = resolve(io.folder, operand)
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) input.note({ at: operand, text: 'there is no such file' })
    else if (found.isDirectory()) input.note({ at: operand, text: 'is a folder; name its files' })
    return fileSource(operand, path)
  })

/** A pipe may be silent for ever: Ctrl-C ends the reading, not only the next chunk. */
async function* untilAborted(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  for (;;) {
    const next = await nextUnlessAborted(iterator, signal)
    if (next === undefined || next.done === true) return
    yield next.value
  }
}

/** One listener per chunk, taken away again: a race against one long promise would keep every chunk's reaction. */
const nextUnlessAborted = (
  iterator: AsyncIterator<Uint8Array>,
  signal: AbortSignal,
): Promise<IteratorResult<Uint8Array> | undefined> =>
  new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined)
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    iterator
      .next()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop))
  })
