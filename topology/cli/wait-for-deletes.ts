/** `--wait`: follows deletes in the ledger until every sink has done them. */
import { listCatalogue } from '../../sinks/rows/topology-catalogue.ts'
import { readDeletes, type ShownDelete } from '../read-deletes.ts'
import type { CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { shownFile } from './shown-file.ts'
import { createTalk, type Talk } from './talk.ts'
import { bar, formatNumber, plural } from './text-table.ts'
import type { OpenDesk } from './with-desk.ts'

const lookEveryMs = 500
// A live run moves its ledger every second or so while it has anything to do.
const quietMs = 10_000
const giveUpMs = 60_000
const barWidth = 24

export const waitForDeletes = async (
  io: CommandIo,
  input: CommandInput,
  open: OpenDesk,
  ids: readonly string[],
): Promise<ExitCode> => {
  const talk = createTalk(io, input.logLevel)
  const wanted = new Set(ids)
  let moved = { mark: '', atMs: io.clock.nowMs() }
  let isTold = false
  while (!io.signal.aborted) {
    const { deletes, mark } = await look(open, wanted)
    const left = deletes.filter(({ isOpen }) => isOpen)
    if (deletes.length === wanted.size && left.length === 0) return conclude(talk, deletes)
    if (mark !== moved.mark) moved = { mark, atMs: io.clock.nowMs() }
    const stillMs = io.clock.nowMs() - moved.atMs
    if (stillMs >= giveUpMs) return giveUp(talk, left)
    if (stillMs >= quietMs && !isTold) {
      isTold = true
      talk.warn(`nothing moves: ${reasonOf(io, open, left)}`)
    }
    talk.progress(progressText(deletes, wanted.size))
    await io.clock.sleep(lookEveryMs, io.signal)
  }
  talk.clear()
  talk.info('no longer waiting; the requests stay in the log')
  return 1
}

const look = async (
  open: OpenDesk,
  wanted: ReadonlySet<string>,
): Promise<{ readonly deletes: readonly ShownDelete[]; readonly mark: string }> => {
  const topology = open.topology?.topology ?? (await listCatalogue(open.rows))[0]?.topology
  // Those that have come to their end meanwhile are among the newest.
  const found = await readDeletes({ rows: open.rows, ledger: open.ledger, topology, ended: wanted.size + 1_000 })
  const deletes = found.deletes.filter(({ id }) => wanted.has(id))
  return { deletes, mark: `${found.version} ${deletes.map(({ remaining }) => remaining).join()}` }
}

const conclude = (talk: Talk, deletes: readonly ShownDelete[]): ExitCode => {
  talk.clear()
  let code: ExitCode = 0
  for (const { id, state, reason, matched } of deletes) {
    if (state === 'done' && deletes.length === 1) talk.info(`done: ${plural(matched, 'event')} taken out of every sink`)
    if (state === 'partial') talk.warn(`delete ${id} ends partial: the log no longer had all that it takes out`)
    if (state !== 'refused' && state !== 'failed') continue
    talk.error(`delete ${id} is ${state}${reason === undefined ? '' : `: ${reason}`}`)
    code = 1
  }
  if (deletes.length > 1) talk.info(`${formatNumber(deletes.length)} deletes are at their end`)
  return code
}

const giveUp = (talk: Talk, left: readonly ShownDelete[]): ExitCode => {
  talk.clear()
  talk.error(
    `${plural(left.length, 'delete')} not done, and nothing has moved for a minute; the requests stay in the log`,
  )
  return 1
}

const reasonOf = (io: CommandIo, open: OpenDesk, left: readonly ShownDelete[]): string => {
  const paused = left.find(({ isPaused }) => isPaused)
  if (paused !== undefined) return `delete ${paused.id} is paused (\`topology deletes resume ${paused.id}\`)`
  return `\`topology run ${shownFile(io, open.topology)}\` takes the events out, and seems not to run`
}

const progressText = (deletes: readonly ShownDelete[], all: number): string => {
  const done = deletes.filter(({ isOpen }) => !isOpen).length
  const sum = (of: (one: ShownDelete) => number): number => deletes.reduce((total, one) => total + of(one), 0)
  const counts = `${formatNumber(sum((one) => one.retracted))} of ${formatNumber(sum((one) => one.matched))} events out, ${formatNumber(sum((one) => one.remaining ?? 0))} records to read`
  const only = deletes[0]?.state ?? 'accepted'
  if (all === 1) return only === 'accepted' ? 'accepted: no run has met it yet' : `${only}: ${counts}`
  return `${bar(done / all, barWidth).padEnd(barWidth, '░')} ${formatNumber(done)} of ${formatNumber(all)} deletes, ${counts}`
}
