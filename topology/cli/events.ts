/** `topology events`: event rows as their clients know them, one JSON object per line. */
import { readTimeframe, type Timeframe } from '../../operators/query/timeframe.ts'
import { utc } from '../../operators/query/zone.ts'
import { findBuckets } from '../../sinks/rows/event-buckets.ts'
import { type EventsQuery, readEvents } from '../../sinks/rows/read-events.ts'
import { messageOf } from '../model/spillway-error.ts'
import { storedName } from '../served-entry.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { didYouMean } from './did-you-mean.ts'
import { chooseSink, withReader } from './open-reader.ts'
import { readWhere } from './read-where.ts'
import { createTalk } from './talk.ts'
import { UsageProblems } from './usage-problems.ts'

export const events: CommandDefinition = {
  name: 'events',
  doc: 'Reads the events of a collection, ordered by event time, each with its keen object, as NDJSON.',
  arguments: [{ name: 'COLLECTION', doc: 'the collection', isRequired: true }],
  options: [
    {
      flags: '-w, --where <FILTER>',
      doc: 'PATH OPERATOR VALUE, the value in JSON; repeated: all must match',
      isRepeated: true,
    },
    { flags: '-n, --limit <N>', doc: 'at most N (default 100)' },
    { flags: '-t, --timeframe <FRAME>', doc: 'event time: START/END in ISO 8601, this_7_days, today' },
    { flags: '-p, --project <NAME>', doc: 'only this project' },
    { flags: '--sink <NAME>', doc: 'which sink, where several keep event rows' },
  ],
  common: ['rows', 'topology', 'namespace', 'json'],
  examples: [
    'topology events purchases --limit 5',
    `topology events purchases --where 'country eq "NZ"' --where 'price gte 20'`,
    'topology events purchases --timeframe 2026-03-14/2026-03-15',
  ],
  run: (io, input) => {
    const filters = readWhere(input)
    const limit = input.count('limit', { min: 1, max: Number.MAX_SAFE_INTEGER - 1, initial: 100 })
    const frame = input.parsed<Timeframe>('timeframe', (text) => timeframeOf(text, io.clock.nowMs()))
    return withReader<ExitCode>(io, input, async (reader) => {
      const { rows, topology } = reader
      const sink = storedName(chooseSink(topology, 'event rows', ({ kind }) => kind === 'events', input.text('sink')))
      const asked = { rows, sink, collection: input.operands[0]!, project: input.text('project'), filters }
      await print(io, input, { ...asked, timeframe: frame }, limit)
      return 0
    })
  },
}

const timeframeOf = (text: string, nowMs: number): Timeframe | { readonly problem: string } => {
  try {
    return readTimeframe(text, nowMs, utc)
  } catch (error) {
    return { problem: messageOf(error) }
  }
}

const print = async (io: CommandIo, input: CommandInput, asked: EventsQuery, limit: number): Promise<void> => {
  let count = 0
  // One more is asked for, to know whether something is left out.
  for await (const event of readEvents({ ...asked, limit: limit + 1 })) {
    if (io.signal.aborted) return
    if (count === limit) {
      createTalk(io, input.logLevel).info(`the first ${limit}; --limit shows more`)
      return
    }
    count++
    await io.print(`${JSON.stringify(event, undefined, input.flag('pretty') ? 2 : undefined)}\n`)
  }
  if (count === 0) await refuseUnknown(asked)
}

/** Nothing was found: a collection that never was is a slip of the hand, not an empty answer. */
const refuseUnknown = async (asked: EventsQuery): Promise<void> => {
  const { rows, sink } = asked
  const names = new Set<string>()
  for (const { partition } of await findBuckets({ rows, sink })) names.add(String(partition[1]))
  const wanted = asked.collection ?? ''
  if (names.has(wanted)) return
  const known = [...names].sort()
  const hint = known.length === 0 ? 'There are no events yet.' : `There are ${known.slice(0, 20).join(', ')}.`
  throw new UsageProblems([{ text: `no collection ${JSON.stringify(wanted)}${didYouMean(wanted, known)}`, hint }])
}
