/** `topology status`: how a topology is, in one sentence and then in tables; beside a run or without one. */
import type { CommandDefinition, ExitCode } from './command.ts'
import { readKnobsNow } from './knobs-now.ts'
import { withReader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { type ReadStatus, readStatus } from './read-status.ts'
import { statusJson } from './status-json.ts'
import { statusLine, statusText } from './status-text.ts'
import { watchStatus } from './watch-status.ts'
import { withLogs } from './with-logs.ts'

export const status: CommandDefinition = {
  name: 'status',
  doc: 'Shows where a topology stands: how it is in one sentence, then each branch with its state, how fresh it is, what it still has to read and when that will be done; who is over their share, what people have set, what limits it. Lag counts records that are not yet read; held ones are read and not yet durable.',
  arguments: [],
  options: [
    {
      flags: '--watch',
      doc: 'draws it anew every second; without a terminal, a line on each change and at least every `status.updateMs`',
    },
    { flags: '--lanes', doc: 'every lane, not only those with lag' },
  ],
  common: ['log', 'rows', 'topology', 'json'],
  examples: [
    'topology status',
    'topology status --watch',
    'topology status --lanes',
    'topology status --json --pretty',
  ],
  run: (io, input) =>
    withReader<ExitCode>(io, input, async (reader) => {
      const { topology, ledger, rows } = reader
      const { desk } = await readKnobsNow(reader, io.clock.nowMs())
      const text = (found: ReadStatus): string =>
        statusText(found, {
          nowMs: io.clock.nowMs(),
          showsAll: input.flag('lanes'),
          columns: io.columns,
          hasColour: io.colour.stdout,
          shareRatio: desk.value('tenant.shareRatio'),
        })
      await withLogs(io, reader, async (logOf) => {
        const read = (): Promise<ReadStatus> => readStatus({ topology, ledger, rows, logOf, nowMs: io.clock.nowMs() })
        const isJson = input.flag('json')
        if (input.flag('watch')) {
          const line = (found: ReadStatus): string =>
            isJson ? JSON.stringify(statusJson(found)) : statusLine(found, io.clock.nowMs())
          await watchStatus(io, { read, text, line, updateMs: () => desk.value('status.updateMs') }, isJson)
        } else if (isJson) await printJson(io, input, statusJson(await read()))
        else await io.print(text(await read()))
      })
      return 0
    }),
}
