/**
 * Judges what a topology has left on real servers: everything that `checkOutcome` compares, and besides it rows and log
 * through bare clients, that no line was lost or doubled on its way in, and the counters (I-8).
 */
import { checkOutcome, compare } from './check-outcome.ts'
import { topology } from './cli-process.ts'
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
}

export const checkServed = async ({ place, folder, env, fed }: ServedOutcome): Promise<readonly string[]> => {
  const lines = await readServedLog(place.kafka, place.name)
  const counts = new Map<string, number>()
  for (const { text } of lines) counts.set(text, (counts.get(text) ?? 0) + 1)
  const wrong = fed.filter((line) => counts.get(line) !== 1)
  const objects = new ServedObjects(place.objects, place.name)
  const [rows, counters, outcome] = await Promise.all([
    readServedRows(place.rows, place.name),
    counterProblems(folder, env, lines.length),
    checkOutcome(folder, lines, { objects, env }),
  ])
  return [
    ...wrong.slice(0, 3).map((line) => `a line is ${counts.get(line) ?? 0} times in the log: ${line.slice(0, 80)}`),
    ...(wrong.length > 3 ? [`and ${wrong.length - 3} more lines are not once in the log`] : []),
    ...(lines.length === fed.length ? [] : [`the log has ${lines.length} records of ${fed.length} lines`]),
    ...compare('bare row', expectedRows(lines), rows).slice(0, 10),
    ...counters,
    ...outcome,
  ]
}

interface SinkCounters {
  readonly sink: string
  readonly received: number
  readonly applied: number
  readonly dead_lettered: number
  readonly dropped: number
  readonly lag_events: number
  readonly held_events: number
}

/** I-8, per sink, and each record once. */
const counterProblems = async (
  folder: string,
  env: Readonly<Record<string, string>>,
  records: number,
): Promise<readonly string[]> => {
  const { code, stdout, stderr } = await topology(folder, ['status', '--json'], env)
  if (code !== 0) return [`status ended with ${code}: ${stderr}`]
  const sinks: readonly SinkCounters[] = JSON.parse(stdout).sinks
  const isRight = (one: SinkCounters): boolean =>
    one.received === records &&
    one.applied + one.dead_lettered + one.dropped === one.received &&
    one.lag_events === 0 &&
    one.held_events === 0
  const wrong = sinks
    .filter((one) => !isRight(one))
    .map((one) => `counters of ${records} records: ${JSON.stringify(one)}`)
  return sinks.length === 4 ? wrong : [...wrong, `status names ${sinks.length} sinks`]
}
