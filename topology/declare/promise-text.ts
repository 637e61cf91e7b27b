/** What a sink promises, in sentences: what is exact, what a delete takes out, when an event can be seen (I-1, I-3, I-7). */
import type { Retraction } from '../model/operator.ts'
import type { SinkKind } from '../model/sink.ts'
import type { BoundDescription } from './describe-topology.ts'
import { bytesText, durationText } from './quantity-text.ts'

const retractions: Readonly<Record<Retraction, string>> = {
  exact: 'a delete takes out exactly what its events had added',
  bounded: 'a delete takes out what its events had added, within a stated error',
}

const guarantees: Readonly<Record<SinkKind, string>> = {
  rows: 'each event counts once',
  events: 'one row per event; a delete empties it for good',
  objects: 'each event stands in one object; an object appears whole',
  custom: 'each epoch is written with the same content however often it is repeated',
}

export const guaranteeOf = (kind: SinkKind, retraction: Retraction | undefined): string =>
  kind === 'rows' && retraction !== undefined ? `${guarantees.rows}; ${retractions[retraction]}` : guarantees[kind]

/** The first bound is the age at which an epoch closes. */
export const visibilityOf = (kind: SinkKind, bounds: readonly BoundDescription[]): string => {
  const boundOf = (knob: string): number | undefined => bounds.find((one) => one.knob === knob)?.value
  const age = durationText(bounds[0]?.value ?? 0)
  const idle = boundOf('objects.idleMs')
  const part = boundOf('objects.targetBytes')
  if (kind !== 'objects' || idle === undefined || part === undefined)
    return `visible after ${age} at most, when nothing is behind`
  return `visible after ${age}, or ${durationText(idle)} of quiet; parts of ${bytesText(part)}`
}
