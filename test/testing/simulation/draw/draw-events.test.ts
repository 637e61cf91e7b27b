import type { LogOptions } from 'spillway'
import { describe, expect, it } from 'vitest'
import type { Event } from '../../../../topology/model/event.ts'
import { offset } from '../../../../topology/model/position.ts'
import { createDecoder } from '../../../../topology/spouts/decode/create-decoder.ts'
import type { AppendedRecord, DrawnEvent } from '../../../../topology/testing/simulation/draw/draw-context.ts'
import { commonWords } from '../../../../topology/testing/simulation/draw/draw-words.ts'
import { drawnRecords, storing } from '../drawn-history.ts'

/** What a spout makes of a record: an event with its client id, a delete, or nothing. */
const readBy = (spout: LogOptions): ((one: AppendedRecord) => [Event, string | undefined] | 'delete' | undefined) => {
  const decoder = createDecoder({ spout, topic: 'events', wanted: { paths: [], shapes: false } })
  return ({ record: { key, headers, value, partition }, appendTimeMs }) => {
    const bytes = value ?? new Uint8Array(0)
    const place = { start: value === null ? -1 : 0, end: bytes.length }
    const records = [{ offset: offset(0), appendTimeMs, key, headers, bytes, ...place }]
    const { events, deletes } = decoder.decode({ partition, from: offset(0), to: offset(1), records, byteLength: 0 })
    if (deletes.length > 0) return 'delete'
    return events.length === 0 ? undefined : [events.event(0), events.clientIds()[0]]
  }
}

const ways: readonly LogOptions[] = [
  {},
  { project: { header: 'owner' }, collection: { header: 'table' } },
  { project: { key: true }, collection: 'all' },
  { tenant: { path: 'who.id' }, collection: { path: 'kind' } },
  { project: 'solo' },
  { time: 'at' },
  { time: { path: 'at', unit: 's' } },
  { time: { path: 'at', unit: 'ms' }, clientId: 'item.id' },
  { tombstones: 'delete' },
  { tombstones: 'delete', project: { key: true }, clientId: 'client' },
]

describe('events', () => {
  it.each(ways)('are what a spout with %j reads', (options) => {
    const read = readBy(options)
    const texts = { ...commonWords, texts: ['visits', '__proto__', '77'] }
    for (const one of drawnRecords(150, { topology: storing(options), words: texts })) {
      const { drawn } = one.record
      const found = read(one)
      if (drawn.kind === 'poison') expect(found, drawn.class).toBeUndefined()
      else if (drawn.kind === 'delete') expect(found, drawn.class).toBe('delete')
      else expect(found, JSON.stringify(drawn)).toEqual([expect.objectContaining(readOf(drawn, one)), drawn.clientId])
    }
  })

  it('have every type under one property, late and future times, and client ids that come again', () => {
    const events = drawnRecords(300).flatMap(({ record: { drawn } }) => (drawn.kind === 'event' ? [drawn] : []))
    const types = new Set(events.map(({ body }) => (body['value'] === null ? 'null' : typeof body['value'])))
    expect(types).toEqual(new Set(['number', 'string', 'object', 'boolean', 'null', 'undefined']))
    const times = events.flatMap(({ timeMs }) => timeMs ?? [])
    expect(Math.min(...times)).toBeLessThan(Date.UTC(1980, 0))
    expect(Math.max(...times)).toBeGreaterThan(Date.UTC(2027, 0))
    expect(events.filter(({ clientId }) => clientId === 'c1').length).toBeGreaterThan(10)
  })

  it('are those of the user, with values changed', () => {
    const own = { item: { price: 12, name: 'pen' }, buyer: 'zoe', keen: { addons: [] } }
    const words = { properties: [], collections: [], projects: [], texts: [], events: [own] }
    const events = drawnRecords(40, { words }).flatMap(({ record: { drawn } }) =>
      drawn.kind === 'event' ? [drawn] : [],
    )
    const kept = events.filter(({ body }) => body['buyer'] === 'zoe')
    expect(kept.length).toBeGreaterThan(events.length / 2)
    const prices = new Set(kept.map(({ body }) => JSON.stringify(body['item'])))
    expect(prices.size).toBeGreaterThan(3)
  })
})

const readOf = ({ project, collection, timeMs }: DrawnEvent, { appendTimeMs }: AppendedRecord): Partial<Event> => ({
  project,
  collection,
  timestamp: timeMs ?? appendTimeMs,
})
