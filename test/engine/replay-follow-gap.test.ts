/** A replay that has ended is told to go on when the log has dropped what comes next. */
import { expect, test } from 'vitest'
import { beginReplay } from '../../topology/begin-replay.ts'
import { offset, partition } from '../../topology/model/position.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { everySink } from './every-sink.ts'
import { GivenPorts } from './given-ports.ts'
import { orders, startMs } from './orders.ts'

const never = new AbortController().signal

test('is refused with what to do, and nothing that runs is stopped by it (I-2)', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 10))
  await given.run(everySink)
  const { ledger } = given.resources
  const ports = { ledger, logs: { events: given.log }, clock: given.clock, random: seededRandom(1) }
  const request = { namespace: 'v2', fromMs: 0, toMs: startMs }
  await given.drive(beginReplay(everySink, ports, request, never))
  await given.run(everySink)
  given.log.expire(partition(0), offset(5))
  const followed = given.drive(beginReplay(everySink, ports, { ...request, toMs: null }, never))
  await expect(followed).rejects.toThrow(/the log begins at 5 by now.*another --into/)
  expect(await given.run(everySink)).toMatchObject({ state: 'caughtUp', error: undefined })
})
