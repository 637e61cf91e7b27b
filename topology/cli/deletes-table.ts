/** Deletes as a table for people and as the public shape for programs. */
import { formatTime } from '../model/event-time.ts'
import type { JsonValue } from '../model/json.ts'
import type { ShownDelete } from '../read-deletes.ts'
import { formatDuration, formatNumber, plural, printable, textTable } from './text-table.ts'

// A storm of requests is counted, not printed.
const linesMax = 100

export const deletesJson = (deletes: readonly ShownDelete[]): JsonValue =>
  deletes.map((one) => ({
    id: one.id,
    state: one.state,
    requested_at: one.requestedAtMs === undefined ? null : formatTime(one.requestedAtMs),
    matched: one.matched,
    retracted: one.retracted,
    remaining: one.remaining ?? null,
    project: one.request?.project ?? null,
    collection: one.request?.collection ?? null,
    class: one.request?.class ?? null,
    records: one.records,
    records_written: one.written,
    paused: one.isPaused,
    ...(one.reason === undefined ? {} : { reason: one.reason }),
  }))

export const deletesText = (deletes: readonly ShownDelete[], nowMs: number): string => {
  if (deletes.length === 0) return 'no deletes\n'
  // What is open comes last, where a person looks first.
  const sorted = deletes.toSorted((left, right) => Number(left.isOpen) - Number(right.isOpen))
  const lines = sorted.slice(-linesMax)
  const broken = lines.filter(({ written, records }) => written < records)
  return [
    table(lines, nowMs),
    ...lines.flatMap(({ id, reason }) => (reason === undefined ? [] : [`${printable(id)}: ${printable(reason)}\n`])),
    ...broken.map(({ id }) => `${id} is not written to every partition: \`topology delete --id ${id}\` completes it\n`),
    deletes.length <= lines.length ? '' : `\n${countsText(deletes)}\n`,
  ].join('')
}

const table = (lines: readonly ShownDelete[], nowMs: number): string =>
  textTable(
    [
      { title: 'ID' },
      { title: 'STATE' },
      { title: 'CLASS' },
      { title: 'OF' },
      { title: 'AGE', align: 'right' },
      { title: 'WRITTEN', align: 'right' },
      { title: 'MATCHED', align: 'right' },
      { title: 'RETRACTED', align: 'right' },
      { title: 'REMAINING', align: 'right' },
    ],
    lines.map((one) => [
      one.id,
      one.isPaused ? 'paused' : one.state,
      one.request?.class ?? '',
      one.request === undefined ? '' : `${one.request.project}/${one.request.collection ?? '*'}`,
      one.requestedAtMs === undefined ? '' : formatDuration(Math.max(0, nowMs - one.requestedAtMs)),
      one.written === one.records ? formatNumber(one.records) : `${one.written} of ${one.records}`,
      formatNumber(one.matched),
      formatNumber(one.retracted),
      one.remaining === undefined ? '-' : formatNumber(one.remaining),
    ]),
  )

const countsText = (deletes: readonly ShownDelete[]): string => {
  const counts = Map.groupBy(deletes, ({ state }) => state)
  const parts = Array.from(counts, ([state, all]) => `${formatNumber(all.length)} ${state}`)
  return `${plural(deletes.length, 'delete')}: ${parts.join(', ')}; the last ${linesMax} are shown, --json lists each`
}
