/**
 * `topology delete`: asks for a delete by writing its records to the log. What it costs is judged before anything is
 * written; `--explain` shows the judgement alone.
 */
import { readTimeframe } from '../../operators/query/timeframe.ts'
import { readZone, utc } from '../../operators/query/zone.ts'
import { isIdAlone } from '../delete-desk.ts'
import type { DeleteFilter, DeleteInput } from '../delete-input.ts'
import { storedDuplicates } from '../judge-duplicates.ts'
import { formatPath } from '../model/path.ts'
import { messageOf } from '../model/spillway-error.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { concludeDelete, tellingHowToComplete } from './conclude-delete.ts'
import { deleteDuplicates, readDuplicatePaths } from './delete-duplicates.ts'
import { explainDelete } from './delete-explain.ts'
import { deleteFrom } from './delete-from.ts'
import { judgePaths } from './judge-paths.ts'
import { readWhere } from './read-where.ts'
import { warnIfUnknown } from './warn-if-unknown.ts'
import { type OpenDesk, withDesk } from './with-desk.ts'

export const deleteCommand: CommandDefinition = {
  name: 'delete',
  doc: 'Requests a delete: every event before it that matches goes from rows, schema, rollups and objects, and there is no undo. It is written to the log and taken out by the running topology, or by the next run. Prints the id of the request; the same --id again completes a request that broke half way, and is never a second one.',
  arguments: [],
  options: [
    { flags: '-p, --project <NAME>', doc: 'project of the events (default: default)' },
    { flags: '-c, --collection <NAME>', doc: 'only this collection; without filters all of it' },
    {
      flags: '-w, --where <FILTER>',
      doc: 'PATH OPERATOR VALUE, the value in JSON; repeated: all must match',
      isRepeated: true,
    },
    { flags: '-t, --timeframe <FRAME>', doc: 'event time: START/END in ISO 8601, previous_7_days, today' },
    { flags: '--timezone <ZONE>', doc: 'of a relative timeframe: IANA name or offset in seconds (default UTC)' },
    { flags: '--duplicates-of <PATHS>', doc: 'a,b: all but the earliest of the events that are equal in them' },
    { flags: '--from <FILE>', doc: 'NDJSON of requests, or - for stdin' },
    { flags: '--id <ID>', doc: 'id of the request (default: a new one); alone, completes that request' },
    { flags: '--all', doc: 'every event of the project' },
    { flags: '--allow-scan', doc: 'permits a scan of more records than delete.scanRecords' },
    { flags: '--explain', doc: 'shows class, estimate and lane, and changes nothing' },
    { flags: '--wait', doc: 'waits until every sink has done it' },
    { flags: '--property <PATH>', doc: 'always refused, with the reason: events go whole' },
  ],
  common: ['log', 'rows', 'topology', 'json'],
  examples: [
    `topology delete -c purchases --where 'user.email eq "ann@example.com"' --explain`,
    `topology delete -c purchases --where 'user.email eq "ann@example.com"' --wait`,
    'topology delete -c visits --timeframe 2026-03-01/2026-03-02',
    'topology delete -c purchases --duplicates-of order_id',
    'topology delete --from requests.ndjson --project shop',
  ],
  run: async (io, input) => {
    const isExplaining = input.flag('explain')
    const request = readRequest(io, input)
    const paths = readDuplicatePaths(input)
    const use = async (open: OpenDesk): Promise<ExitCode> => {
      if (input.text('from') !== undefined) return deleteFrom(io, input, open, request)
      if (paths !== undefined) return deleteDuplicates(io, input, open, request, paths)
      const job = isIdAlone(request) ? await storedJob(open, request.id) : undefined
      if (job !== undefined) return deleteDuplicates(io, input, open, job.request, job.paths)
      return isExplaining ? explainDelete(io, input, open, request) : deleteOne(io, input, open, request)
    }
    return withDesk(io, input, isExplaining ? 'read' : 'write', use)
  },
}

/** The search for duplicates that an id stands for. */
const storedJob = async ({ desk }: OpenDesk, id: string | undefined): Promise<ReturnType<typeof storedDuplicates>> => {
  const before = id === undefined ? undefined : await desk.find(id)
  return before === undefined ? undefined : storedDuplicates(before)
}

/** The request of the command line. What stands against each other is noted, all of it. */
const readRequest = (io: CommandIo, input: CommandInput): DeleteInput => {
  const [from, duplicates, timeframe] = [input.text('from'), input.text('duplicates-of'), input.text('timeframe')]
  const filters = readWhere(input).map(
    ({ path, operator, value }): DeleteFilter => ({
      ...{ property_name: formatPath(path), operator, property_value: value },
    }),
  )
  if (input.text('property') !== undefined)
    input.note({
      at: '--property',
      text: 'one property cannot be removed: it does not commute with filters, so which events live would depend on the order of work',
      hint: 'Delete the events, and ingest them without it.',
    })
  if (from !== undefined) refuseBeside(input, 'from', ['duplicates-of', 'where', 'timeframe', 'id', 'explain', 'all'])
  if (duplicates !== undefined) refuseBeside(input, 'duplicates-of', ['where', 'all', 'allow-scan'])
  noteTimeframe(io, input)
  const [project, collection, id, timezone] = ['project', 'collection', 'id', 'timezone'].map((one) => input.text(one))
  return {
    ...(id === undefined ? {} : { id }),
    ...(project === undefined ? {} : { project }),
    ...(collection === undefined ? {} : { collection }),
    ...(filters.length === 0 ? {} : { filters }),
    ...(timeframe === undefined ? {} : { timeframe }),
    ...(timezone === undefined ? {} : { timezone }),
    allowScan: input.flag('allow-scan'),
    all: input.flag('all'),
  }
}

const refuseBeside = (input: CommandInput, option: string, others: readonly string[]): void => {
  for (const other of others)
    if (input.flag(other) || input.texts(other).length > 0)
      input.note({ at: `--${other}`, text: `does not stand beside --${option}` })
}

/** Read once for what is wrong with it, so that it is told with the other problems. */
const noteTimeframe = (io: CommandIo, input: CommandInput): void => {
  const noting = (option: string, read: () => unknown): void => {
    try {
      read()
    } catch (error) {
      input.note({ at: `--${option}`, text: messageOf(error) })
    }
  }
  const [timeframe, timezone] = [input.text('timeframe'), input.text('timezone')]
  noting('timezone', () => readZone(timezone))
  if (timeframe !== undefined) noting('timeframe', () => readTimeframe(timeframe, io.clock.nowMs(), utc))
}

const deleteOne = async (
  io: CommandIo,
  input: CommandInput,
  open: OpenDesk,
  request: DeleteInput,
): Promise<ExitCode> => {
  const judged = await open.desk.judge(request)
  const { project, collection } = judged
  await warnIfUnknown(io, input, open, project, collection)
  await judgePaths(io, input, open, { project, collection, filters: request.filters ?? [] })
  const [receipt] = await tellingHowToComplete(io, input, open.desk, judged.id, () => open.desk.write([judged]))
  return concludeDelete(io, input, open, receipt!)
}
