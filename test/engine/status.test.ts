/** What a run tells of itself while it works. */
import { expect, test } from 'vitest'
import { everySink } from './every-sink.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'

test('the lag of a live run counts to the end that the log has now, not to that of the start', async () => {
  const given = new GivenPorts()
  const run = await given.start(everySink)
  run.pause('archive')
  given.append(orders(0, 5))
  await given.pass(2_500)
  expect(run.status().sinks['archive']).toMatchObject({ paused: true, lagEvents: 5 })
  await given.drive(run.stop())
})
