/** `topology tune set`: a person's value of a knob in a running topology, for a while. */
import type { KnobDesk } from '../engine/knob-desk.ts'
import { type KnobSetting, knobNamed, readKnobSetting } from '../model/knobs/knob-setting.ts'
import { SpillwayError } from '../model/spillway-error.ts'
import type { CommandDefinition, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { type Answer, askAndTell, controlCommons, controlOptions, readAsking } from './control-command.ts'
import { feltTexts, settingText, unitHint } from './knob-text.ts'
import { readKnobsNow } from './knobs-now.ts'
import { withReader } from './open-reader.ts'
import { UsageProblems } from './usage-problems.ts'

export const tuneSet: CommandDefinition = {
  name: 'tune set',
  doc: 'Pins a knob of a running topology to a value, over settings and profiles, and without a restart. A pin always ends, so that what is set in a night is not there for ever. Times and sizes may have units: 5s, 64MiB. No knob changes a result: only when work is done.',
  arguments: [
    { name: 'KNOB', doc: 'as `topology tune list` shows it', isRequired: true },
    { name: 'VALUE', doc: 'in the unit of the knob, or with one: 5000, 5s, 64MiB, 0.4', isRequired: true },
  ],
  options: controlOptions('4h, the knob pin.expiryMs'),
  common: controlCommons,
  examples: [
    'topology tune set backlog.recordsPerSecond 20000 --for 2h --because "the store is hot"',
    'topology tune set memory.budgetBytes 512MiB',
    'topology tune set tenant.shareRatio 0.4 --for 1d',
  ],
  run: (io, input) => {
    const [name = '', written = ''] = input.operands
    const value = readValue(input, name, written)
    return withReader<ExitCode>(
      io,
      input,
      async (reader) => {
        const { desk } = await readKnobsNow(reader, io.clock.nowMs())
        const asking = readAsking(io, input, desk.value('pin.expiryMs'))
        input.check()
        const before = desk.line(name).value
        const { author, reason, untilMs = 0 } = asking
        refuse(() => desk.pin({ knob: name, value: value!, author, reason, untilMs }))
        const answer = answerOf(desk, name, before)
        return askAndTell(io, input, reader, { kind: 'knob', knob: name, value: value! }, asking, answer)
      },
      'write',
    )
  },
}

/** Problems of the value are noted, so that all are told at once. */
const readValue = (input: CommandInput, name: string, written: string): KnobSetting | undefined => {
  try {
    return readKnobSetting(name, written)
  } catch (error) {
    if (!(error instanceof SpillwayError)) throw error
    const isKnown = error.publicName !== 'knobUnknown'
    const hint = isKnown ? unitHint(knobNamed(name), written) : ''
    input.note({ at: isKnown ? 'VALUE' : 'KNOB', text: error.message, hint: hint === '' ? error.hint : hint })
    return undefined
  }
}

const refuse = (act: () => void): void => {
  try {
    act()
  } catch (error) {
    if (error instanceof SpillwayError) throw new UsageProblems([{ text: error.message, hint: error.hint }])
    throw error
  }
}

const answerOf = (desk: KnobDesk, name: string, before: KnobSetting): Answer => {
  const knob = knobNamed(name)
  const { value } = desk.line(name)
  // What other knobs have lowered before is no news of this one.
  const ofThis = desk.lowered().filter(({ knob: other, relation }) => other === name || relation.includes(name))
  const lowered = ofThis.map(({ knob: other, from, to, relation }) => {
    const of = knobNamed(other)
    return `lowers ${other} from ${settingText(of, from)} to ${settingText(of, to)}, so that ${relation.replaceAll('`', '')}`
  })
  return {
    says: `${name} is ${settingText(knob, value)} (before: ${settingText(knob, before)})`,
    felt: feltTexts[knob.at],
    undo: `topology tune unset ${name}`,
    notes: [`${knob.effect}; danger: ${knob.danger}`, ...lowered],
    json: { value, value_before: before },
  }
}
