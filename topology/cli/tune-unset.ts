/** `topology tune unset`: takes a pin back. */

import { knobNamed } from '../model/knobs/knob-setting.ts'
import type { CommandDefinition, ExitCode } from './command.ts'
import { askAndTell, controlCommons, controlOptions, readAsking } from './control-command.ts'
import { didYouMean } from './did-you-mean.ts'
import { feltTexts, settingText } from './knob-text.ts'
import { readKnobsNow } from './knobs-now.ts'
import { withReader } from './open-reader.ts'
import { UsageProblems } from './usage-problems.ts'

export const tuneUnset: CommandDefinition = {
  name: 'tune unset',
  doc: 'Takes back the value that a person has given a knob: settings and profile say again what it is.',
  arguments: [{ name: 'KNOB', doc: 'as `topology tune list --changed` shows it', isRequired: true }],
  options: controlOptions(),
  common: controlCommons,
  examples: ['topology tune unset backlog.recordsPerSecond'],
  run: (io, input) => {
    const [name = ''] = input.operands
    const asking = readAsking(io, input)
    return withReader<ExitCode>(
      io,
      input,
      async (reader) => {
        const { desk } = await readKnobsNow(reader, asking.nowMs)
        const pinned = desk.state().pins.map(({ knob }) => knob)
        if (desk.pinOf(name) === undefined) {
          const hint = pinned.length === 0 ? 'No knob is.' : `Those that are: ${pinned.join(', ')}.`
          throw new UsageProblems([{ text: `${name} is not set by hand${didYouMean(name, pinned)}`, hint }])
        }
        desk.unpin(name)
        const knob = knobNamed(name)
        return askAndTell(io, input, reader, { kind: 'knob', knob: name, value: null }, asking, {
          says: `${name} is ${settingText(knob, desk.line(name).value)} again, as settings and profile say`,
          felt: feltTexts[knob.at],
        })
      },
      'write',
    )
  },
}
