/** `topology tune log`: who has changed what of a running topology, when and why, by hand or by itself. */
import { readAudit } from '../../sinks/rows/audit.ts'
import { formatTime } from '../model/event-time.ts'
import { parseDuration } from '../model/quantity.ts'
import type { CommandDefinition, ExitCode } from './command.ts'
import { auditJson } from './control-command.ts'
import { withReader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { formatDuration, textTable } from './text-table.ts'

export const tuneLog: CommandDefinition = {
  name: 'tune log',
  doc: 'Shows the change log, the newest last: pauses, tenants, knobs, profiles and drains, by people and by the topology itself (author spillway), with what was before, what came, until when, and why.',
  arguments: [],
  options: [
    { flags: '--since <DURATION>', doc: 'only the last 30m, 2h, 3d' },
    { flags: '-n, --limit <N>', doc: 'how many at most (default 50)' },
  ],
  common: ['rows', 'topology', 'json'],
  examples: ['topology tune log', 'topology tune log --since 1d --json'],
  run: (io, input) => {
    const lastMs = input.parsed<number>('since', (text) => {
      const ms = parseDuration(text)
      return typeof ms === 'string' ? { problem: ms } : ms
    })
    const limit = input.count('limit', { min: 1, max: 10_000, initial: 50 })
    return withReader<ExitCode>(io, input, async ({ rows, topology }) => {
      const nowMs = io.clock.nowMs()
      const since = lastMs === undefined ? {} : { sinceMs: Math.max(0, nowMs - lastMs) }
      const entries = await readAudit(rows, topology.topology, { nowMs, limit, ...since })
      if (input.flag('json')) {
        await printJson(io, input, entries.map(auditJson))
        return 0
      }
      if (entries.length === 0) {
        await io.print('nothing was changed\n')
        return 0
      }
      const titles = ['WHEN', 'WHO', 'WHAT', 'CHANGE', 'FOR', 'BECAUSE'].map((title) => ({ title }))
      const lines = entries.map(({ atMs, author, kind, name, before, after, untilMs, reason }) => [
        ...[formatTime(atMs), author, `${kind} ${name}`, `${before} -> ${after}`],
        ...[untilMs === null ? '-' : formatDuration(untilMs - atMs), reason],
      ])
      await io.print(textTable(titles, lines))
      return 0
    })
  },
}
