/** `topology tenant block`: nothing of one tenant is taken for a while; its events wait in the log. */
import { knobValue } from '../model/knobs.ts'
import type { CommandDefinition, ExitCode } from './command.ts'
import { askAndTell, controlCommons, controlOptions, readAsking } from './control-command.ts'
import { withReader } from './open-reader.ts'
import { branchFlag, readTenantBranch, unknownTenantNotes } from './tenant-branch.ts'

export const tenantBlock: CommandDefinition = {
  name: 'tenant block',
  doc: 'Takes nothing of one tenant for a while, in a running topology and within seconds: for a tenant whose events do harm. They wait in the log and are taken when the block is over, unless the log drops them before: the retention clock of `topology lag` shows that. A block always ends; say for how long.',
  arguments: [{ name: 'TENANT', doc: 'the project of the events', isRequired: true }],
  options: [branchFlag, ...controlOptions('4h, the knob pin.expiryMs')],
  common: controlCommons,
  examples: [
    'topology tenant block acme --for 1h --because "their events end the workers"',
    'topology tenant block acme --branch archive --for 30m',
  ],
  run: (io, input) => {
    const [tenant = ''] = input.operands
    return withReader<ExitCode>(
      io,
      input,
      async (reader) => {
        const asking = readAsking(io, input, knobValue('pin.expiryMs', reader.configuration.knobs))
        input.check()
        const { inText, flagText, notes, ...where } = await readTenantBranch(input, reader)
        const wish = { kind: 'tenant', tenant, ...where, eventsPerSecond: 0 } as const
        return askAndTell(io, input, reader, wish, asking, {
          says: `${tenant} is blocked${inText}: its events wait in the log`,
          felt: '; the block holds within 5 seconds',
          undo: `topology tenant clear ${tenant}${flagText}`,
          notes: [...notes, ...(await unknownTenantNotes(reader, tenant, asking.nowMs))],
        })
      },
      'write',
    )
  },
}
