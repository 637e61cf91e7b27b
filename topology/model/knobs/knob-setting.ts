/** The value of any knob as a person or a program writes it, and its check: name, bounds, units. */
import { type AnyKnob, isNameKnob, isNumberKnob } from '../knob.ts'
import { knobErrors } from '../knob-errors.ts'
import { allKnobs } from '../knobs.ts'
import { nearestName } from '../nearest-name.ts'
import { parseBytes, parseDuration } from '../quantity.ts'

/** A number, one of a few names, or names parted by commas. */
export type KnobSetting = number | string

/** The knob of a name; throws with a suggestion where there is none. */
export const knobNamed = (name: string): AnyKnob => {
  const knob = allKnobs.get(name)
  if (knob === undefined) throw knobErrors.knobUnknown({ name, suggestion: suggestionFor(name) })
  return knob
}

// More than a person looks through.
const suggestedMost = 8

/** The nearest one, else those with what was written in their names: there are too many to list. */
const suggestionFor = (name: string): string => {
  const nearest = nearestName(name, allKnobs.keys())
  if (nearest !== undefined) return `; did you mean ${JSON.stringify(nearest)}?`
  const part = name.toLowerCase()
  const near = part.length < 3 ? [] : [...allKnobs.keys()].filter((known) => known.toLowerCase().includes(part))
  return near.length === 0 || near.length > suggestedMost ? '' : `; there are ${near.join(', ')}`
}

/** What a person has typed: `5000`, `5 s`, `64 MiB`, `catch-up`. Throws when the knob takes no such value. */
export const readKnobSetting = (name: string, written: string): KnobSetting => {
  const knob = knobNamed(name)
  if (!isNumberKnob(knob)) return checkedSetting(name, written.trim())
  const value = numberOf(knob.unit, written)
  if (typeof value === 'string') throw knobErrors.knobValueRefused({ name, written, wanted: wantedText(knob) })
  return checkedSetting(name, value)
}

const numberOf = (unit: string, written: string): number | string => {
  if (unit === 'ms') return parseDuration(written)
  if (unit === 'bytes' || unit === 'bytes/s') return parseBytes(written.replace(/\/s$/, ''))
  const value = written.trim() === '' ? Number.NaN : Number(written)
  return Number.isFinite(value) ? value : 'is no number'
}

/** The value as it is, if the knob takes it; throws otherwise. */
export const checkedSetting = (name: string, value: KnobSetting): KnobSetting => {
  const knob = knobNamed(name)
  if (takes(knob, value)) return value
  throw knobErrors.knobValueRefused({ name, written: String(value), wanted: wantedText(knob) })
}

const takes = (knob: AnyKnob, value: KnobSetting): boolean => {
  if (isNumberKnob(knob))
    return typeof value === 'number' && value >= knob.min && value <= knob.max && isWhole(knob, value)
  if (typeof value !== 'string') return false
  return !isNameKnob(knob) || knob.names.includes(value)
}

/** Only ratios have fractions. */
const isWhole = (knob: { readonly max: number }, value: number): boolean => knob.max <= 1 || Number.isInteger(value)

/** `a number of ms from 10 to 5,000`, `one of auto, realtime`. */
export const wantedText = (knob: AnyKnob): string => {
  if (isNumberKnob(knob)) {
    const bounds = `from ${knob.min.toLocaleString('en')} to ${knob.max.toLocaleString('en')}`
    return knob.max <= 1 ? `a ratio ${bounds}` : `a whole number of ${knob.unit} ${bounds}`
  }
  return isNameKnob(knob) ? `one of ${knob.names.join(', ')}` : 'a list of names, parted by commas'
}
