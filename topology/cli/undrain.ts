/** `topology undrain`: a process or worker takes lanes again. */
import { readControls } from '../../sinks/rows/controls.ts'
import { listRunProcesses } from '../../sinks/rows/run-processes.ts'
import { standingControls } from '../standing-controls.ts'
import type { CommandDefinition, ExitCode } from './command.ts'
import { askAndTell, controlCommons, controlOptions, readAsking } from './control-command.ts'
import { didYouMean } from './did-you-mean.ts'
import { withReader } from './open-reader.ts'
import { UsageProblems } from './usage-problems.ts'

export const undrain: CommandDefinition = {
  name: 'undrain',
  doc: 'Brings a drained process or worker back into service: it takes its share of the lanes again.',
  arguments: [{ name: 'NAME', doc: 'as it was drained: host#1, host#1/2', isRequired: true }],
  options: controlOptions(),
  common: controlCommons,
  examples: ['topology undrain host#1'],
  run: (io, input) => {
    const [name = ''] = input.operands
    const asking = readAsking(io, input)
    return withReader<ExitCode>(
      io,
      input,
      async (reader) => {
        const controls = await readControls(reader.rows, reader.topology.topology, 'drain')
        const { drains } = standingControls(controls, asking.nowMs)
        const found = drains.find((one) => one.name === name)
        if (found === undefined) {
          const drained = drains.map((one) => one.name)
          const hint = drained.length === 0 ? 'Nobody is.' : `Those that are: ${drained.join(', ')}.`
          throw new UsageProblems([{ text: `${name} is not drained${didYouMean(name, drained)}`, hint }])
        }
        const running = await listRunProcesses(reader.rows, reader.topology.topology, asking.nowMs)
        const isRunning = running.some(({ process }) => process === found.process)
        const says = isRunning
          ? `${name} takes lanes again`
          : `${name} is drained no more; of its process nothing is heard, and a new one of that name was never drained`
        return askAndTell(io, input, reader, { kind: 'drain', name, isDrained: false }, asking, {
          says,
          ...(isRunning ? { undo: `topology drain ${name}` } : { isUnheard: true }),
          json: { running: isRunning },
        })
      },
      'write',
    )
  },
}
