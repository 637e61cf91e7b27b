/** Poison or a bug: what the windows of rejects are told, batch by batch. */
import { map } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { eventRows } from 'spillway/sinks'
import { expect, test } from 'vitest'
import { errors } from '../../../topology/model/errors.ts'
import type { Event } from '../../../topology/model/event.ts'
import type { Topology } from '../../../topology/model/topology.ts'
import { notes } from '../every-sink.ts'
import { granted, withSinks } from '../ledger/given-documents.ts'
import { bad, orders } from '../orders.ts'
import { GivenProcessor } from './given-processor.ts'

const topologyOf = (pick: (event: Event) => Event): Topology =>
  defineTopology('shop', (t) => {
    const picked = t.spout('events', log()).bolt('picky', map(pick))
    picked.sink('store', eventRows())
    picked
      .bolt(
        'shorten',
        map(({ offset, timestamp }) => ({ offset, timestamp, kind: '' })),
      )
      .sink('notes', notes())
  })

const bothSinks = withSinks({ store: 'events', notes: 'custom' })
const outOfTen = (event: Event, share: number): Event => {
  if (Number(event.body['number']) % 10 < share) throw new Error('poison')
  return event
}

/** Processes the log record by record; resolves with how far it came. */
const recordByRecord = async (given: GivenProcessor): Promise<number> => {
  for (let at = 0; ; ) {
    const batch = await given.read(at, 1)
    if (batch.to === at) return at
    try {
      await given.process(batch, ['store'])
    } catch {
      return at
    }
    at = batch.to
  }
}

test('a bolt that fails on one record of ten does not stop its sink, however small the batches are', async () => {
  const given = new GivenProcessor(topologyOf((event) => outOfTen(event, 1)))
  given.ports.append(orders(0, 1_100))
  await given.open(bothSinks)
  expect(await recordByRecord(given)).toBe(1_100)
  expect(given.letters).toHaveLength(110)
})

test('a bolt that fails on six of ten stops it after about 100 records, in batches of one too', async () => {
  const given = new GivenProcessor(topologyOf((event) => outOfTen(event, 6)))
  given.ports.append(orders(0, 300))
  await given.open(bothSinks)
  const at = await recordByRecord(given)
  expect(at).toBeGreaterThanOrEqual(99)
  expect(at).toBeLessThan(110)
})

test('a batch counts once, however often it is tried again', async () => {
  let failures = 12
  const given = new GivenProcessor(
    topologyOf((event) => {
      if (failures-- > 0) throw errors.storeUnavailable({ store: 'lookup', reason: 'away' })
      return event
    }),
  )
  given.ports.append([...Array.from({ length: 8 }, () => bad('{')), ...orders(0, 6)])
  await given.open(bothSinks)
  const batch = await given.read(0)
  for (let tries = 0; tries < 12; tries++)
    await expect(given.process(batch, ['store'])).rejects.toMatchObject({ code: 'SPW-0302' })
  expect((await given.process(batch, ['store'])).get('store')).toMatchObject({ counters: { deadLettered: 8 } })
})

test('a batch that stops one sink stops the sinks that leave out other records of it too, before it skips one', async () => {
  const given = new GivenProcessor(topologyOf((event) => outOfTen(event, 10)))
  given.ports.append(orders(0, 200))
  await given.open(granted(bothSinks, { kind: 'deadLetter', sinks: ['notes'], offsets: [3], tenants: ['ann'] }))
  const batch = await given.read(0)
  await expect(given.process(batch, ['store', 'notes'])).rejects.toMatchObject({ sinks: ['store'] })
  await expect(given.process(batch, ['notes'])).rejects.toMatchObject({ sinks: ['notes'] })
  expect(given.letters).toEqual([])
})
