/** A sink whose write never ends: what Ctrl-C must cope with. */
import { defineTopology, log } from 'spillway'
import { defineSink, eventRows } from 'spillway/sinks'

const stuckSink = defineSink<unknown>({
  sinkKind: 'custom',
  name: 'stuck',
  doc: 'a sink that never answers',
  order: 'commutative',
  options: {},
  knobs: {},
  epochAge: 'epoch.ageMs',
  subtracts: false,
  tables: () => [],
  open: async () => ({
    openEpoch: () => ({
      add: () => {},
      heldBytes: () => 0,
      spilledBytes: () => 0,
      write: () => new Promise(() => {}),
      discard: () => {},
    }),
    close: async () => {},
  }),
})

export default defineTopology('stuck', (t) => {
  const events = t.spout('events', log())
  events.sink('events', eventRows())
  events.sink('nowhere', stuckSink)
})
