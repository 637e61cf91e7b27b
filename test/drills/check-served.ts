/**
 * Judges what a topology has left on real servers: everything that `checkOutcome` compares, and besides it rows and log
 * through bare clients, that no line was lost or doubled on its way in, and the counters (I-8).
 */
import { checkOutcome, compare } from './check-outcome.ts'
import { topology } from './cli-process.ts'
import type { LoggedLine } from './log-tally.ts'
import { readServedLog } from './read-served-log.ts'
import { ServedObjects } from './served-objects.ts'
import type { ServedPlace } from './served-place.ts'
import { expectedRows, readServedRows } from './served-rows.ts'

export interface ServedOutcome {
  readonly place: ServedPlace
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  /** Everything that was fed. */
  readonly fed: readonly string[]
  /** A replay of append times `[fromMs, toMs)`. Absent: there was none. */
  readonly replay?: { readonly namespace: string; readonly fromMs: number; readonly toMs: number }
}

export const checkServed = async ({ place, folder, env, fed, replay }: ServedOutcome): Promise<readonly string[]> => {
  const lines = await readServedLog(place.kafka, place.name)
  const counts = new Map<string, number>()
  for (const { text } of lines) counts.set(text, (counts.get(text) ?? 0) + 1)
  const wrong = fed.filter((line) => counts.get(line) !== 1)
  const objects = new ServedObjects(place.objects, place.name)
  const replayed = lines.filter(({ createdAt }) => isIn(replay, Date.parse(createdAt)))
  const [rows, counters, outcome] = await Promise.all([
    readServedRows(place.rows, place.name),
    counterProblems(folder, env, lines.length, replay === undefined ? undefined : replayed.length),
    checkOutcome(folder, lines, { objects, env }),
  ])
  const past = replay === undefined ? [] : await replayProblems({ place, folder, env, fed, replay }, replayed)
  return [
    ...wrong.slice(0, 3).map((line) => `a line is ${counts.get(line) ?? 0} times in the log: ${line.slice(0, 80)}`),
    ...(wrong.length > 3 ? [`and ${wrong.length - 3} more lines are not once in the log`] : []),
    ...(lines.length === fed.length ? [] : [`the log has ${lines.length} records of ${fed.length} lines`]),
    ...compare('bare row', expectedRows(lines), rows).slice(0, 10),
    ...counters,
    ...outcome,
    ...past,
  ]
}

const isIn = (replay: ServedOutcome['replay'], atMs: number): boolean =>
  replay !== undefined && atMs >= replay.fromMs && atMs < replay.toMs

/** What was recomputed beside the live results equals the recomputation of its part of the log. */
const replayProblems = async (
  { place, folder, env, replay }: ServedOutcome,
  lines: readonly LoggedLine[],
): Promise<readonly string[]> => {
  const namespace = replay?.namespace ?? ''
  const objects = new ServedObjects(place.objects, place.name, namespace)
  const outcome = await checkOutcome(folder, lines, { objects, env, namespace })
  return [...(lines.length === 0 ? ['nothing was replayed'] : []), ...outcome].map((one) => `${namespace}: ${one}`)
}

interface SinkCounters {
  readonly sink: string
  readonly namespace: string | null
  readonly received: number
  readonly applied: number
  readonly dead_lettered: number
  readonly dropped: number
  readonly lag_events: number
  readonly held_events: number
}

/** I-8, per sink, and each record once. `replayed`: records of a replay. */
const counterProblems = async (
  folder: string,
  env: Readonly<Record<string, string>>,
  records: number,
  replayed: number | undefined,
): Promise<readonly string[]> => {
  const { code, stdout, stderr } = await topology(folder, ['status', '--json'], env)
  if (code !== 0) return [`status ended with ${code}: ${stderr}`]
  const sinks: readonly SinkCounters[] = JSON.parse(stdout).sinks
  const isRight = (one: SinkCounters): boolean =>
    one.received === (one.namespace === null ? records : replayed) &&
    one.applied + one.dead_lettered + one.dropped === one.received &&
    one.lag_events === 0 &&
    one.held_events === 0
  const wrong = sinks
    .filter((one) => !isRight(one))
    .map((one) => `counters of ${records} records: ${JSON.stringify(one)}`)
  return sinks.length === (replayed === undefined ? 4 : 8) ? wrong : [...wrong, `status names ${sinks.length} sinks`]
}
