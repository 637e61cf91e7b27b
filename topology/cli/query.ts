/** `topology query`: reads a rollup, for people as a table or a chart, for programs as JSON or CSV. */
import { resolve } from 'node:path'
import type { Span } from '../../operators/query/calendar.ts'
import { readInterval } from '../../operators/query/intervals.ts'
import { planQuery, type QueryPlan, type RollupQuery } from '../../operators/query/plan-query.ts'
import { type QueryFilter, queryOperators, valueProblem } from '../../operators/query/query-filter.ts'
import { readTimeframe } from '../../operators/query/timeframe.ts'
import { readZone, utc } from '../../operators/query/zone.ts'
import { definitionOf } from '../../operators/rollup/rollup.ts'
import type { AnswerReport } from '../answer-messages.ts'
import { errors } from '../model/errors.ts'
import { knobValue } from '../model/knobs.ts'
import { formatPath } from '../model/path.ts'
import { messageOf } from '../model/spillway-error.ts'
import { isServedRows } from '../resources.ts'
import { storedName } from '../served-entry.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { chooseSink, type Reader, withReader } from './open-reader.ts'
import { parseFilter, parsePathList } from './parse-where.ts'
import { printAnswer } from './print-answer.ts'
import { freshnessFields, queryFreshness } from './query-freshness.ts'
import { type QueryView, readQueryView } from './query-view.ts'
import type { Freshness } from './read-freshness.ts'
import { restoreSinkOperator } from './restore-sink-operator.ts'
import { type ShownWait, showWaiting } from './show-waiting.ts'
import { createTalk, type Talk } from './talk.ts'
import { formatDuration, formatNumber } from './text-table.ts'

export const query: CommandDefinition = {
  name: 'query',
  doc: 'Reads a rollup by the name of its sink: all time, all projects and all groups together unless options say otherwise. An interval that is longer than the windows of the rollup merges them; one that would cut windows, or a timeframe that would, is refused. Above fill.cells cells an answer is not filled, above fill.budgetMs it ends early, and says so.',
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
    { flags: '--timezone <ZONE>', doc: 'IANA name or offset in seconds (default: that of the rollup, else UTC)' },
    { flags: '--fill <HOW>', doc: 'null (default), zero or none: what an interval shows for a group that it lacks' },
    { flags: '-p, --project <NAME>', doc: 'only this project' },
    { flags: '--csv', doc: 'one line per row, for spreadsheets' },
    { flags: '--chart', doc: 'draws the answer in the terminal' },
    { flags: '--value <NAME>', doc: 'with --chart: which value is drawn (default the first)' },
    { flags: '--strict', doc: 'refuses what could only be answered unfilled or in part' },
  ],
  common: ['log', 'rows', 'topology', 'namespace', 'json'],
  examples: [
    'topology query revenue_by_country --group-by country',
    `topology query revenue_by_country --where 'country eq "NZ"' --interval daily --timeframe this_7_days`,
    'topology query revenue_by_country --group-by country --interval hourly --json --pretty',
    'topology query revenue_by_country --interval hourly --chart --value revenue',
  ],
  run: async (io, input) => {
    const asked = readQuery(input, io.clock.nowMs())
    const view = readQueryView(input)
    const talk = createTalk(io, input.logLevel)
    // Served rows take their time to be reached, many rows to be read.
    const waiting = showWaiting(io, talk, 'reading rows')
    try {
      return await withReader<ExitCode>(io, input, (reader) =>
        answer(io, input, reader, { ...asked, view, talk, waiting }),
      )
    } catch (error) {
      await waiting.end()
      if (!io.signal.aborted) throw error
      talk.warn('stopped; the answer is not whole')
      return 1
    } finally {
      await waiting.end()
    }
  },
}

type Asked = RollupQuery & { readonly view: QueryView; readonly talk: Talk; readonly waiting: ShownWait }

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
    where: input.texts('where').flatMap((text) => filterOf(input, text)),
    groupBy,
    // A chart shows a hole as a gap: nothing need stand there.
    fill: input.choice('fill', ['null', 'zero', 'none'], input.flag('chart') ? 'none' : 'null'),
    isStrict: input.flag('strict'),
    ...(interval === undefined ? {} : { interval }),
    ...(timeframe === undefined ? {} : { timeframe }),
    ...(timezone === undefined ? {} : { timezone }),
  }
}

const filterOf = (input: CommandInput, text: string): readonly QueryFilter[] => {
  const filter = parseFilter(text, queryOperators)
  if ('problem' in filter) {
    input.note({ at: '--where', text: filter.problem })
    return []
  }
  const { path, operator, value } = filter
  if (operator !== 'regex' && operator !== 'within') return [{ path, operator, value }]
  const problem = noting(input, 'where', () => valueProblem(path, operator, value) ?? '')
  if (problem !== '' && problem !== undefined) input.note({ at: '--where', text: problem })
  return operator === 'regex' ? [{ path, operator, value: String(value) }] : []
}

const answer = async (io: CommandIo, input: CommandInput, reader: Reader, all: Asked): Promise<ExitCode> => {
  const { topology, configuration } = reader
  const { view, talk, waiting, ...query } = all
  const sink = chooseSink(topology, 'rollup', ({ operator }) => operator?.name === 'rollup', input.operands[0])
  const operator = await restoreSinkOperator(io, topology, sink)
  const definition = definitionOf(operator)
  if (definition === undefined)
    throw errors.badConfiguration({ problem: `sink ${sink.name} keeps ${operator.name}, not a rollup` })
  const knob = (name: string): number => knobValue(name, configuration.knobs)
  const asked = { ...query, limits: { cells: knob('fill.cells'), intervals: knob('fill.intervals') } }
  // What cannot be answered is refused before anything is opened for it.
  const plan = planQuery(definition, asked)
  const stored = storedName(sink)
  const fresh = await queryFreshness(io, input, reader, stored)
  const report = await printAnswer({
    io,
    waiting,
    view,
    isPretty: input.flag('pretty'),
    value: drawnValue(input, plan),
    asked: {
      ...asked,
      // A thread of its own opens embedded rows again for next to nothing; served ones are connected already.
      rows: isServedRows(configuration.rows.value) ? reader.rows : configuration.rows.value,
      sink: stored,
      operator,
      file: topology.file === null ? undefined : resolve(io.folder, topology.file),
      project: input.text('project'),
      budgetMs: knob('fill.budgetMs'),
      clock: io.clock,
    },
    meta: { topology: topology.topology, rollup: stored, ...freshnessFields(plan, fresh) },
  })
  tellAbout(talk, view, report, fresh)
  return 0
}

/** The value that a chart draws. */
const drawnValue = (input: CommandInput, { definition }: QueryPlan): string | undefined => {
  const wanted = input.text('value')
  const names = definition.values.map(({ name }) => name)
  if (wanted === undefined || names.includes(wanted)) return wanted
  throw errors.badConfiguration({ problem: `no value ${JSON.stringify(wanted)}; there are ${names.join(', ')}` })
}

const tellAbout = (talk: Talk, view: QueryView, report: AnswerReport, fresh: Freshness | undefined): void => {
  const { filled, cells = 0, cut, other, approximate } = report
  if (filled === false) talk.warn(`not filled: ${formatNumber(cells)} cells would be too many`)
  if (cut !== undefined) talk.warn(`cut: the time was over after ${cut.written} of ${formatNumber(cut.of)} ${cut.unit}`)
  if (view === 'json') return
  if (other === true) talk.info('some groups count together as (other): the rollup keeps no more of a window')
  if (approximate.length > 0) talk.info(`approximate: ${approximate.join(', ')}`)
  if (fresh === undefined) return
  talk.info(
    fresh.millisecondsBehind === 0 ? 'all events are in' : `${formatDuration(fresh.millisecondsBehind)} behind the log`,
  )
}
