/** `topology tenant limit`: so many events a second of one tenant, the rest waits in the log. */
import type { CommandDefinition, ExitCode } from './command.ts'
import { askAndTell, controlCommons, controlOptions, readAsking } from './control-command.ts'
import { withReader } from './open-reader.ts'
import { readRate } from './read-rate.ts'
import { branchFlag, readTenantBranch, unknownTenantNotes } from './tenant-branch.ts'
import { formatNumber } from './text-table.ts'

export const tenantLimit: CommandDefinition = {
  name: 'tenant limit',
  doc: 'Takes at most so many events a second of one tenant, in a running topology and within seconds. Its events get lanes of their own, so nobody else waits for them; what is above the limit waits in the log and is taken later. Each process shares the limit out to its partitions.',
  arguments: [
    { name: 'TENANT', doc: 'the project of the events', isRequired: true },
    { name: 'RATE', doc: 'events a second: 500/s, 20k/s, 30000/min', isRequired: true },
  ],
  options: [branchFlag, ...controlOptions('until `topology tenant clear`')],
  common: controlCommons,
  examples: [
    'topology tenant limit acme 500/s --because "their importer loops"',
    'topology tenant limit acme 30000/min --for 2h',
    'topology tenant limit acme 50/s --branch archive',
  ],
  run: (io, input) => {
    const [tenant = '', written = ''] = input.operands
    const rate = readRate(written)
    if (typeof rate === 'string') input.note({ at: 'RATE', text: rate })
    else if (rate === 0)
      input.note({ at: 'RATE', text: '0 takes nothing', hint: `Say \`topology tenant block ${tenant}\`.` })
    const asking = readAsking(io, input)
    return withReader<ExitCode>(
      io,
      input,
      async (reader) => {
        const { inText, flagText, notes, ...where } = await readTenantBranch(input, reader)
        const wish = { kind: 'tenant', tenant, ...where, eventsPerSecond: Number(rate) } as const
        return askAndTell(io, input, reader, wish, asking, {
          says: `${tenant} is limited to ${formatNumber(Number(rate))} events/s${inText}: what is above waits in the log`,
          felt: '; the limit holds within 5 seconds',
          undo: `topology tenant clear ${tenant}${flagText}`,
          notes: [...notes, ...(await unknownTenantNotes(reader, tenant, asking.nowMs))],
        })
      },
      'write',
    )
  },
}
