/** What is told of a knob: its name, its bounds, and what it does. */
export interface Knob {
  readonly name: string
  readonly unit: string
  readonly initial: number
  readonly min: number
  readonly max: number
  readonly effect: string
}
