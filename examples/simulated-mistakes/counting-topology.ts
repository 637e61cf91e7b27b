/**
 * A mistake: a bolt numbers the visits by a variable that outlives the batch. After a crash it begins at 1 again, a visit
 * that is read twice has two numbers, and lanes that run side by side share it.
 *
 *     npm run topology -- simulate examples/simulated-mistakes/counting-topology.ts
 */
import { map } from 'rxjs'
import { defineTopology, type Event, log } from 'spillway'
import { objects } from 'spillway/sinks'

let visits = 0

const numbered = (event: Event): Event => {
  visits += 1
  return event.withBody({ ...event.body, number: visits })
}

export default defineTopology('counting', (t) => {
  t.spout('visits', log({ collection: { header: 'collection' }, tenant: { header: 'project' } }))
    .bolt('numbered', map(numbered))
    .sink('archive', objects({ format: 'ndjson' }))
})
