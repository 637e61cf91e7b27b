/** `topology dump`: what is in flight now in every process, the oldest first: whoever hangs stands on top. */
import { readRunPositions } from '../../sinks/rows/run-positions.ts'
import { formatTime } from '../model/event-time.ts'
import type { JsonValue } from '../model/json.ts'
import type { RunSnapshot } from '../model/run-snapshot.ts'
import type { OpenCall } from '../model/work-report.ts'
import { durationWords } from '../observe/lag-words.ts'
import type { CommandDefinition, ExitCode } from './command.ts'
import { withReader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { plural, textTable } from './text-table.ts'

export const dump: CommandDefinition = {
  name: 'dump',
  doc: 'Shows what is in flight now in all processes that run the topology, the oldest first: stage, operator, partition, tenant, and what exactly. A fetch that is a second old waits for records, as a rule.',
  arguments: [],
  options: [],
  common: ['rows', 'topology', 'json'],
  examples: ['topology dump', 'topology dump --json'],
  run: (io, input) =>
    withReader<ExitCode>(io, input, async ({ rows, topology }) => {
      const nowMs = io.clock.nowMs()
      const { snapshots } = await readRunPositions(rows, topology.topology, nowMs)
      const calls = callsOf(snapshots)
      if (input.flag('json'))
        await printJson(
          io,
          input,
          calls.map((call) => callJson(call, nowMs)),
        )
      else await io.print(dumpText(calls, snapshots, topology.topology, nowMs))
      return 0
    }),
}

interface CallOfProcess extends OpenCall {
  readonly process: string
}

const callsOf = (snapshots: readonly RunSnapshot[]): readonly CallOfProcess[] =>
  snapshots
    .flatMap(({ calls, process }) => calls.map((call) => ({ ...call, process })))
    .sort((left, right) => left.sinceMs - right.sinceMs)

const callJson = (call: CallOfProcess, nowMs: number): JsonValue => ({
  age_ms: Math.max(0, nowMs - call.sinceMs),
  since: formatTime(call.sinceMs),
  stage: call.stage,
  operator: call.name,
  statement: call.what,
  partition: call.partition ?? null,
  lane: call.lane === undefined ? null : String(call.lane),
  tenant: call.tenant ?? null,
  process: call.process,
})

export const dumpText = (
  calls: readonly CallOfProcess[],
  snapshots: readonly RunSnapshot[],
  topology: string,
  nowMs: number,
): string => {
  if (snapshots.length === 0) return `topology ${topology} is not running: nothing is in flight\n`
  const toldMs = nowMs - Math.min(...snapshots.map(({ atMs }) => atMs))
  const head = `${plural(calls.length, 'call')} in flight in ${plural(snapshots.length, 'process')}, as told ${durationWords(Math.max(0, toldMs))} ago\n`
  if (calls.length === 0) return head
  const hasProcesses = snapshots.length > 1
  const columns = [
    {
      title: 'AGE',
      align: 'right' as const,
      cell: (call: CallOfProcess) => durationWords(Math.max(0, nowMs - call.sinceMs)),
    },
    { title: 'STAGE', cell: (call: CallOfProcess) => call.stage },
    { title: 'OPERATOR', cell: (call: CallOfProcess) => call.name },
    { title: 'TENANT', cell: (call: CallOfProcess) => call.tenant ?? '' },
    ...(hasProcesses ? [{ title: 'PROCESS', cell: (call: CallOfProcess) => call.process }] : []),
    { title: 'WHAT', cell: (call: CallOfProcess) => call.what },
  ]
  const rows = calls.map((call) => columns.map(({ cell }) => cell(call)))
  return `${head}\n${textTable(columns, rows)}`
}
