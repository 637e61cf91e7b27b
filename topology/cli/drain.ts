/** `topology drain`: a process or worker gives its lanes to others, so that it can be stopped without anybody noticing. */

import { chooseProcess } from './choose-process.ts'
import type { CommandDefinition, ExitCode } from './command.ts'
import { askAndTell, controlCommons, controlOptions, readAsking } from './control-command.ts'
import { withReader } from './open-reader.ts'

export const drain: CommandDefinition = {
  name: 'drain',
  doc: 'Takes a process that runs the topology, or one of its workers, out of service: it finishes what is open, gives its lanes to the others through the ledger, and takes none until `topology undrain`. Nothing is lost or counted twice. Where nobody else is there, its events wait in the log. It ends with the process: a new one that has its name takes lanes.',
  arguments: [{ name: 'NAME', doc: 'of a process, or of a worker in it: host#1, host#1/2', isRequired: true }],
  options: controlOptions('until `topology undrain`'),
  common: controlCommons,
  examples: ['topology drain host#1 --because "new kernel"', 'topology drain host#1/2 --for 1h'],
  run: (io, input) => {
    const asking = readAsking(io, input)
    return withReader<ExitCode>(
      io,
      input,
      async (reader) => {
        const { name, process, others } = await chooseProcess(reader, input.operands[0] ?? '', asking.nowMs)
        return askAndTell(io, input, reader, { kind: 'drain', name, isDrained: true, process }, asking, {
          says: `${name} gives its lanes away and takes none`,
          undo: `topology undrain ${name}`,
          notes: others === 0 ? ['nobody else runs the topology: its events wait in the log until then'] : [],
        })
      },
      'write',
    )
  },
}
