/** `topology lag`: how far each lane is behind, how fast it drains, when it is done, and when the log drops what is left. */
import { readRunPositions } from '../../sinks/rows/run-positions.ts'
import type { JsonValue } from '../model/json.ts'
import type { LagLine } from '../model/run-snapshot.ts'
import { mergeSnapshots } from '../observe/merge-snapshots.ts'
import type { CommandDefinition, ExitCode } from './command.ts'
import { didYouMean } from './did-you-mean.ts'
import { readKnobsNow } from './knobs-now.ts'
import { lagText } from './lag-text.ts'
import { withReader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { readLag } from './read-lag.ts'
import { UsageProblems } from './usage-problems.ts'
import { withLogs } from './with-logs.ts'

export const lag: CommandDefinition = {
  name: 'lag',
  doc: 'Shows how far each branch is behind the log in events, bytes and time, how fast it drains, when it will be done, and when the log drops what is not read. Lag counts what is not read; what is read and not yet durable is held.',
  arguments: [{ name: 'BRANCH', doc: 'a sink; without it, all', isRequired: false }],
  options: [{ flags: '--tenant <P>', doc: 'lanes that read this tenant' }],
  common: ['log', 'rows', 'topology', 'json'],
  examples: ['topology lag', 'topology lag archive', 'topology lag --tenant acme', 'topology lag --json --pretty'],
  run: (io, input) =>
    withReader<ExitCode>(io, input, async (reader) => {
      const { topology, ledger, rows } = reader
      const nowMs = io.clock.nowMs()
      const told = await readRunPositions(rows, topology.topology, nowMs)
      const snapshot = mergeSnapshots(told.snapshots)
      const all = await withLogs(io, reader, (logOf) => readLag({ topology, ledger, logOf, told, snapshot, nowMs }))
      const [branch] = input.operands
      const names = [...new Set(all.map((line) => line.branch))]
      if (branch !== undefined && !names.includes(branch))
        throw new UsageProblems([
          {
            text: `no branch ${JSON.stringify(branch)}${didYouMean(branch, names)}`,
            hint: `There are ${names.join(', ')}.`,
          },
        ])
      const tenant = input.text('tenant')
      const lines = all.filter((line) => (branch === undefined || line.branch === branch) && reads(line, tenant))
      if (input.flag('json'))
        await printJson(
          io,
          input,
          lines.map((line) => lagJson(topology.topology, line)),
        )
      else {
        const guardRatio = (await readKnobsNow(reader, nowMs)).desk.value('retention.guardRatio')
        const view = { snapshot, nowMs, guardRatio, columns: io.columns, hasColour: io.colour.stdout }
        await io.print(lagText(lines, view))
      }
      return 0
    }),
}

const reads = ({ tenant }: LagLine, wanted: string | undefined): boolean => {
  if (wanted === undefined || tenant === 'all') return true
  const isExcept = tenant.startsWith('all but ')
  const names = (isExcept ? tenant.slice('all but '.length) : tenant).split(', ')
  return names.includes(wanted) !== isExcept
}

/** The first keys in the order and with the meaning that programs rely on. */
export const lagJson = (topology: string, line: LagLine): JsonValue => ({
  topology,
  branch: line.branch,
  topic: line.topic,
  partition: line.partition,
  lane: String(line.lane),
  tenant: line.tenant,
  lag_events: line.lagEvents,
  lag_bytes: line.lagBytes,
  lag_ms: line.lagMs,
  held_events: line.heldEvents,
  held_ms: line.heldMs,
  drain_multiple: line.drainMultiple,
  eta_ms: line.etaMs === null ? null : [...line.etaMs],
  retention_ms_left: line.retentionMsLeft,
  lane_class: line.laneClass,
  spout: line.spout,
  events_per_second: line.eventsPerSecond,
  bytes_per_second: line.bytesPerSecond,
  slope_events_per_second: line.slopeEventsPerSecond,
  may_read: line.mayRead,
})
