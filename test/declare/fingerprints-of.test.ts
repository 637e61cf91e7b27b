import { filter, identity, map } from 'rxjs'
import { expect, test } from 'vitest'
import { defineTopology } from '../../topology/declare/define-topology.ts'
import { fingerprintsOf } from '../../topology/declare/fingerprints-of.ts'
import { log } from '../../topology/declare/log.ts'
import type { JsonValue } from '../../topology/model/json.ts'
import type { LogOptions } from '../../topology/model/topology.ts'
import { keepEvents, keepObjects, keepRows, tally } from './shop-parts.ts'

interface Variant {
  readonly log?: LogOptions
  readonly version?: string
  readonly operator?: JsonValue
  readonly sink?: JsonValue
  readonly knobs?: Readonly<Record<string, number>>
  readonly isLarge?: (value: unknown) => boolean
}

const fingerprints = (variant: Variant = {}) =>
  fingerprintsOf(
    defineTopology('shop', (t) => {
      const events = t.spout('events', log(variant.log ?? {}))
      events.sink('events', keepEvents())
      const version = variant.version === undefined ? {} : { version: variant.version }
      const large = events.bolt('large', filter(variant.isLarge ?? Boolean), version)
      large.bolt('tally', tally({ options: variant.operator ?? {} })).sink('rows', keepRows())
      events.sink('archive', keepObjects({ options: variant.sink ?? {}, knobs: variant.knobs ?? {} }))
    }),
  )

const usual = fingerprints()
const changedBy = (variant: Variant): readonly string[] => {
  const changed = fingerprints(variant)
  return Object.keys(usual).filter((sink) => usual[sink] !== changed[sink])
}

test('a fingerprint is 64 hexadecimal digits, equal for equal declarations and different per sink', () => {
  expect(Object.keys(usual)).toEqual(['events', 'rows', 'archive'])
  expect(Object.values(usual).every((text) => /^[0-9a-f]{64}$/.test(text))).toBe(true)
  expect(new Set(Object.values(usual)).size).toBe(3)
  expect(fingerprints()).toEqual(usual)
})

test.each<[string, Variant, readonly string[]]>([
  ['an option that changes decoding', { log: { time: 'date' } }, ['events', 'rows', 'archive']],
  ['an option of the operator', { operator: { by: ['city'] } }, ['rows']],
  ['an option of the sink', { sink: { format: 'avro' } }, ['archive']],
  ['a version of a bolt', { version: '2' }, ['rows']],
])('%s changes the sinks below it and no other', (_what, variant, sinks) => {
  expect(changedBy(variant)).toEqual(sinks)
})

test.each<[string, Variant]>([
  ['where the log is and where reading begins', { log: { log: 'kafka://a/b', from: 'latest' } }],
  ['a knob', { knobs: { 'objects.ageMs': 60_000 } }],
  ['the text of a function', { isLarge: (value) => value !== null }],
  ['an option that says what holds anyway', { log: { tombstones: 'ignore', datetimes: [] } }],
])('%s changes nothing', (_what, variant) => {
  expect(changedBy(variant)).toEqual([])
})

test('two names of one option, and two forms of one value, mean the same', () => {
  const pairs: readonly (readonly [LogOptions, LogOptions])[] = [
    [{ tenant: { header: 'p' } }, { project: { header: 'p' } }],
    [{ time: 'date' }, { time: { path: 'date' } }],
    [{ datetimes: ['a', 'b'] }, { datetimes: ['b', 'a'] }],
  ]
  for (const [left, right] of pairs) expect(fingerprints({ log: left })).toEqual(fingerprints({ log: right }))
})

test('what stands beside a sink, and the order of lines, changes nothing', () => {
  const declare = (isFirst: boolean) =>
    fingerprintsOf(
      defineTopology('shop', (t) => {
        const events = t.spout('events', log())
        if (isFirst) events.bolt('other', map(identity)).bolt('others', tally()).sink('others', keepRows())
        const b = isFirst ? events.bolt('b', filter(Boolean)) : undefined
        const a = events.bolt('a', filter(Boolean))
        t.merge([a, b ?? events.bolt('b', filter(Boolean))])
          .bolt('tally', tally())
          .sink('rows', keepRows())
      }),
    )['rows']
  expect(declare(true)).toBe(declare(false))
})
