/** The real input of the deletes: each project holds a data set of its own, so that each delete is one of the whole set. */
import { join } from 'node:path'
import { openLog } from 'spillway'
import { dataSets, recordOf, type SourceEvent } from '../../examples/keen/data-sets.ts'
import { type CliWorld, createWorld } from '../cli/cli-world.ts'

export const topologyFile = join(import.meta.dirname, 'real-topology.ts')

/** Project -> data set of the example, and the words of the delete that is asked of it. */
const projects: Readonly<Record<string, readonly [set: string, ...deletes: string[]]>> = {
  'air-atl': ['flights-20k.json', `-c flights --where 'origin eq "ATL"'`],
  'air-bmi': ['flights-20k.json', `-c flights --where 'origin eq "BMI"'`],
  'air-ord': ['flights-20k.json', `-c flights --where 'origin eq "ORD"'`],
  'air-to-ord': ['flights-20k.json', `-c flights --where 'destination eq "ORD"'`],
  'air-late': ['flights-20k.json', `-c flights --where 'delay gte 60'`],
  'air-february': ['flights-20k.json', '-c flights --timeframe 2001-02-01/2001-03-01'],
  'film-r': ['movies.json', `-c movies --where '"MPAA Rating" eq "R"'`],
  'film-drama': ['movies.json', `-c movies --where '"Major Genre" eq "Drama"'`],
  'film-large': ['movies.json', `-c movies --where '"US Gross" gte 100000000'`],
  'film-small': ['movies.json', `-c movies --where '"US Gross" lt 1000000'`],
  'film-null': ['movies.json', `-c movies --where '"US Gross" eq null'`],
  'film-titles': ['movies.json'],
  quakes: ['earthquakes.json', '-c earthquakes --timeframe 2018-02-03/2018-02-04'],
  hooks: ['webhooks', `--where 'sender.login eq "github"'`, `--where 'sender.login eq "Codertocat"'`],
}

export const projectNames: readonly string[] = Object.keys(projects)

/** Deletes as the command takes them, each with an id of its own. */
export const deleteLines: readonly string[] = Object.entries(projects).flatMap(([project, [, ...deletes]]) =>
  deletes.map((words, index) => `delete -p ${project} ${words} --id ${project}-${index + 1}`),
)

// About 1 MB of flights: one append makes so many records durable at once.
const recordsAtOnce = 5_000

/** A folder whose log holds every project in full; nothing has run there. */
export const createRealWorld = async (): Promise<CliWorld> => {
  const world = createWorld(true)
  const log = await openLog(`file:${join(world.folder, 'data/log')}?partitions=2`)
  for (const { name, events } of dataSets()) {
    for (const [project, [set]] of Object.entries(projects)) {
      if (set !== name) continue
      for (let from = 0; from < events.length; from += recordsAtOnce) {
        const records = events.slice(from, from + recordsAtOnce).map((event) => recordOf(project, withZone(event)))
        await log.append(records)
      }
    }
  }
  await log.close()
  return world
}

/** The times of flights name no zone. */
const withZone = (event: SourceEvent): SourceEvent =>
  event.collection === 'flights' ? { ...event, time: new Date(`${event.time} UTC`).toISOString() } : event
