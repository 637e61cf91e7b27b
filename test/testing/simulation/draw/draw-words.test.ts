import { filter, map } from 'rxjs'
import { defineTopology, type Event, log } from 'spillway'
import { count, inferSchema, rollup, sum } from 'spillway/operators'
import { tableRows } from 'spillway/sinks'
import { describe, expect, it } from 'vitest'
import { drawWords } from '../../../../topology/testing/simulation/draw/draw-words.ts'
import { drawnRecords } from '../drawn-history.ts'

const isWanted = (event: Pick<Event, 'collection' | 'body'>): boolean =>
  event.collection === 'purchases' && event.body['currency'] === 'EUR'

const shop = defineTopology('shop', (t) => {
  const events = t.spout('events', log({ datetimes: ['ordered_at'] }))
  const where = [{ property_name: 'state', operator: 'in', property_value: ['paid', 7] }]
  const values = { n: count(), total: sum('item.price') }
  events
    .bolt('wanted', filter(isWanted))
    .bolt('totals', rollup({ window: '1 day', by: ['shop'], values, where }))
    .sink('totals', tableRows())
  events
    .bolt(
      'same',
      map((event) => event),
    )
    .bolt('schema', inferSchema())
    .sink('schemas', tableRows())
})

describe('the words of a topology', () => {
  it('are the properties of its operators, what they filter by, and what they compute with', () => {
    const byName = drawWords(shop).properties.toSorted((left, right) => (left.path[0]! < right.path[0]! ? -1 : 1))
    expect(byName).toEqual([
      { path: ['item', 'price'], values: [], isNumber: true },
      { path: ['ordered_at'], values: ['2026-01-01T00:00:00.000Z'] },
      { path: ['shop'], values: [] },
      { path: ['state'], values: ['paid', 7] },
    ])
  })

  it('are given by the user too', () => {
    const { properties, texts } = drawWords(shop, { words: ['colour', 'two words'] })
    expect(properties).toContainEqual({ path: ['colour'], values: [] })
    expect(texts).toEqual(['colour', 'two words'])
  })

  it('let events through filters that no other word passes', () => {
    const words = drawWords(shop, { sources: [String(isWanted)] })
    const passed = (known: typeof words): number =>
      drawnRecords(60, { topology: shop, words: known }).filter(
        ({ record: { drawn } }) => drawn.kind === 'event' && isWanted(drawn),
      ).length
    expect(passed(words)).toBeGreaterThan(60)
    expect(passed(drawWords(shop))).toBe(0)
  })
})
