/** A bolt that never ends: what Ctrl-C must cope with. */
import { concatMap, NEVER, type Observable } from 'rxjs'
import { defineTopology, type Event, log } from 'spillway'
import { eventRows } from 'spillway/sinks'

export default defineTopology('stuck', (t) => {
  t.spout('events', log())
    .bolt(
      'wait',
      concatMap((): Observable<Event> => NEVER),
    )
    .sink('events', eventRows())
})
