/**
 * Puts purchases of nine customers into the log that SPILLWAY_LOG names: `fill-log.ts [EVENTS] [EVENTS A SECOND]`. One of
 * them, acme, sends half of everything. Without a rate it is as fast as the log takes them; the same numbers give the same events.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { openLog } from 'spillway'

const countries = ['AR', 'BR', 'CH', 'DE', 'FR', 'IN', 'JP', 'NZ', 'US']
const customers = ['acme', 'bolt', 'crane', 'dune', 'ember', 'fjord', 'grove', 'hazel', 'iris']
const atOnce = 5_000

const events = Number(process.argv[2] ?? 3_000_000)
const perSecond = Number(process.argv[3] ?? Number.POSITIVE_INFINITY)

const encoder = new TextEncoder()
const recordOf = (index: number) => {
  const customer = index % 2 === 0 ? 'acme' : customers[1 + ((index >> 1) % 8)]!
  const order = {
    order: index,
    country: countries[(index * 7) % 9],
    price: ((index * 37) % 20_000) / 100,
    customer: { id: `${customer}-${index % 9_973}`, isNew: index % 11 === 0 },
    lines: [{ sku: `sku-${index % 499}`, count: 1 + (index % 3) }],
  }
  return {
    key: order.customer.id,
    headers: [
      ['project', customer],
      ['collection', 'purchases'],
    ] as const,
    value: encoder.encode(JSON.stringify(order)),
  }
}

const log = await openLog(process.env['SPILLWAY_LOG'] ?? 'file:./data/log')
const beganMs = performance.now()
for (let from = 0; from < events; ) {
  const length = Math.min(atOnce, perSecond / 10, events - from)
  await log.append(Array.from({ length }, (_, index) => recordOf(from + index)))
  from += length
  const dueMs = (from * 1_000) / perSecond
  await pause(Math.max(0, beganMs + dueMs - performance.now()))
  process.stderr.write(`\r${from.toLocaleString('en')} events`)
}
process.stderr.write('\n')
await log.close()
