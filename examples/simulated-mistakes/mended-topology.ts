/**
 * The three mistakes, mended: the sample follows from the id of a visit, which stays the same; a visit is numbered by its
 * place in the log; and the lines of an epoch are a file of their own, which a repeated write puts in place of itself.
 *
 *     npm run topology -- simulate examples/simulated-mistakes/mended-topology.ts
 */
import { createHash } from 'node:crypto'
import { filter, map } from 'rxjs'
import { defineTopology, type Event, log, type Topology } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { objects, tableRows } from 'spillway/sinks'
import { placedLines } from './placed-lines.ts'

const isSampled = ({ id }: Event): boolean => createHash('sha256').update(id).digest().readUInt16BE() % 10 === 0

const numbered = (event: Event): Event =>
  event.withBody({ ...event.body, number: `${event.partition}-${event.offset}` })

/** `folder`: where the lines go. */
export const mended = (folder: string): Topology =>
  defineTopology('mended', (t) => {
    const visits = t.spout('visits', log({ collection: { header: 'collection' }, tenant: { header: 'project' } }))

    visits
      .bolt('sampled', filter(isSampled))
      .bolt('per_page', rollup({ window: '1 day', by: ['page'], values: { visits: count() } }))
      .sink('pages', tableRows())
    visits.bolt('numbered', map(numbered)).sink('archive', objects({ format: 'ndjson' }))
    visits.sink('lines', placedLines(folder))
  })

export default mended('./data/mended')
