/** `topology tune profile`: many knobs at once, by the name of what matters now. */
import type { KnobSetting } from '../model/knobs/knob-setting.ts'
import type { CommandDefinition, ExitCode } from './command.ts'
import { askAndTell, controlCommons, controlOptions, readAsking } from './control-command.ts'
import { didYouMean } from './did-you-mean.ts'
import { readKnobsNow } from './knobs-now.ts'
import { withReader } from './open-reader.ts'

const says: Readonly<Record<string, string>> = {
  realtime: 'profile realtime: fresh data first, a backlog takes what is left',
  'catch-up': 'profile catch-up: larger fetches and epochs for what lies behind; live lanes keep their pace',
  protect: 'profile protect: what lies behind is slowed, so that broker and stores recover',
  auto: 'profile auto: the topology chooses by lag, memory and the latency of broker and stores',
}

export const tuneProfile: CommandDefinition = {
  name: 'tune profile',
  doc: 'Fixes the profile of a running topology: realtime, catch-up or protect, each of which sets many knobs at once; a knob that is pinned is left alone. auto gives the choice back to the topology; where the run itself was given a profile, as by `spillway.yaml`, auto is set over it for a while. What is set always ends, as every pin does.',
  arguments: [{ name: 'NAME', doc: 'realtime, catch-up, protect or auto', isRequired: true }],
  options: controlOptions('4h, the knob pin.expiryMs'),
  common: controlCommons,
  examples: [
    'topology tune profile protect --for 30m --because "producers see timeouts"',
    'topology tune profile auto',
  ],
  run: (io, input) => {
    const [name = ''] = input.operands
    if (says[name] === undefined)
      input.note({
        at: 'NAME',
        text: `no profile is named ${JSON.stringify(name)}${didYouMean(name, Object.keys(says))}`,
        hint: `There are ${Object.keys(says).join(', ')}.`,
      })
    return withReader<ExitCode>(
      io,
      input,
      async (reader) => {
        const { desk } = await readKnobsNow(reader, io.clock.nowMs())
        const given = desk.state().options['profile.mode'] ?? 'auto'
        // Without a pin it is as the run was given it.
        const isFree = name === 'auto' && given === 'auto'
        const asking = readAsking(io, input, isFree ? undefined : desk.value('pin.expiryMs'))
        input.check()
        const wish = { kind: 'knob', knob: 'profile.mode', value: isFree ? null : name } as const
        const own = desk.state().pins.filter(({ knob }) => knob !== 'profile.mode')
        const left = own.map(({ knob, value }) => `${knob} stays ${value}: it is set by hand`)
        return askAndTell(io, input, reader, wish, asking, {
          says: says[name]!,
          notes: [...(given === 'auto' || given === name ? [] : [`then ${afterwards(given)}`]), ...left],
          ...(isFree
            ? {}
            : { undo: given === 'auto' ? 'topology tune profile auto' : 'topology tune unset profile.mode' }),
        })
      },
      'write',
    )
  },
}

const afterwards = (given: KnobSetting): string => `profile ${given} holds again, as it is set for the run`
