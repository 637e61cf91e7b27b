/** The keen example on any three resources: its events appended, its topology run, and every number that it shows. */
import { openLog, openObjects, openRows, type RunSettings, run } from 'spillway'
import { readEvents, readRollup, readSchema, verifyObjects } from 'spillway/sinks'
import { appendEvents } from '../../examples/keen/append-events.ts'
import type { DataSet } from '../../examples/keen/data-sets.ts'
import keen from '../../examples/keen/topology.ts'

export interface KeenPlace {
  readonly log: string
  readonly rows: string
  readonly objects: string
  readonly env?: NonNullable<RunSettings['env']>
}

export const runKeen = async (place: KeenPlace, sets: Iterable<DataSet>): Promise<unknown> => {
  const log = await openLog(place.log, place)
  for await (const _ of appendEvents(log, sets));
  await log.close()
  const { error, records, deadLetters } = await (await run(keen, { ...place, untilCaughtUp: true })).ended
  if (error !== undefined) throw error
  return { records, deadLetters, ...(await numbersOf(place)) }
}

const questions = [
  ['delays_by_origin', 'origin'],
  ['quakes_by_network', 'properties.net'],
  ['grosses_by_genre', '"Major Genre"'],
] as const

const numbersOf = async (place: KeenPlace): Promise<object> => {
  const { rows, close } = await openRows(place.rows, 'read', place)
  const objects = await openObjects(place.objects, 'read', place)
  const rollups: unknown[] = []
  for (const [sink, group] of questions)
    for (const groupBy of [[], [group]])
      rollups.push((await readRollup({ rows, sink, operator: rollupOf(sink), groupBy, nowMs: 0 })).result)
  const schemas = await readSchema({ rows, sink: 'schemas' })
  const bodies: string[] = []
  for (const project of ['vega', 'github'])
    for (const { collection } of schemas)
      for await (const { keen: _, ...body } of readEvents({ rows, sink: 'events', project, collection }))
        bodies.push(`${project} ${collection} ${JSON.stringify(body)}`)
  const { events, problems } = await verifyObjects({ rows, objects, topology: keen.name })
  await objects.close()
  await close()
  const types = schemas.map(({ collection, events: count, properties }) => ({ collection, count, properties }))
  return { rollups, types, bodies: bodies.sort(), archive: { events, problems } }
}

const rollupOf = (sink: string) => {
  const node = keen.sinks.find((one) => one.name === sink)
  const operator = keen.bolts.find((one) => node?.inputs.includes(one.name))?.operator
  if (typeof operator !== 'object' || operator.kind !== 'operator') throw new Error(`${sink} keeps no rollup`)
  return operator
}
