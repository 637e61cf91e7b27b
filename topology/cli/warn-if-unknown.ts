/**
 * A delete of a project or collection that is not there matches nothing, and nobody would notice: the wrong project is
 * the usual slip. It may still be right (the events are in the log and not read yet), so it is a warning.
 */
import { findBuckets } from '../../sinks/rows/event-buckets.ts'
import { storedName } from '../served-entry.ts'
import type { CommandIo } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { didYouMean } from './did-you-mean.ts'
import { createTalk } from './talk.ts'
import type { OpenDesk } from './with-desk.ts'

export const warnIfUnknown = async (
  io: CommandIo,
  input: CommandInput,
  { rows, topology }: OpenDesk,
  project: string,
  collection: string | undefined,
): Promise<void> => {
  const store = topology?.sinks.find(({ kind, retired }) => kind === 'events' && retired !== true)
  if (store === undefined) return
  const projects = new Set<string>()
  const collections = new Set<string>()
  for (const { partition } of await findBuckets({ rows, sink: storedName(store) })) {
    const [ofProject, ofCollection] = partition.map(String)
    if (ofProject === project) collections.add(ofCollection!)
    if (collection === undefined || ofCollection === collection) projects.add(ofProject!)
  }
  if (projects.has(project) || (collection !== undefined && collections.has(collection))) return
  const what = collection === undefined ? `project ${project}` : `${project}/${collection}`
  const elsewhere = projects.size === 0 || collection === undefined ? '' : `; ${collection} is in ${shown(projects)}`
  const near = collection === undefined ? didYouMean(project, projects) : didYouMean(collection, collections)
  createTalk(io, input.logLevel).warn(`no event of ${what} is stored${elsewhere === '' ? near : elsewhere}`)
}

const namesShown = 3

const shown = (names: ReadonlySet<string>): string => {
  const some = [...names].slice(0, namesShown).map((name) => `project ${name}`)
  return names.size > namesShown ? `${some.join(', ')} and others` : some.join(', ')
}
