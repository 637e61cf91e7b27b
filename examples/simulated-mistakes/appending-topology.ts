/**
 * A topology with a mistake in its sink (`appended-lines.ts`).
 *
 *     npm run topology -- simulate examples/simulated-mistakes/appending-topology.ts
 */
import { defineTopology, log, type Topology } from 'spillway'
import { appendedLines } from './appended-lines.ts'

/** `folder`: where the lines go. */
export const appending = (folder: string): Topology =>
  defineTopology('appending', (t) => {
    t.spout('visits', log({ collection: { header: 'collection' }, tenant: { header: 'project' } })).sink(
      'lines',
      appendedLines(folder),
    )
  })

export default appending('./data/appending')
