/** A change of a knob or of the profile in words, for the change log and for people who watch. */
import type { LoweredKnob } from '../model/knobs/relations.ts'
import type { KnobChange } from './knob-desk.ts'

// The change log has every value; a line of a terminal has not the room.
const shownMost = 3

/** One line: what changed, who did it and why, what it took along, and what a person holds fast. */
export const changeText = (change: KnobChange): string => {
  const { name, before, after, author } = change
  const why = reasonWith(change, shownMost)
  return `${name} ${before} -> ${after} (${author}${why === '' ? '' : `: ${why}`})`
}

/** Why, and of a profile every value before and after. */
export const changeReason = (change: KnobChange): string => reasonWith(change, Number.POSITIVE_INFINITY)

const reasonWith = ({ reason, profile }: KnobChange, most: number): string =>
  profile === undefined ? reason : [reason, ...profileTexts(profile, most)].join('; ')

const profileTexts = (
  { changed, held, lowered }: NonNullable<KnobChange['profile']>,
  most: number,
): readonly string[] => [
  ...(changed.length === 0 ? [] : [changedText(changed, most)]),
  ...(held.length === 0 ? [] : [`left alone, because set by hand: ${held.join(', ')}`]),
  ...lowered.map(loweredText),
]

const changedText = (changed: NonNullable<KnobChange['profile']>['changed'], most: number): string => {
  const shown = changed.slice(0, most).map((one) => `${one.knob} ${one.before} -> ${one.after}`)
  const rest = changed.length - shown.length
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more: \`topology tune log\`` : ''}`
}

/** A value that gave way, and why. */
export const loweredText = ({ knob, from, to, relation }: LoweredKnob): string =>
  `${knob} is ${to} and not ${from}, because ${relation.replaceAll('`', '')}`
