/** A run over a ledger in trouble: it ends with the error, or it waits and goes on; it never hangs (I-9). */
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { eventRows, tableRows } from 'spillway/sinks'
import { expect, test } from 'vitest'
import { errors } from '../../topology/model/errors.ts'
import type { Ledger } from '../../topology/model/ports/ledger.ts'
import { around, isDeclared } from './die-when-declared.ts'
import { everySink, everythingIn } from './every-sink.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'

const away = errors.storeUnavailable({ store: 'ledger', reason: 'away' })
const broken = errors.pathUnusable({ path: 'ledger', reason: 'EIO' })

const shop = defineTopology('shop', (t) => {
  const events = t.spout('events', log())
  events.sink('store', eventRows())
  events
    .bolt('by_kind', rollup({ window: '1 day', by: ['kind'], values: { orders: count() } }))
    .sink('totals', tableRows())
})

/** From the first declaration on, changes get no answer and reads fail for good. */
const breaking = (ledger: Ledger, isMade: boolean): Ledger => {
  let isBroken = false
  return around(ledger, {
    read: async (key) => {
      if (isBroken) throw broken
      return ledger.read(key)
    },
    compareAndSet: async (key, expected, next) => {
      isBroken ||= isDeclared(next)
      if (!isBroken || isMade) await ledger.compareAndSet(key, expected, next)
      if (isBroken) throw away
      return 'applied'
    },
  })
}

test.each([
  ['was made', true],
  ['was not made', false],
])('a change without an answer that %s, and a ledger that cannot be read: the run ends failed', async (_, isMade) => {
  const given = new GivenPorts()
  given.append(orders(0, 20))
  const { resources } = given
  given.resources = { ...resources, ledger: breaking(resources.ledger, isMade) }
  expect(await given.run(shop)).toMatchObject({ state: 'failed', error: broken })
  given.resources = resources
  expect(await given.run(shop)).toMatchObject({ state: 'caughtUp', error: undefined })
  const totals = await given.read(shop).rows('totals')
  expect(totals.reduce((sum, row) => sum + Number(row['orders']), 0)).toBe(20)
})

test('a ledger that is away for a minute is told in one line, and nothing is lost or applied twice (I-1, I-2)', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 20))
  const { ledger } = given.resources
  let awayFromMs = Number.POSITIVE_INFINITY
  const isAway = (): boolean => given.clock.nowMs() >= awayFromMs && given.clock.nowMs() < awayFromMs + 60_000
  let asked = 0
  const failing = around(ledger, {
    read: async (key) => {
      if (isAway()) throw away
      return ledger.read(key)
    },
    compareAndSet: async (key, expected, next) => {
      if (isDeclared(next)) awayFromMs = Math.min(awayFromMs, given.clock.nowMs())
      if (!isAway()) return ledger.compareAndSet(key, expected, next)
      asked += 1
      throw away
    },
  })
  given.resources = { ...given.resources, ledger: failing }
  const run = await given.start(everySink, { untilCaughtUp: true })
  expect(await given.drive(run.ended)).toMatchObject({ state: 'caughtUp', error: undefined })
  const told = (await Array.fromAsync(run)).filter((one) => one.kind === 'retrying')
  expect(told.map((one) => one.text)).toEqual([`ledger: ${away.message}`])
  expect(asked).toBeLessThan(10)
  const plain = new GivenPorts()
  plain.append(orders(0, 20))
  await plain.run(everySink)
  expect(await everythingIn(given.resources)).toEqual(await everythingIn(plain.resources))
})
