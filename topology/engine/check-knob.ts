/** Refuses a knob that does not exist, and a value out of its bounds. */
import { errors } from '../model/errors.ts'
import { knobs } from '../model/knobs.ts'

export const checkKnob = (name: string, value: number): void => {
  const knob = knobs.get(name)
  if (knob === undefined) throw errors.badConfiguration({ problem: `no knob is named ${name}` })
  if (value >= knob.min && value <= knob.max) return
  throw errors.badConfiguration({ problem: `${name} must lie between ${knob.min} and ${knob.max}` })
}
