/** Entries of the error catalogue about knobs: what a person has to write in another way. */
import { entry } from './error-entry.ts'

export const knobErrors = {
  knobUnknown: entry({
    code: 'SPW-0540',
    name: 'knobUnknown',
    errorClass: 'stop',
    text: (values: { name: string; suggestion: string }) => `no knob is named ${values.name}${values.suggestion}`,
    hint: 'All knobs: `topology tune list`, docs/knobs.md.',
  }),
  knobValueRefused: entry({
    code: 'SPW-0541',
    name: 'knobValueRefused',
    errorClass: 'stop',
    text: (values: { name: string; written: string; wanted: string }) =>
      `${values.name} is no ${JSON.stringify(values.written)}: it is ${values.wanted}`,
    hint: 'What each knob takes stands in docs/knobs.md.',
  }),
  knobsDisagree: entry({
    code: 'SPW-0542',
    name: 'knobsDisagree',
    errorClass: 'stop',
    text: (values: { problems: string }) => values.problems,
    hint: 'Nothing was changed. Change the values together, or in the order that the message names.',
  }),
}
