/** `topology query`: reads a rollup, for people as a table with bars, for programs in the public shapes. */
import type { Span } from '../../operators/query/calendar.ts'
import { readInterval } from '../../operators/query/intervals.ts'
import type { RollupQuery } from '../../operators/query/query-rollup.ts'
import { readTimeframe } from '../../operators/query/timeframe.ts'
import type { RollupResult } from '../../operators/query/write-result.ts'
import { readZone, utc } from '../../operators/query/zone.ts'
import { definitionOf } from '../../operators/rollup/rollup.ts'
import { readRollup } from '../../sinks/rows/read-rollup.ts'
import { formatTime } from '../model/event-time.ts'
import type { JsonObject } from '../model/json.ts'
import type { StateOperator } from '../model/operator.ts'
import { formatPath } from '../model/path.ts'
import { messageOf } from '../model/spillway-error.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { chooseSink, type Reader, withReader } from './open-reader.ts'
import { parsePathList } from './parse-where.ts'
import { printJson } from './print-json.ts'
import { queryTable } from './query-table.ts'
import { type Freshness, readFreshness } from './read-freshness.ts'
import { readWhere } from './read-where.ts'
import { restoreSinkOperator } from './restore-sink-operator.ts'
import { createTalk } from './talk.ts'
import { formatDuration } from './text-table.ts'
import { withLogs } from './with-logs.ts'

export const query: CommandDefinition = {
  name: 'query',
  doc: 'Reads a rollup by the name of its sink: all time, all projects and all groups together unless options say otherwise. An interval that is longer than the windows of the rollup merges them; one that would cut windows, or a timeframe that would, is refused.',
  arguments: [{ name: 'ROLLUP', doc: 'the sink that keeps it', isRequired: true }],
  options: [
    {
      flags: '-w, --where <FILTER>',
      doc: 'PATH OPERATOR VALUE, the value in JSON; repeated: all must match',
      isRepeated: true,
    },
    { flags: '-g, --group-by <PATHS>', doc: 'a,b: one row per group; may be repeated', isRepeated: true },
    { flags: '-t, --timeframe <FRAME>', doc: 'START/END in ISO 8601, this_7_days, previous_2_weeks, today' },
    { flags: '-i, --interval <NAME>', doc: 'minutely, hourly, daily, weekly, monthly, yearly, every_15_minutes' },
    { flags: '--timezone <ZONE>', doc: 'IANA name or offset in seconds (default UTC)' },
    { flags: '--fill <HOW>', doc: 'null (default), zero or none: what an interval shows for a group that it lacks' },
    { flags: '-p, --project <NAME>', doc: 'only this project' },
  ],
  common: ['log', 'rows', 'topology', 'json'],
  examples: [
    'topology query revenue_by_country --group-by country',
    `topology query revenue_by_country --where 'country eq "NZ"' --interval daily --timeframe this_7_days`,
    'topology query revenue_by_country --group-by country --interval hourly --json --pretty',
  ],
  run: (io, input) => {
    const asked = readQuery(input, io.clock.nowMs())
    return withReader<ExitCode>(io, input, (reader) => answer(io, input, reader, asked))
  },
}

const shortestSpan: Span = { count: 1, unit: 'second' }

/** The result of a reader that throws; its error becomes a problem of the option. */
const noting = <Value>(input: CommandInput, option: string, read: () => Value): Value | undefined => {
  try {
    return read()
  } catch (error) {
    input.note({ at: `--${option}`, text: messageOf(error) })
    return undefined
  }
}

const readQuery = (input: CommandInput, nowMs: number): RollupQuery => {
  const groupBy: string[] = []
  for (const text of input.texts('group-by')) {
    const paths = parsePathList(text)
    if ('problem' in paths) input.note({ at: '--group-by', text: paths.problem })
    else groupBy.push(...paths.map(formatPath))
  }
  const [interval, timeframe, timezone] = [input.text('interval'), input.text('timeframe'), input.text('timezone')]
  const zone = noting(input, 'timezone', () => readZone(timezone)) ?? utc
  // Read once for what is wrong with them; the query itself reads them against the rollup.
  if (timeframe !== undefined) noting(input, 'timeframe', () => readTimeframe(timeframe, nowMs, zone))
  if (interval !== undefined)
    noting(input, 'interval', () => readInterval(interval, shortestSpan, zone, undefined, nowMs))
  return {
    nowMs,
    where: readWhere(input),
    groupBy,
    fill: input.choice('fill', ['null', 'zero', 'none'], 'null'),
    ...(interval === undefined ? {} : { interval }),
    ...(timeframe === undefined ? {} : { timeframe }),
    ...(timezone === undefined ? {} : { timezone }),
  }
}

const answer = async (io: CommandIo, input: CommandInput, reader: Reader, asked: RollupQuery): Promise<ExitCode> => {
  const { topology, rows } = reader
  const sink = chooseSink(topology, 'rollup', ({ operator }) => operator?.name === 'rollup', input.operands[0])
  const operator = await restoreSinkOperator(io, topology, sink)
  const project = input.text('project')
  const result = await readRollup({ ...asked, rows, sink: sink.name, operator, project })
  const fresh = await freshnessOf(io, input, reader, sink.name)
  const meta = metaOf(topology.topology, sink.name, operator, asked, result, fresh)
  const { filled, reason, cells } = result
  const unfilled = filled === undefined ? {} : { filled, reason: reason ?? null, cells: cells ?? null }
  if (input.flag('json')) await printJson(io, input, { result: result.result, ...unfilled, meta })
  else await io.print(queryTable(result.result, asked.groupBy ?? [], Math.min(io.columns, 120)))
  tellFreshness(io, input, result, fresh)
  return 0
}

/** Freshness needs the log; without it the answer stands, and that nothing is known of its age is said. */
const freshnessOf = async (
  io: CommandIo,
  input: CommandInput,
  reader: Reader,
  sink: string,
): Promise<Freshness | undefined> => {
  try {
    return await withLogs(io, reader, (logOf) =>
      readFreshness(reader.topology, sink, reader.ledger, logOf, io.clock.nowMs()),
    )
  } catch (error) {
    createTalk(io, input.logLevel).warn(`how fresh this is cannot be told: ${messageOf(error)}`)
    return undefined
  }
}

const metaOf = (
  topology: string,
  rollup: string,
  operator: StateOperator,
  asked: RollupQuery,
  result: RollupResult,
  fresh: Freshness | undefined,
): JsonObject => {
  const committedAtMs = fresh?.committedAtMs
  return {
    topology,
    rollup,
    milliseconds_behind: fresh?.millisecondsBehind ?? null,
    latest_subtimeframe_available: fresh === undefined ? null : formatTime(newestInterval(operator, asked, fresh)),
    last_scheduled_date: committedAtMs === undefined ? null : formatTime(committedAtMs),
    complete: fresh?.isComplete ?? null,
    approximate: [...result.approximate],
  }
}

/** End of the newest interval that every lane has passed by append time: the start of the one it stands in. */
const newestInterval = (operator: StateOperator, asked: RollupQuery, fresh: Freshness): number => {
  const definition = definitionOf(operator)
  if (definition === undefined) return fresh.appliedToMs
  const { interval, timezone, nowMs } = asked
  const calendar =
    interval === undefined
      ? definition.calendar
      : readInterval(interval, definition.window, readZone(timezone), undefined, nowMs)
  return calendar.startOf(fresh.appliedToMs)
}

const tellFreshness = (
  io: CommandIo,
  input: CommandInput,
  result: RollupResult,
  fresh: Freshness | undefined,
): void => {
  const talk = createTalk(io, input.logLevel)
  if (result.filled === false) talk.warn(`not filled: ${result.cells} cells would be too many`)
  if (input.flag('json')) return
  if (result.approximate.length > 0) talk.info(`approximate: ${result.approximate.join(', ')}`)
  if (fresh === undefined) return
  talk.info(
    fresh.millisecondsBehind === 0 ? 'all events are in' : `${formatDuration(fresh.millisecondsBehind)} behind the log`,
  )
}
