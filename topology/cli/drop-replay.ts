/** `topology replay --drop`: a namespace leaves service for good; what it wrote stays, and where that is, is told. */
import { writeAudit } from '../../sinks/rows/audit.ts'
import { liveNamespace, namespacedTopology } from '../model/namespace.ts'
import { dropLive, dropNamespace } from '../promote-namespace.ts'
import type { CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { withReader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { createTalk } from './talk.ts'
import { userName } from './user-name.ts'

export const dropReplay = (io: CommandIo, input: CommandInput, namespace: string): Promise<ExitCode> => {
  for (const option of ['from', 'to', 'into', 'tenant', 'timeframe', 'rate'])
    if (input.text(option) !== undefined) input.note({ at: `--${option}`, text: 'does not stand beside --drop' })
  for (const option of ['follow', 'dry-run'])
    if (input.flag(option)) input.note({ at: `--${option}`, text: 'does not stand beside --drop' })
  if (input.operands.length > 0) input.note({ text: '--drop takes no FILE' })
  return withReader<ExitCode>(
    io,
    input,
    async ({ rows, ledger, topology: { topology } }) => {
      const { clock, random, signal } = io
      const ports = { ledger, clock, random }
      const isLive = namespace === liveNamespace
      const sinks = await (isLive
        ? dropLive(ports, topology, signal)
        : dropNamespace(ports, topology, namespace, signal))
      await writeAudit(rows, {
        ...{ topology, atMs: clock.nowMs(), kind: 'namespace', name: namespace, author: userName(io) },
        ...{ before: 'computed', after: 'dropped', reason: '', untilMs: null },
      })
      const objects = namespacedTopology(topology, isLive ? undefined : namespace)
      if (input.flag('json')) {
        await printJson(io, input, { namespace, dropped: true, sinks, objects_named: `${objects}-*` })
        return 0
      }
      await io.print(
        `${isLive ? 'the declared sinks that nobody reads are' : `namespace ${namespace} is`} dropped: nothing is computed for ${isLive ? 'them' : 'it'} any more, and nothing leads back\n` +
          `what was written stays, in the tables of ${sinks.join(', ')} and in objects named ${objects}-*\n`,
      )
      createTalk(io, input.logLevel).warn(
        'deletes do not reach that any more: remove these tables and objects by the means of the store, where they must go',
      )
      return 0
    },
    'write',
  )
}
