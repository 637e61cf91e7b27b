/**
 * `topology run --dry-run`: runs over a slice of the log with stores in memory, and tells what would have happened.
 * Nothing of the configured rows, ledger and objects is opened.
 */
import { type DryRun, type DrySink, dryRun } from '../dry-run.ts'
import type { Slices } from '../log-slice.ts'
import { parseTime } from '../model/event-time.ts'
import type { JsonValue } from '../model/json.ts'
import type { EventLog } from '../model/ports/event-log.ts'
import { partition as toPartition } from '../model/position.ts'
import { formatBytes } from '../model/quantity.ts'
import type { Topology } from '../model/topology.ts'
import { OpenedPorts } from '../opened-ports.ts'
import { openLog } from '../resources.ts'
import type { CommandIo, ExitCode, OptionDefinition } from './command.ts'
import type { CommandInput } from './command-input.ts'
import type { Configuration } from './configuration.ts'
import { describeError, exitCodeOf } from './describe-error.ts'
import { printJson } from './print-json.ts'
import { createTalk } from './talk.ts'
import { formatDuration, formatNumber, plural, textTable } from './text-table.ts'

export const dryRunOptions: readonly OptionDefinition[] = [
  {
    flags: '--dry-run',
    doc: 'runs over a slice of the log, writes nothing anywhere, and tells what would have happened',
  },
  { flags: '--limit <N>', doc: 'with --dry-run: at most N records, the newest ones (default 10000)' },
  { flags: '--from <TIME>', doc: 'with --dry-run: what was appended from then on, the oldest first' },
  { flags: '--to <TIME>', doc: 'with --dry-run: what was appended before' },
]

interface Slice {
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
  readonly limit: number
}

const initialLimit = 10_000

/** Notes what is wrong with the options of the slice, also that they stand without --dry-run. */
export const readSlice = (input: CommandInput): Slice => {
  const timeOf = (name: string): number | undefined =>
    input.parsed<number>(
      name,
      (text) => parseTime(text) ?? { problem: `${JSON.stringify(text)} is no time; write ISO 8601` },
    )
  const limit = input.count('limit', { min: 1, max: 10_000_000, initial: initialLimit })
  if (!input.flag('dry-run'))
    for (const name of ['limit', 'from', 'to'])
      if (input.text(name) !== undefined) input.note({ at: `--${name}`, text: 'goes with --dry-run only' })
  return { fromMs: timeOf('from'), toMs: timeOf('to'), limit }
}

export interface DryRunAsked {
  readonly topology: Topology
  readonly configuration: Configuration
  /** URLs of logs by the spout's name. */
  readonly logs: Readonly<Record<string, string>>
  readonly file: string
  readonly only: readonly string[]
}

export const runDry = async (io: CommandIo, input: CommandInput, asked: DryRunAsked): Promise<ExitCode> => {
  const { topology, configuration, file, only } = asked
  const opened = new OpenedPorts()
  const talk = createTalk(io, input.logLevel)
  try {
    const logs: Record<string, EventLog> = {}
    const names = new Set(topology.spouts.map(({ name }) => asked.logs[name] ?? configuration.log.value))
    const byUrl = new Map<string, EventLog>()
    for (const url of names) byUrl.set(url, opened.keep(await openLog(url, { ...io, mode: 'read' })))
    for (const { name } of topology.spouts) logs[name] = byUrl.get(asked.logs[name] ?? configuration.log.value)!
    const slices = await slicesOf([...byUrl.values()], readSlice(input))
    talk.progress('running over a slice of the log')
    const { clock, random, signal } = io
    const chosen = only.length === 0 ? {} : { only }
    const result = await dryRun(topology, {
      logs,
      slices,
      clock,
      random,
      signal,
      file,
      knobs: configuration.knobs,
      ...chosen,
    })
    talk.clear()
    if (input.flag('json')) await printJson(io, input, dryRunJson(topology.name, result))
    else await io.print(dryRunText(topology.name, [...byUrl.values()], slices, result))
    const { error } = result.outcome
    if (error !== undefined) talk.error(describeError(error))
    return error === undefined ? 0 : exitCodeOf(error)
  } finally {
    talk.clear()
    await opened.close()
  }
}

/** Partitions share the limit by what they have to give. */
const slicesOf = async (
  logs: readonly EventLog[],
  { fromMs, toMs, limit }: Slice,
): Promise<ReadonlyMap<string, Slices>> => {
  const ranges = await Promise.all(
    logs.map(async (log) => {
      const all = Array.from({ length: log.partitions }, (_, index) => toPartition(index))
      return Promise.all(
        all.map(async (one) => {
          const { start, end } = await log.bounds(one)
          const from = fromMs === undefined ? start : Math.max(start, await log.offsetAt(one, fromMs))
          const to = toMs === undefined ? end : Math.max(from, await log.offsetAt(one, toMs))
          return { from: Number(from), to: Number(to) }
        }),
      )
    }),
  )
  const count = ranges.flat().reduce((sum, { from, to }) => sum + to - from, 0)
  const ratio = Math.min(1, limit / Math.max(1, count))
  const cut = ({ from, to }: Slices[number]): Slices[number] => {
    const wanted = Math.ceil((to - from) * ratio)
    return fromMs === undefined ? { from: to - wanted, to } : { from, to: from + wanted }
  }
  return new Map(logs.map((log, index) => [log.id, ranges[index]!.map(cut)]))
}

const perSecond = ({ outcome, records }: DryRun): number =>
  Math.round((records * 1_000) / Math.max(1, outcome.elapsedMs))

const dryRunJson = (topology: string, result: DryRun): JsonValue => ({
  topology,
  state: result.outcome.state,
  records: result.records,
  bytes: result.bytes,
  elapsed_ms: result.outcome.elapsedMs,
  records_per_second: perSecond(result),
  sinks: result.sinks.map(({ name, kind, counters, tuples, rows, objects, objectBytes, requests }) => ({
    sink: name,
    kind,
    received: counters.received,
    applied: counters.applied,
    dead_lettered: counters.deadLettered,
    dropped: counters.dropped,
    tuples,
    rows,
    objects,
    object_bytes: objectBytes,
    requests,
  })),
  dead_letters: result.deadLetters.map(({ cause, sink, count, message, place }) => ({
    cause,
    sink,
    count,
    message,
    first: place,
  })),
})

const dryRunText = (
  topology: string,
  logs: readonly EventLog[],
  slices: ReadonlyMap<string, Slices>,
  result: DryRun,
): string => {
  const { records, bytes, sinks, deadLetters, outcome } = result
  const ranges = logs.flatMap((log) =>
    (slices.get(log.id) ?? []).flatMap(({ from, to }, index) =>
      to > from ? [`  ${log.topic}/${index} offsets [${formatNumber(from)}, ${formatNumber(to)})\n`] : [],
    ),
  )
  const columns = [
    { title: 'SINK' },
    { title: 'RECORDS', align: 'right' },
    { title: 'TUPLES', align: 'right' },
    { title: 'DEAD LETTERS', align: 'right' },
    { title: 'DROPPED', align: 'right' },
    { title: 'WOULD WRITE' },
  ] as const
  const rows = sinks.map((sink) => [
    sink.name,
    formatNumber(sink.counters.received),
    formatNumber(sink.tuples),
    formatNumber(sink.counters.deadLettered),
    formatNumber(sink.counters.dropped),
    writesText(sink),
  ])
  return [
    `dry run of ${topology} over ${plural(records, 'record')}, ${formatBytes(bytes)}: nothing was written\n`,
    ...ranges,
    `\n${textTable(columns, rows)}`,
    deadLetters.length === 0 ? '' : `\n${deadLettersTable(result)}`,
    `\n${plural(records, 'record')} in ${formatDuration(outcome.elapsedMs)}, ${formatNumber(perSecond(result))} a second, with stores in memory\n`,
  ].join('')
}

const writesText = ({ kind, rows, objects, objectBytes, requests }: DrySink): string => {
  if (kind === 'custom') return 'not opened: a sink of your own'
  if (kind === 'objects') return `${plural(objects, 'object')}, ${formatBytes(objectBytes)}`
  return `${plural(rows, 'row')} in ${plural(requests, 'request')}`
}

const deadLettersTable = ({ deadLetters }: DryRun): string =>
  textTable(
    [{ title: 'CAUSE' }, { title: 'SINK' }, { title: 'RECORDS', align: 'right' }, { title: 'FIRST' }],
    deadLetters.map(({ cause, sink, count, place, message }) => [
      cause,
      sink === '*' ? 'all' : sink,
      formatNumber(count),
      `${place}: ${message}`,
    ]),
  )
