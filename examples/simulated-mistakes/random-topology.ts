/**
 * A mistake: a tenth of the visits is drawn by `Math.random()`. After a crash, or when a delete takes a visit out again, it
 * is another tenth: rows keep visits that nobody can take out any more.
 *
 *     npm run topology -- simulate examples/simulated-mistakes/random-topology.ts
 */
import { filter } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { tableRows } from 'spillway/sinks'

export default defineTopology('random', (t) => {
  const visits = t.spout('visits', log({ collection: { header: 'collection' }, tenant: { header: 'project' } }))

  visits
    .bolt(
      'sampled',
      filter(() => Math.random() < 0.1),
    )
    .bolt('per_page', rollup({ window: '1 day', by: ['page'], values: { visits: count() } }))
    .sink('pages', tableRows())
})
