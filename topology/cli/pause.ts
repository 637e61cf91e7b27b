/** `topology pause`: a branch rests at its own place, or takes nothing of one tenant, while the others go on. */

import { branchText, chooseBranch } from './choose-branch.ts'
import type { CommandDefinition, ExitCode } from './command.ts'
import { askAndTell, controlCommons, controlOptions, readAsking } from './control-command.ts'
import { withReader } from './open-reader.ts'

export const pause: CommandDefinition = {
  name: 'pause',
  doc: 'Stops one branch of a running topology: a sink, or a bolt with all sinks below it. It keeps its place, and the log keeps what comes; the other branches go on as before. With --tenant it goes on without that tenant, whose events wait in the log. `topology resume` lets it catch up: nothing is lost or counted twice.',
  arguments: [{ name: 'BRANCH', doc: 'a sink, or a bolt with all sinks below it', isRequired: true }],
  options: [
    { flags: '--tenant <NAME>', doc: "only this tenant's events" },
    ...controlOptions('until `topology resume`'),
  ],
  common: controlCommons,
  examples: [
    'topology pause archive --because "the bucket is moved"',
    'topology pause schema --for 2h',
    'topology pause archive --tenant acme --for 1d --because "their backfill"',
  ],
  run: (io, input) => {
    const tenant = input.text('tenant')
    const asking = readAsking(io, input)
    return withReader<ExitCode>(
      io,
      input,
      (reader) => {
        const branch = chooseBranch(reader.topology, input.operands[0] ?? '')
        const shown = branchText(branch)
        if (tenant === undefined)
          return askAndTell(io, input, reader, { kind: 'branch', branch: branch.name, isPaused: true }, asking, {
            says: `${shown} is paused: it keeps its place, and the log keeps what comes`,
            felt: '; what is open becomes durable first',
            undo: `topology resume ${branch.name}`,
          })
        const wish = { kind: 'tenant', tenant, branch: branch.name, eventsPerSecond: 0 } as const
        return askAndTell(io, input, reader, wish, asking, {
          says: `${shown} takes nothing of ${tenant}: its events wait in the log`,
          felt: ' and leave its events out from the place on where they read then',
          undo: `topology resume ${branch.name} --tenant ${tenant}`,
        })
      },
      'write',
    )
  },
}
