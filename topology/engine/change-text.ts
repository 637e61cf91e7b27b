/** A change of a knob or of the profile in words, for the change log and for people who watch. */
import type { LoweredKnob } from '../model/knobs/relations.ts'
import type { KnobChange } from './knob-desk.ts'

/** One line: what changed, who did it and why, what it took along, and what a person holds fast. */
export const changeText = (change: KnobChange): string => {
  const { name, before, after, author } = change
  const why = changeReason(change)
  return `${name} ${before} -> ${after} (${author}${why === '' ? '' : `: ${why}`})`
}

/** Why, and of a profile every value before and after. */
export const changeReason = ({ reason, profile }: KnobChange): string =>
  profile === undefined ? reason : [reason, ...profileTexts(profile)].join('; ')

const profileTexts = ({ changed, held, lowered }: NonNullable<KnobChange['profile']>): readonly string[] => [
  ...(changed.length === 0 ? [] : [changed.map((one) => `${one.knob} ${one.before} -> ${one.after}`).join(', ')]),
  ...(held.length === 0 ? [] : [`left alone, because set by hand: ${held.join(', ')}`]),
  ...lowered.map(loweredText),
]

/** A value that gave way, and why. */
export const loweredText = ({ knob, from, to, relation }: LoweredKnob): string =>
  `${knob} is ${to} and not ${from}, because ${relation.replaceAll('`', '')}`
