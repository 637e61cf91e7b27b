/** `topology status`: sinks, lanes, positions and lag in events, from ledger and log. */
import { readRunPositions } from '../../sinks/rows/run-positions.ts'
import { formatTime } from '../model/event-time.ts'
import type { JsonValue } from '../model/json.ts'
import type { TenantScope } from '../model/ledger-document.ts'
import type { CommandDefinition, ExitCode } from './command.ts'
import { withReader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { type LanePosition, readStatus, type SinkPosition, type TopologyPositions } from './read-status.ts'
import { formatDuration, formatNumber, textTable } from './text-table.ts'
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
      const told = await readRunPositions(rows, topology.topology, io.clock.nowMs())
      const positions = await withLogs(io, reader, (logOf) => readStatus(topology, ledger, logOf, told))
      if (input.flag('json')) await printJson(io, input, statusJson(positions))
      else await io.print(statusText(positions, io.clock.nowMs(), input.flag('lanes')))
      return 0
    }),
}

const statusJson = ({ topology, sinks, lanes, openDeletes }: TopologyPositions): JsonValue => ({
  topology,
  sinks: sinks.map((sink) => ({
    sink: sink.sink,
    kind: sink.kind,
    retired: sink.isRetired,
    received: sink.counters.received,
    applied: sink.counters.applied,
    dead_lettered: sink.counters.deadLettered,
    dropped: sink.counters.dropped,
    lag_events: sink.lagEvents,
    held_events: sink.heldEvents,
    last_committed_at: sink.committedAtMs === undefined ? null : formatTime(sink.committedAtMs),
  })),
  lanes: lanes.map((lane) => ({
    sink: lane.sink,
    spout: lane.spout,
    topic: lane.topic,
    partition: lane.partition,
    lane: lane.lane,
    tenant: tenantsText(lane.tenants),
    from: lane.from,
    to: lane.to,
    at: lane.at,
    declared: lane.declared,
    lag_events: lane.lagEvents,
    held_events: lane.heldEvents,
  })),
  open_deletes: openDeletes,
})

const tenantsText = (tenants: TenantScope): string =>
  tenants.kind === 'all' ? 'all' : `${tenants.kind} ${tenants.names.join(', ')}`

const statusText = (positions: TopologyPositions, nowMs: number, showsAll: boolean): string => {
  const { sinks, lanes, openDeletes } = positions
  const shown = lanes.filter((lane) => showsAll || lane.lagEvents > 0 || lane.heldEvents > 0)
  const deletes = openDeletes === 0 ? '' : `${formatNumber(openDeletes)} deletes are open\n`
  const rest = lanes.length - shown.length
  const idle = rest === 0 || showsAll ? '' : `${rest} of ${lanes.length} lanes are caught up\n`
  return [
    `topology ${positions.topology}\n\n`,
    sinksTable(sinks, nowMs),
    shown.length === 0 ? '' : `\n${lanesTable(shown)}`,
    `\n${idle}${deletes}`.replace(/^\n$/, ''),
  ].join('')
}

const sinksTable = (sinks: readonly SinkPosition[], nowMs: number): string =>
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
    sinks.map((sink) => [
      sink.isRetired ? `${sink.sink} (retired)` : sink.sink,
      sink.kind,
      formatNumber(sink.counters.received),
      formatNumber(sink.counters.applied),
      formatNumber(sink.counters.deadLettered),
      formatNumber(sink.counters.dropped),
      formatNumber(sink.lagEvents),
      formatNumber(sink.heldEvents),
      sink.committedAtMs === undefined ? 'never' : `${formatDuration(Math.max(0, nowMs - sink.committedAtMs))} ago`,
    ]),
  )

const lanesTable = (lanes: readonly LanePosition[]): string =>
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
      lane.lane,
      `${lane.topic}/${lane.partition}`,
      `[${lane.from}, ${lane.to ?? 'open'})`,
      tenantsText(lane.tenants),
      formatNumber(lane.at),
      formatNumber(lane.lagEvents),
      formatNumber(lane.heldEvents),
    ]),
  )
