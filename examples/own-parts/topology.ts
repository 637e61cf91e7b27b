/**
 * Parts of one's own: an operator (`hours-of-day.ts`), an aggregate (`share-above.ts`) and a sink (`change-files.ts`),
 * each one object that the engine treats as it treats the built-in ones.
 *
 *     export SPILLWAY_LOG=file:./data/visits/log SPILLWAY_ROWS=sqlite:./data/visits/rows.db SPILLWAY_OBJECTS=file:./data/visits/objects
 *     npm run topology -- ingest examples/own-parts/visits.ndjson --collection visits --time at
 *     npm run topology -- run examples/own-parts/topology.ts --until-caught-up
 *     npm run topology -- query pages --group-by page
 *
 * The files are in `./data/visits/changes`; the rows of the operator stand in the table `busy_hours` and are read by
 * `readState({ rows, sink: 'busy_hours', operator: hoursOfDay(['page']) })` of `spillway/sinks`.
 */
import { defineTopology, log, type Topology } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { tableRows } from 'spillway/sinks'
import { changeFiles } from './change-files.ts'
import { hoursOfDay } from './hours-of-day.ts'
import { shareAbove } from './share-above.ts'

/** `folder`: where the change files go. */
export const ownParts = (folder: string): Topology =>
  defineTopology('own-parts', (t) => {
    const visits = t.spout('visits', log({ collection: { header: 'collection' }, tenant: { header: 'project' } }))

    visits.bolt('hours', hoursOfDay(['page'])).sink('busy_hours', tableRows())
    visits
      .bolt(
        'speed',
        rollup({ window: '1 day', by: ['page'], values: { visits: count(), slow: shareAbove('ms', 500) } }),
      )
      .sink('pages', tableRows())
    visits.sink('changes', changeFiles({ folder, columns: { page: ['page'], ms: ['ms'] } }))
  })

export default ownParts('./data/visits/changes')
