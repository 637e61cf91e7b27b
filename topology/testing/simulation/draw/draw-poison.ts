/** Records that no spout takes: each becomes a dead letter of every sink, and nothing else. */
import { eventBytesMax } from '../../../model/limits.ts'
import { kindHeader } from '../../../model/record-kind.ts'
import type { LogOptions } from '../../../model/topology.ts'
import type { Draw } from './draw.ts'

export const poisonClasses = [
  'no JSON',
  'cut off',
  'a list',
  'a number',
  'null as text',
  'empty',
  'no UTF-8',
  'too deep',
  'oversize',
  'unknown kind',
  'bad name',
  'bad time',
  'null value',
  'delete that is none',
] as const
export type PoisonClass = (typeof poisonClasses)[number]

/** What is wrong with a record: its value, or a header that it has beside the usual ones. */
export interface Poison {
  readonly class: PoisonClass
  readonly value: Uint8Array | null
  readonly headers: readonly (readonly [string, string])[]
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const values: Readonly<Partial<Record<PoisonClass, Uint8Array>>> = {
  'no JSON': bytes('poison'),
  'cut off': bytes('{"kind":"a","value":'),
  'a list': bytes('[{"kind":"a"}]'),
  'a number': bytes('5'),
  'null as text': bytes('null'),
  empty: new Uint8Array(0),
  'no UTF-8': Uint8Array.of(0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d),
  'too deep': bytes(`{"a":${'['.repeat(1_001)}${']'.repeat(1_001)}}`),
}

// Made once: a record of this size costs more than a small history.
let oversize: Uint8Array | undefined

/** Classes that a spout refuses; those that cost much are rare. */
export const drawPoison = (draw: Draw, { tombstones, collection, time }: LogOptions): Poison => {
  const drawn = draw.of(poisonClasses)
  const isRare = drawn === 'oversize' || drawn === 'too deep'
  // By these options such a record is an event or a delete.
  const isTaken =
    (drawn === 'null value' && tombstones === 'delete') ||
    (drawn === 'bad name' && collection !== undefined) ||
    (drawn === 'bad time' && time !== undefined)
  const kind: PoisonClass = isTaken || (isRare && !draw.happens(0.1)) ? 'no JSON' : drawn
  return { class: kind, value: poisonValue(kind), headers: headersOf(kind) }
}

const poisonValue = (kind: PoisonClass): Uint8Array | null => {
  if (kind === 'null value') return null
  if (kind !== 'oversize') return values[kind] ?? bytes('{"kind":"a"}')
  oversize ??= bytes(`{"a":"${'x'.repeat(eventBytesMax)}"}`)
  return oversize
}

const headersOf = (kind: PoisonClass): Poison['headers'] => {
  if (kind === 'unknown kind') return [[kindHeader, 'wish']]
  if (kind === 'delete that is none') return [[kindHeader, 'delete']]
  if (kind === 'bad name') return [['collection', '$a']]
  return kind === 'bad time' ? [['spillway-time', 'tomorrow']] : []
}
