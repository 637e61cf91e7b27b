/** `topology delete --duplicates-of`: finds what is there twice, and deletes all but the first of each as one job. */
import { readTimeframe } from '../../operators/query/timeframe.ts'
import { readZone } from '../../operators/query/zone.ts'
import type { DeleteInput } from '../delete-input.ts'
import { type DuplicatesJob, isWritten, judgeDuplicates, recallDuplicates, receiptOf } from '../judge-duplicates.ts'
import type { Path } from '../model/path.ts'
import { storedName } from '../served-entry.ts'
import type { CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { concludeDelete, tellingHowToComplete } from './conclude-delete.ts'
import { explainDuplicates } from './explain-duplicates.ts'
import { chooseSink } from './open-reader.ts'
import { parsePathList } from './parse-where.ts'
import { printJson } from './print-json.ts'
import { refuseOpenDeletes } from './refuse-open-deletes.ts'
import { createTalk } from './talk.ts'
import { formatNumber, plural } from './text-table.ts'
import { UsageProblems } from './usage-problems.ts'
import type { OpenDesk } from './with-desk.ts'

export const deleteDuplicates = async (
  io: CommandIo,
  input: CommandInput,
  open: OpenDesk,
  request: DeleteInput,
  paths: readonly Path[],
): Promise<ExitCode> => {
  const { desk } = open
  const talk = createTalk(io, input.logLevel)
  const job: DuplicatesJob = {
    ...readJob(io, open, request, paths),
    signal: io.signal,
    report: (events, duplicates) =>
      talk.progress(`${formatNumber(events)} events read, ${formatNumber(duplicates)} duplicates`),
  }
  const { before } = await recallDuplicates(desk, job)
  // What is complete is not searched again: events that came later are another job's.
  if (before !== undefined && isWritten(before)) return concludeDelete(io, input, open, receiptOf(before))
  await refuseOpenDeletes(open, job)
  const searched = await judgeDuplicates(desk, job).catch((error: unknown) => {
    if (io.signal.aborted) return undefined
    throw error
  })
  talk.clear()
  if (searched === undefined) {
    talk.info('interrupted; nothing was written')
    return 1
  }
  const { found, judged } = searched
  if (input.flag('explain')) return explainDuplicates(io, input, open, job, found)
  const { events, without, places } = found
  talk.info(`${plural(places.count, 'duplicate')} among ${plural(events, 'event')}${withoutText(without)}`)
  if (places.count === 0 && before === undefined) {
    await printJson(io, input, { id: null })
    return 0
  }
  const report = (written: number): void => talk.progress(`${plural(written, 'record')} written`)
  const [receipt] = await tellingHowToComplete(io, input, desk, judged.id, () => desk.write([judged], report))
  talk.clear()
  return concludeDelete(io, input, open, receipt!)
}

const withoutText = (without: number): string =>
  without === 0 ? '' : `; ${formatNumber(without)} have none of the properties and stay`

const readJob = (io: CommandIo, open: OpenDesk, request: DeleteInput, paths: readonly Path[]): DuplicatesJob => {
  const { project = 'default', collection, timeframe, timezone, id } = request
  if (collection === undefined)
    throw new UsageProblems([{ at: '--collection', text: 'is missing: duplicates are looked for in one collection' }])
  if (open.topology === undefined)
    throw new UsageProblems([
      {
        text: 'duplicates are found in event rows, and no topology has run here yet',
        hint: 'Run one: `topology run FILE`.',
      },
    ])
  const sink = chooseSink(open.topology, 'event rows', ({ kind }) => kind === 'events')
  const frame = timeframe === undefined ? undefined : readTimeframe(timeframe, io.clock.nowMs(), readZone(timezone))
  return { id, rows: open.rows, sink: storedName(sink), project, collection, paths, timeframe: frame }
}

/** The properties that `--duplicates-of` names; `undefined` where it is not given. */
export const readDuplicatePaths = (input: CommandInput): readonly Path[] | undefined =>
  input.parsed<readonly Path[]>('duplicates-of', parsePathList)
