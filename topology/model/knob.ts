/** What is told of a knob: its name, its bounds, when a change is felt, what it does and what may go wrong. */

/** When a change is felt: at once, with the next batch, epoch (declared ends stay), lane, worker, or start of `run`. */
export type KnobTime = 'now' | 'batch' | 'epoch' | 'lane' | 'worker' | 'start'

interface KnobTexts {
  readonly name: string
  readonly unit: string
  readonly at: KnobTime
  /** What it sets. */
  readonly effect: string
  /** When a person should think of it. */
  readonly symptom: string
  /** What a higher value does. */
  readonly raising: string
  readonly danger: string
  /** Where the initial value or the need comes from. */
  readonly evidence: string
}

/** A number within bounds. */
export interface Knob extends KnobTexts {
  readonly initial: number
  readonly min: number
  readonly max: number
}

/** One of a few names. */
export interface NameKnob extends KnobTexts {
  readonly initial: string
  readonly names: readonly string[]
}

/** Names that a person lists, parted by commas. */
export interface ListKnob extends KnobTexts {
  readonly initial: readonly string[]
}

export type AnyKnob = Knob | NameKnob | ListKnob

export const isNumberKnob = (knob: AnyKnob): knob is Knob => 'min' in knob
export const isNameKnob = (knob: AnyKnob): knob is NameKnob => 'names' in knob
