/** What the lanes' side of a partition tells of itself. */
import { defineTopology, log } from 'spillway'
import { inferSchema } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import { expect, test } from 'vitest'
import { offset } from '../../../topology/model/position.ts'
import { everySink } from '../every-sink.ts'
import { GivenPorts } from '../given-ports.ts'
import { order } from '../orders.ts'

const orders = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => order(from + index))

test('nothing is told of lanes that have ended: whoever reads it would take what lies behind them for unread', async () => {
  const given = new GivenPorts()
  const run = await given.start(everySink, { knobs: { 'objects.ageMs': 1_000, 'objects.idleMs': 1_000 } })
  given.append(orders(0, 10))
  await given.pass(5_000)
  const [desk] = run.engine.partitions
  for (const lane of Object.keys(desk!.doc.lanes).map(Number))
    await given.drive(desk!.propose({ kind: 'cut', lane, at: offset(10), cuts: [], slots: [0] }))
  given.append(orders(10, 20))
  await given.pass(90_000)
  const living = Object.keys(desk!.doc.lanes).map(Number)
  expect(living).not.toContain(0)
  expect(desk!.reports().map(({ lane }) => lane)).toEqual(living)
  await given.drive(run.stop())
})

const patient = defineTopology('patient', (t) => {
  const events = t.spout('events', log())
  events.sink('store', eventRows())
  events.bolt('schema', inferSchema()).sink('schemas', tableRows())
  events.sink('archive', objects())
  events.sink('hourly', objects({ rotate: { age: '1 hour' } }))
})

test('how long each lane may hold what it has read is told with it: options of the sink and class of the lane count', async () => {
  const given = new GivenPorts()
  const run = await given.start(patient)
  given.append(orders(0, 10))
  await given.pass(2_000)
  const [desk] = run.engine.partitions
  const told = () =>
    Object.fromEntries(desk!.reports().map(({ lane, closeMs }) => [desk!.doc.lanes[lane]!.sink, closeMs]))
  expect(told()).toEqual({ store: 1_000, schemas: 60_000, archive: 300_000, hourly: 3_600_000 })
  await given.drive(run.stop())
})
