/**
 * `--wait`: follows deletes in the ledger until every sink has done them and their numbers are final. Rows that do not
 * answer are waited for. Where all is out and a sink is slow to pass the deletes, the numbers are told as those so far.
 */
import { listCatalogue } from '../../sinks/rows/topology-catalogue.ts'
import type { Clock } from '../model/ports/clock.ts'
import { readDeletes, type ShownDelete } from '../read-deletes.ts'
import type { CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { Outage } from './outage.ts'
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
  const [wanted, pace] = [new Set(ids), new Pace(io.clock)]
  const outage = new Outage(open.rows.name, io.clock, talk)
  let isTold = false
  while (!io.signal.aborted) {
    const seen = await outage.patiently(() => look(open, wanted))
    pace.note(seen)
    if (seen !== undefined) {
      const { deletes, left } = seen
      if (deletes.length === wanted.size && (left.length === 0 || pace.isCountedLate)) return conclude(talk, deletes)
      if (pace.stillMs >= giveUpMs) return giveUp(talk, left)
      if (pace.stillMs >= quietMs && !isTold) {
        isTold = true
        talk.warn(`nothing moves: ${reasonOf(io, open, left)}`)
      }
      talk.progress(progressText(deletes, wanted.size))
    }
    await io.clock.sleep(lookEveryMs, io.signal)
  }
  talk.clear()
  talk.info(interruptedText(ids))
  return 1
}

interface Seen {
  readonly deletes: readonly ShownDelete[]
  readonly left: readonly ShownDelete[]
  /** Changes whenever something moves. */
  readonly mark: string
}

/** How long nothing has moved, and how long nothing but counting is left. While nothing can be seen, no time counts. */
class Pace {
  readonly #clock: Clock
  #mark: string | undefined
  #movedMs = 0
  #outMs: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  note(seen: Seen | undefined): void {
    const nowMs = this.#clock.nowMs()
    if (seen === undefined || seen.mark !== this.#mark) this.#movedMs = nowMs
    this.#mark = seen?.mark
    const isOut = seen !== undefined && seen.left.length > 0 && seen.left.every(({ isCounting }) => isCounting)
    this.#outMs = isOut ? (this.#outMs ?? nowMs) : undefined
  }

  get stillMs(): number {
    return this.#clock.nowMs() - this.#movedMs
  }

  get isCountedLate(): boolean {
    return this.#outMs !== undefined && (this.stillMs >= quietMs || this.#clock.nowMs() - this.#outMs >= giveUpMs)
  }
}

const look = async (open: OpenDesk, wanted: ReadonlySet<string>): Promise<Seen> => {
  const topology = open.topology?.topology ?? (await listCatalogue(open.rows))[0]?.topology
  // Those that have come to their end meanwhile are among the newest.
  const found = await readDeletes({ rows: open.rows, ledger: open.ledger, topology, ended: wanted.size + 1_000 })
  const deletes = found.deletes.filter(({ id }) => wanted.has(id))
  const mark = `${found.version} ${deletes.map(({ remaining }) => remaining).join()}`
  return { deletes, left: deletes.filter(({ isOpen }) => isOpen), mark }
}

const conclude = (talk: Talk, deletes: readonly ShownDelete[]): ExitCode => {
  talk.clear()
  let code: ExitCode = 0
  const counting = deletes.filter(({ isCounting }) => isCounting)
  for (const { id, state, reason, matched } of deletes) {
    if (state === 'done' && deletes.length === 1) talk.info(`done: ${plural(matched, 'event')} taken out of every sink`)
    if (state === 'partial') talk.warn(`delete ${id} ends partial: the log no longer had all that it takes out`)
    if (state !== 'refused' && state !== 'failed') continue
    talk.error(`delete ${id} is ${state}${reason === undefined ? '' : `: ${reason}`}`)
    code = 1
  }
  if (deletes.length > 1) talk.info(`${formatNumber(deletes.length - counting.length)} deletes are at their end`)
  if (counting.length > 0) talk.info(countingText(counting))
  return code
}

/** Nothing is left to be taken out; a lane that lags drops what it meets, and counts it. */
const countingText = (counting: readonly ShownDelete[]): string => {
  const events = plural(
    counting.reduce((total, { matched }) => total + matched, 0),
    'event',
  )
  const whose = counting.length === 1 ? '' : ` of ${formatNumber(counting.length)} more`
  return `${events}${whose} taken out so far; a sink that lags drops what it still meets, and \`topology deletes\` tells the final number`
}

const interruptedText = (ids: readonly string[]): string => {
  const [id] = ids
  return ids.length === 1
    ? `delete ${id} is in the log; \`topology delete --id ${id} --wait\` waits on`
    : `${formatNumber(ids.length)} deletes are in the log; \`topology deletes\` shows how far they are`
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
  const only = deletes[0]?.isCounting === true ? 'counting' : (deletes[0]?.state ?? 'accepted')
  if (all === 1) return only === 'accepted' ? 'accepted: no run has met it yet' : `${only}: ${counts}`
  return `${bar(done / all, barWidth).padEnd(barWidth, '░')} ${formatNumber(done)} of ${formatNumber(all)} deletes, ${counts}`
}
