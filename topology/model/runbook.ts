/**
 * The runbook as data: what people see, what is looked at, which knobs and commands help. Printed by `topology runbook`
 * with today's values and as a page; a test holds it together with knobs, commands and alerts.
 *
 * The order is the same for every symptom: say it, stop the harm, then find the cause. An incident stays open until the
 * cause is known.
 */
import { backlogSymptoms } from './runbook/backlog-symptoms.ts'
import { storeSymptoms } from './runbook/store-symptoms.ts'
import { workSymptoms } from './runbook/work-symptoms.ts'

export interface SymptomCheck {
  readonly question: string
  /** Name of the function that answers it from what runs have told. */
  readonly look?: string
  /** How a person answers it, where no function can, or to know more. */
  readonly byHand?: string
  /** When the function finds something, the symptom is there. */
  readonly isSign?: boolean
}

export interface Symptom {
  readonly number: number
  readonly name: string
  /** Other words for it. */
  readonly words: readonly string[]
  /** What is told to users first. */
  readonly say: string
  /** What is done then, in this order; the cause comes last. */
  readonly steps: readonly string[]
  readonly checks: readonly SymptomCheck[]
  /** The most likely first. */
  readonly knobs: readonly string[]
  /** Lines to type; `BRANCH`, `TENANT`, `PROCESS` are taken from today's findings where they tell. */
  readonly commands: readonly string[]
}

export const runbook: readonly Symptom[] = [...backlogSymptoms, ...storeSymptoms, ...workSymptoms].toSorted(
  (left, right) => left.number - right.number,
)
