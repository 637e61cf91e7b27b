/**
 * What all commands that change a running topology share: who asks, why and for how long, and the answer: what will
 * happen, when, and how it is undone.
 */
import type { AuditEntry } from '../../sinks/rows/audit.ts'
import { readRunPositions } from '../../sinks/rows/run-positions.ts'
import { type Asking, askRun } from '../ask-run.ts'
import { formatTime } from '../model/event-time.ts'
import type { JsonValue } from '../model/json.ts'
import { parseDuration } from '../model/quantity.ts'
import type { Wish } from '../standing-controls.ts'
import type { CommandIo, CommonOption, ExitCode, OptionDefinition } from './command.ts'
import type { CommandInput } from './command-input.ts'
import type { Reader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { formatDuration, plural } from './text-table.ts'
import { userName } from './user-name.ts'

const because: OptionDefinition = { flags: '--because <TEXT>', doc: 'why; kept in the change log' }
const by: OptionDefinition = { flags: '--by <NAME>', doc: 'who asks for it (default: your user name)' }

/** `usual`: for how long where nobody says it. */
export const controlOptions = (usual?: string): readonly OptionDefinition[] => [
  ...(usual === undefined
    ? []
    : [{ flags: '--for <DURATION>', doc: `over by itself after that, such as 30m, 2h or 3d (default: ${usual})` }]),
  because,
  by,
]

export const controlCommons: readonly CommonOption[] = ['rows', 'topology', 'json']

/** Shorter is over before anybody has read it, longer is no matter of a live control. */
const bounds = { leastMs: 1_000, mostMs: 366 * 86_400_000 }

/** Notes what is wrong with the options. `usualMs`: for how long where nobody says it; absent: until it is taken back. */
export const readAsking = (io: CommandIo, input: CommandInput, usualMs?: number): Asking => {
  const forMs = input.parsed<number>('for', (text) => {
    const ms = parseDuration(text)
    if (typeof ms === 'string') return { problem: ms }
    return ms >= bounds.leastMs && ms <= bounds.mostMs ? ms : { problem: `${text} is not between 1 second and a year` }
  })
  const [nowMs, lastsMs] = [io.clock.nowMs(), forMs ?? usualMs]
  const until = lastsMs === undefined ? {} : { untilMs: nowMs + lastsMs }
  return { author: input.text('by') ?? userName(io), reason: input.text('because') ?? '', nowMs, ...until }
}

export interface Answer {
  /** A sentence without its end: `totals is paused: the log keeps what comes`. */
  readonly says: string
  /** Said instead where it is so already; absent: the same. */
  readonly same?: string
  /** Nobody runs who would have to hear of it. */
  readonly isUnheard?: boolean
  /** When it is felt, once a process has heard of it. Default: at once. */
  readonly felt?: string
  /** The command that takes it back. */
  readonly undo?: string
  /** More lines. */
  readonly notes?: readonly string[]
  readonly json?: Readonly<Record<string, JsonValue>>
}

/** Writes it down, and says what will come of it. */
export const askAndTell = async (
  io: CommandIo,
  input: CommandInput,
  reader: Reader,
  wish: Wish,
  asking: Asking,
  answer: Answer,
): Promise<ExitCode> => {
  const { rows, topology } = reader
  const entry = await askRun(rows, topology.topology, wish, asking)
  const { processes } = await readRunPositions(rows, topology.topology, asking.nowMs)
  if (input.flag('json')) {
    await printJson(io, input, { ...auditJson(entry), processes, ...answer.json })
    return 0
  }
  const lines = [
    `${entry.before === entry.after ? (answer.same ?? answer.says) : answer.says}${untilText(entry, asking.nowMs)}`,
    ...(answer.notes ?? []),
    ...(answer.isUnheard === true ? [] : [whenText(topology.topology, processes, answer.felt ?? '')]),
    ...(answer.undo === undefined ? [] : [`undo: ${answer.undo}`]),
  ]
  await io.print(lines.map((line) => `${line}\n`).join(''))
  return 0
}

const untilText = ({ untilMs }: AuditEntry, nowMs: number): string =>
  untilMs === null ? '' : `; over by itself in ${formatDuration(untilMs - nowMs)} (${formatTime(untilMs)})`

const whenText = (topology: string, processes: number, felt: string): string =>
  processes === 0
    ? `no process runs ${topology} now: it counts from the next \`topology run\` on`
    : `${plural(processes, 'running process')} will hear of it within a second${felt}`

export const auditJson = (entry: AuditEntry): Readonly<Record<string, JsonValue>> => ({
  topology: entry.topology,
  at: formatTime(entry.atMs),
  kind: entry.kind,
  name: entry.name,
  author: entry.author,
  before: entry.before,
  after: entry.after,
  reason: entry.reason,
  until: entry.untilMs === null ? null : formatTime(entry.untilMs),
})
