/**
 * Knobs are data: everything that may be turned while a topology runs and that cannot break an invariant.
 *
 * One entry per knob that the code reads; `knob()` of the run's context is the one way to read it.
 */
import { type AnyKnob, isNumberKnob, type Knob } from './knob.ts'
import { alertKnobs } from './knobs/alert-knobs.ts'
import { answerKnobs } from './knobs/answer-knobs.ts'
import { catchUpKnobs } from './knobs/catch-up-knobs.ts'
import { epochKnobs } from './knobs/epoch-knobs.ts'
import { failureKnobs } from './knobs/failure-knobs.ts'
import { fetchKnobs } from './knobs/fetch-knobs.ts'
import { storeKnobs } from './knobs/store-knobs.ts'
import { tenantKnobs } from './knobs/tenant-knobs.ts'
import { workKnobs } from './knobs/work-knobs.ts'

/** As people read them: by what they are about. */
export const knobSections: readonly (readonly [title: string, knobs: readonly AnyKnob[]])[] = [
  ['Catch-up and lanes', catchUpKnobs],
  ['Fetching and the broker', fetchKnobs],
  ['Memory, batches, workers', workKnobs],
  ['Epochs', epochKnobs],
  ['Stores', storeKnobs],
  ['Tenants and admission', tenantKnobs],
  ['Failures and deletes', failureKnobs],
  ['Schemas, rollups, answers', answerKnobs],
  ['Alerts and status', alertKnobs],
]

export const allKnobs: ReadonlyMap<string, AnyKnob> = new Map(
  knobSections.flatMap(([, section]) => section.map((knob) => [knob.name, knob])),
)

/** Those whose value is a number. */
export const knobs: ReadonlyMap<string, Knob> = new Map(
  [...allKnobs.values()].filter(isNumberKnob).map((knob) => [knob.name, knob]),
)

/** The value of a knob: set in this run, else an option of the topology, else its initial value; never out of bounds. */
export const knobValue = (
  name: string,
  ...layers: readonly (Readonly<Record<string, number | string>> | undefined)[]
): number => {
  const knob = knobs.get(name)
  if (knob === undefined) throw new RangeError(`no knob is named ${name}`)
  for (const layer of layers) {
    const value = layer?.[name]
    if (typeof value === 'number') return Math.min(knob.max, Math.max(knob.min, value))
  }
  return knob.initial
}
