/** `topology status`: sinks, lanes, positions and lag in events, from ledger and log. */
import { formatTime } from '../model/event-time.ts'
import type { JsonValue } from '../model/json.ts'
import type { DeleteStatus, LaneStatus, SinkStatus, TopologyStatus, WaitingFor } from '../model/run-handle.ts'
import type { CommandDefinition, ExitCode } from './command.ts'
import { lostRangesJson, lostText } from './lost-text.ts'
import { withReader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { type ReadStatus, readStatus } from './read-status.ts'
import { silenceText } from './silence-text.ts'
import { waitText } from './tell-waiting.ts'
import { tenantsText } from './tenants-text.ts'
import { formatDuration, formatNumber, plural, textTable } from './text-table.ts'
import { withLogs } from './with-logs.ts'

export const status: CommandDefinition = {
  name: 'status',
  doc: 'Shows where a topology stands: per sink what it has received and applied, per lane how far it is committed. Lag counts records that are not yet read; held ones are read and not yet durable.',
  arguments: [],
  options: [{ flags: '--lanes', doc: 'every lane, not only those with lag' }],
  common: ['log', 'rows', 'topology', 'json'],
  examples: ['topology status', 'topology status --lanes', 'topology status --json --pretty'],
  run: (io, input) =>
    withReader<ExitCode>(io, input, async (reader) => {
      const { topology, ledger, rows } = reader
      const nowMs = io.clock.nowMs()
      const found = await withLogs(io, reader, (logOf) => readStatus({ topology, ledger, rows, logOf, nowMs }))
      if (input.flag('json')) await printJson(io, input, statusJson(found))
      else await io.print(statusText(found, nowMs, input.flag('lanes')))
      return 0
    }),
}

// A process tells every second or two.
const lateMs = 5_000

const openDeletes = ({ deletes }: TopologyStatus): number => deletes.filter(isOpen).length

/** With nothing left to be read, `partial` is for good. */
const isOpen = ({ state, remaining }: DeleteStatus): boolean =>
  state !== 'done' && state !== 'refused' && (state !== 'partial' || remaining > 0)

const statusJson = (found: ReadStatus): JsonValue => ({
  topology: found.topology,
  state: found.state,
  told_at: found.toldAtMs === undefined ? null : formatTime(found.toldAtMs),
  sinks: Object.entries(found.sinks).map(([name, sink]) => ({
    sink: name,
    kind: sink.kind,
    retired: sink.retired,
    namespace: sink.namespace,
    received: sink.counters.received,
    applied: sink.counters.applied,
    dead_lettered: sink.counters.deadLettered,
    dropped: sink.counters.dropped,
    lag_events: sink.lagEvents,
    held_events: sink.heldEvents,
    last_committed_at: sink.committedAtMs === 0 ? null : formatTime(sink.committedAtMs),
  })),
  lanes: found.lanes.map((lane) => ({
    sink: lane.sink,
    spout: lane.spout,
    topic: lane.topic,
    partition: lane.partition,
    lane: String(lane.lane),
    tenant: tenantsText(lane.tenants),
    from: lane.from,
    to: lane.to,
    at: lane.at,
    declared: lane.declared,
    lag_events: lane.lagEvents,
    held_events: lane.heldEvents,
  })),
  open_deletes: openDeletes(found),
  lost: lostRangesJson(found.lost),
  waiting_for: found.waitingFor.map(({ resource, name, sinceMs, reason }) => ({
    resource,
    name,
    since: formatTime(sinceMs),
    reason,
  })),
})

const statusText = (found: ReadStatus, nowMs: number, showsAll: boolean): string => {
  const { sinks, lanes } = found
  const open = openDeletes(found)
  const shown = lanes.filter((lane) => showsAll || lane.lagEvents > 0 || lane.heldEvents > 0)
  const deletes = open === 0 ? '' : `${plural(open, 'delete')} not done\n`
  const rest = lanes.length - shown.length
  const idle = rest === 0 || showsAll ? '' : `${rest} of ${lanes.length} lanes are caught up\n`
  return [
    `topology ${found.topology}: ${stateText(found, nowMs)}\n`,
    ...found.waitingFor.map((one) => waitLine(one, nowMs)),
    lostText(found.lost, nowMs),
    '\n',
    sinksTable(sinks, nowMs),
    shown.length === 0 ? '' : `\n${lanesTable(shown)}`,
    `\n${idle}${deletes}`.replace(/^\n$/, ''),
  ].join('')
}

/** A word that is a few seconds late is told: the store may be slow, or the process gone. */
const stateText = ({ state, toldAtMs }: ReadStatus, nowMs: number): string => {
  const word = state === 'running' ? 'running' : 'not running now'
  return toldAtMs === undefined || nowMs - toldAtMs < lateMs ? word : `${word}; ${silenceText(toldAtMs, nowMs)}`
}

const waitLine = (one: WaitingFor, nowMs: number): string =>
  `waiting (${formatDuration(Math.max(0, nowMs - one.sinceMs))}) for ${waitText(one)}\n`

const sinksTable = (sinks: TopologyStatus['sinks'], nowMs: number): string =>
  textTable(
    [
      { title: 'SINK' },
      { title: 'KIND' },
      { title: 'RECEIVED', align: 'right' },
      { title: 'APPLIED', align: 'right' },
      { title: 'DEAD LETTERS', align: 'right' },
      { title: 'DROPPED', align: 'right' },
      { title: 'LAG', align: 'right' },
      { title: 'HELD', align: 'right' },
      { title: 'LAST COMMIT' },
    ],
    Object.entries(sinks).map(([name, sink]) => [
      `${name}${sink.namespace === null ? '' : ' (replay)'}${sink.retired ? ' (retired)' : ''}`,
      sink.kind,
      formatNumber(sink.counters.received),
      formatNumber(sink.counters.applied),
      formatNumber(sink.counters.deadLettered),
      formatNumber(sink.counters.dropped),
      formatNumber(sink.lagEvents),
      formatNumber(sink.heldEvents),
      commitText(sink, nowMs),
    ]),
  )

/** Lanes that have ended tell no time any more; those of a replay all end. */
const commitText = ({ namespace, lagEvents, heldEvents, committedAtMs }: SinkStatus, nowMs: number): string => {
  if (committedAtMs > 0) return `${formatDuration(Math.max(0, nowMs - committedAtMs))} ago`
  return namespace !== null && lagEvents === 0 && heldEvents === 0 ? 'done' : 'never'
}

const lanesTable = (lanes: readonly LaneStatus[]): string =>
  textTable(
    [
      { title: 'SINK' },
      { title: 'LANE' },
      { title: 'PARTITION' },
      { title: 'RANGE' },
      { title: 'TENANTS' },
      { title: 'COMMITTED', align: 'right' },
      { title: 'LAG', align: 'right' },
      { title: 'HELD', align: 'right' },
    ],
    lanes.map((lane) => [
      lane.sink,
      String(lane.lane),
      `${lane.topic}/${lane.partition}`,
      `[${lane.from}, ${lane.to ?? 'open'})`,
      tenantsText(lane.tenants),
      formatNumber(lane.at),
      formatNumber(lane.lagEvents),
      formatNumber(lane.heldEvents),
    ]),
  )
