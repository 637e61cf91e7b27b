/**
 * What the backlog benchmark runs, as a user's file: `topology run` loads it in the supervisor and in each worker. Its
 * name, its sinks and the CPU time that its bolt burns come from the environment, so that every case has tables of its own.
 */
import { map } from 'rxjs'
import { defineTopology, log, type Topology } from 'spillway'
import { count, inferSchema, rollup, sum } from 'spillway/operators'
import { eventRows, tableRows } from 'spillway/sinks'

const name = process.env['BENCH_TOPOLOGY'] ?? 'backlog'
const sinks = (process.env['BENCH_SINKS'] ?? 'rollup').split(',')
// What is to be measured is the work of processes: the fewer rows, the less the store takes of the same cores.
const window = process.env['BENCH_WINDOW'] === '1 day' ? '1 day' : '1 minute'
const spinUs = Number(process.env['BENCH_SPIN_US'] ?? 0)

const spin = (us: number): void => {
  const untilMs = performance.now() + us / 1_000
  while (performance.now() < untilMs);
}

const topology: Topology = defineTopology(name, (t) => {
  const events = t.spout('events', log())
  const worked =
    spinUs === 0
      ? events
      : events.bolt(
          'work',
          map((event) => {
            spin(spinUs)
            return event
          }),
        )
  if (sinks.includes('rollup')) {
    const revenue = rollup({ window, by: ['country'], values: { orders: count(), revenue: sum('price') } })
    worked.bolt('revenue', revenue).sink(`${name}_revenue`, tableRows())
  }
  if (sinks.includes('schema')) worked.bolt('schema', inferSchema()).sink(`${name}_schemas`, tableRows())
  if (sinks.includes('events')) worked.sink(`${name}_events`, eventRows())
})

export default topology
