/** `topology tune list`: every knob with its value, and who says so. */
import type { KnobLine } from '../engine/knob-desk.ts'
import { formatTime } from '../model/event-time.ts'
import type { JsonValue } from '../model/json.ts'
import { isNumberKnob } from '../model/knob.ts'
import { knobNamed } from '../model/knobs/knob-setting.ts'
import { knobSections } from '../model/knobs.ts'
import type { CommandDefinition, ExitCode } from './command.ts'
import { settingText } from './knob-text.ts'
import { readKnobsNow } from './knobs-now.ts'
import { withReader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { createTalk } from './talk.ts'
import { formatDuration, textTable } from './text-table.ts'

export const tuneList: CommandDefinition = {
  name: 'tune list',
  doc: 'Shows the knobs with their values as they are now: set by hand for a while (`topology tune set`), by the settings of the run, by the profile, or as they are from the start. What a sink of the file itself says stands between settings and profile, and is not shown here.',
  arguments: [],
  options: [{ flags: '--changed', doc: 'only those that are not as they are from the start' }],
  common: ['rows', 'topology', 'json'],
  examples: ['topology tune list --changed', 'topology tune list --json --pretty'],
  run: (io, input) =>
    withReader<ExitCode>(io, input, async (reader) => {
      const nowMs = io.clock.nowMs()
      const { desk, refused } = await readKnobsNow(reader, nowMs)
      const isShown = (line: KnobLine): boolean =>
        !input.flag('changed') || line.source !== 'initial' || line.lowered !== undefined
      if (input.flag('json')) {
        await printJson(io, input, desk.lines().filter(isShown).map(knobJson))
        return 0
      }
      const { profile } = desk.state()
      const shown = knobSections.flatMap(([title, knobs]) => {
        const lines = knobs.map(({ name }) => desk.line(name)).filter(isShown)
        return lines.length === 0 ? [] : [`${title}\n${knobsTable(lines, nowMs)}`]
      })
      const none = 'every knob is as it is from the start\n'
      await io.print(`profile ${profile.name}\n\n${shown.length === 0 ? none : shown.join('\n')}`)
      for (const one of refused) createTalk(io, input.logLevel).warn(`does not hold: ${one}`)
      return 0
    }),
}

const knobsTable = (lines: readonly KnobLine[], nowMs: number): string =>
  textTable(
    [{ title: 'KNOB' }, { title: 'VALUE', align: 'right' }, { title: 'FROM' }, { title: 'WHAT IT SETS' }],
    lines.map((line) => {
      const knob = knobNamed(line.knob)
      return [`  ${line.knob}`, settingText(knob, line.value), sourceText(line, nowMs), knob.effect]
    }),
  )

const sourceText = ({ source, pin, lowered }: KnobLine, nowMs: number): string => {
  if (lowered !== undefined) return `lowered: ${lowered.relation.replaceAll('`', '')}`
  if (pin !== undefined) {
    const reason = pin.reason === '' ? '' : `, ${JSON.stringify(pin.reason)}`
    return `${pin.author} for ${formatDuration(Math.max(0, pin.untilMs - nowMs))}${reason}`
  }
  return { pin: 'by hand', run: 'settings', profile: 'profile', initial: '-' }[source]
}

const knobJson = ({ knob: name, value, source, pin, lowered }: KnobLine): JsonValue => {
  const knob = knobNamed(name)
  return {
    ...{ knob: name, value, unit: knob.unit, at: knob.at, source: lowered === undefined ? source : 'lowered' },
    initial: typeof knob.initial === 'object' ? knob.initial.join() : knob.initial,
    ...(isNumberKnob(knob) ? { min: knob.min, max: knob.max } : {}),
    ...(pin === undefined ? {} : { author: pin.author, reason: pin.reason, until: formatTime(pin.untilMs) }),
    effect: knob.effect,
  }
}
