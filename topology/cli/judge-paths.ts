/**
 * A misspelt property in a filter matches no event, or, with `ne` and `exists false`, every one of them; and a delete has
 * no undo. The inferred schema knows the properties, where there is one and it shows all of them.
 */
import type { CollectionSchema } from '../../operators/infer-schema/read-schema-state.ts'
import { readSchema } from '../../sinks/rows/read-schema.ts'
import type { DeleteFilter } from '../delete-input.ts'
import { formatPath, parsePath } from '../model/path.ts'
import { storedName } from '../served-entry.ts'
import type { CommandIo } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { didYouMean } from './did-you-mean.ts'
import { createTalk } from './talk.ts'
import { refuseIfAny } from './usage-problems.ts'
import type { OpenDesk } from './with-desk.ts'

/** Warns of properties that no event shows; throws `UsageProblems` where such a filter would match every event. */
export const judgePaths = async (
  io: CommandIo,
  input: CommandInput,
  { rows, topology }: OpenDesk,
  of: { readonly project: string; readonly collection: string | undefined; readonly filters: readonly DeleteFilter[] },
): Promise<void> => {
  const sink = topology?.sinks.find(({ operator, retired }) => operator?.name === 'inferSchema' && retired !== true)
  if (sink === undefined || of.filters.length === 0) return
  const { project, collection } = of
  const known = knownPaths(await readSchema({ rows, sink: storedName(sink), project, collection }))
  if (known === undefined) return
  const talk = createTalk(io, input.logLevel)
  for (const { property_name, operator, property_value } of of.filters) {
    const path = parsePath(property_name)
    if (path === undefined || path[0] === 'keen' || known.has(formatPath(path))) continue
    const what = `no event of ${project}${collection === undefined ? '' : `/${collection}`} has ${property_name}`
    const near = didYouMean(property_name, known)
    const matchesAll = operator === 'ne' || (operator === 'exists' && property_value === false)
    const all = `${what}: ${operator} would match all of them${near}`
    if (matchesAll) refuseIfAny([{ at: '--where', text: all, hint: 'To delete them all, name the collection alone.' }])
    talk.warn(`${what}${near}`)
  }
}

/** All paths and what they begin with; `undefined` where the schemas do not show everything. */
const knownPaths = (schemas: readonly CollectionSchema[]): ReadonlySet<string> | undefined => {
  const isWhole = schemas.every((one) => one.collapsed.length === 0 && one.unpublished === 0 && !one.approximate)
  if (schemas.length === 0 || !isWhole) return undefined
  const known = new Set<string>()
  for (const written of schemas.flatMap((one) => Object.keys(one.properties))) {
    // What lies in lists cannot be filtered; the list itself can.
    const path = parsePath(written.replace(/\[\].*$/, '')) ?? []
    for (let length = 1; length <= path.length; length++) known.add(formatPath(path.slice(0, length)))
  }
  return known
}
