/** `topology tenant list`: what people have ruled about tenants, by whom, why and until when. */
import { readControls } from '../../sinks/rows/controls.ts'
import { formatTime } from '../model/event-time.ts'
import { standingControls } from '../standing-controls.ts'
import type { CommandDefinition, ExitCode } from './command.ts'
import { withReader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { formatDuration, textTable } from './text-table.ts'

export const tenantList: CommandDefinition = {
  name: 'tenant list',
  doc: 'Shows the limits and blocks that stand for tenants, in all branches or one. What the topology does by itself, such as giving a noisy tenant lanes of its own, stands in `topology status`.',
  arguments: [],
  options: [],
  common: ['rows', 'topology', 'json'],
  examples: ['topology tenant list', 'topology tenant list --json'],
  run: (io, input) =>
    withReader<ExitCode>(io, input, async ({ rows, topology }) => {
      const nowMs = io.clock.nowMs()
      const { rules } = standingControls(await readControls(rows, topology.topology, 'tenant'), nowMs)
      if (input.flag('json')) {
        const json = rules.map(({ tenant, branch, rule, eventsPerSecond, author, reason, untilMs }) => ({
          ...{ tenant, branch: branch ?? null, rule, events_per_second: eventsPerSecond ?? 0, author, reason },
          until: untilMs === null ? null : formatTime(untilMs),
        }))
        await printJson(io, input, json)
        return 0
      }
      if (rules.length === 0) {
        await io.print('no tenant is limited or blocked\n')
        return 0
      }
      const titles = ['TENANT', 'BRANCH', 'RULE', 'FOR', 'BY', 'BECAUSE'].map((title) => ({ title }))
      const lines = rules.map(({ tenant, branch, rule, eventsPerSecond, author, reason, untilMs }) => [
        ...[tenant, branch ?? 'all', rule === 'block' ? 'blocked' : `${eventsPerSecond}/s`],
        ...[untilMs === null ? 'until cleared' : formatDuration(untilMs - nowMs), author, reason],
      ])
      await io.print(textTable(titles, lines))
      return 0
    }),
}
