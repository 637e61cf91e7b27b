/** `topology delete --explain`: what a delete would cost, from the log's bounds, the manifest and the event store. */
import { countStoredEvents } from '../../sinks/rows/read-events-by-id.ts'
import type { DeleteInput, NamedDelete } from '../delete-input.ts'
import type { DeletePlan } from '../engine/delete-plan.ts'
import { idsOf } from '../engine/named-events.ts'
import type { JsonObject } from '../model/json.ts'
import { formatBytes } from '../model/quantity.ts'
import { placeDelete } from '../place-delete.ts'
import { storedName } from '../served-entry.ts'
import type { CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { describeError } from './describe-error.ts'
import { judgePaths } from './judge-paths.ts'
import { printJson } from './print-json.ts'
import { formatNumber, plural } from './text-table.ts'
import { warnIfUnknown } from './warn-if-unknown.ts'
import type { OpenDesk } from './with-desk.ts'

export interface ExplainedDelete {
  readonly class: string
  /** Records of the log that are read. */
  readonly reads: number
  readonly partitions: number
  readonly objects: number
  readonly objectBytes: number
  /** Living events that it names; `undefined` where only reading would tell. */
  readonly events: number | undefined
  /** Why it would not be written. */
  readonly refused: string | undefined
  /** Lines of its own, before the others. */
  readonly found?: JsonObject
}

export const explainDelete = async (
  io: CommandIo,
  input: CommandInput,
  open: OpenDesk,
  request: DeleteInput,
): Promise<ExitCode> => {
  const { desk } = open
  const { named } = await desk.recall(request)
  const parts = placeDelete(named, desk.logs)
  const plan = await desk.plan(named, true)
  const { project, collection } = named
  await warnIfUnknown(io, input, open, project, collection)
  await judgePaths(io, input, open, { project, collection, filters: request.filters ?? [] })
  const { reads, objects, objectBytes = 0 } = plan.estimate
  await printExplained(io, input, {
    ...{ class: plan.class, reads, partitions: parts.length, objects, objectBytes },
    events: plan.class === 'by-id' ? await eventsOf(open, named) : undefined,
    refused: refusalOf(plan),
  })
  return 0
}

export const printExplained = async (io: CommandIo, input: CommandInput, of: ExplainedDelete): Promise<void> => {
  if (!input.flag('json')) return io.print(explainedText(of))
  const { class: kind, reads, partitions, objects, objectBytes, events, refused, found = {} } = of
  const estimate = { reads, partitions, objects, object_bytes: objectBytes, events: events ?? null }
  const refusal = refused === undefined ? {} : { refused }
  await printJson(io, input, { class: kind, estimate, lane: 'delete', ...found, ...refusal })
}

const refusalOf = (plan: DeletePlan): string | undefined =>
  'refusal' in plan ? describeError(plan.refusal) : undefined

/** Looked up one by one in the event store, where there is one. */
const eventsOf = async ({ rows, topology }: OpenDesk, named: NamedDelete): Promise<number | undefined> => {
  const store = topology?.sinks.find(({ kind, retired }) => kind === 'events' && retired !== true)
  if (store === undefined) return undefined
  const { project, collection, request } = named
  return countStoredEvents({
    rows,
    sink: storedName(store),
    spouts: store.spouts,
    project,
    collection,
    ids: idsOf(request) ?? [],
  })
}

const meanings: Readonly<Record<string, string>> = {
  'by-id': 'each id leads to its event',
  'time-range': 'events of the timeframe',
  scan: 'every event is looked at',
}

const explainedText = (of: ExplainedDelete): string => {
  const { class: kind, reads, partitions, objects, objectBytes, events, refused, found = {} } = of
  const lines = [
    ...Object.entries(found).map(([name, value]) => [name, String(value)] as const),
    ['class', `${kind}: ${meanings[kind]}`],
    ['written to', plural(partitions, 'partition')],
    ['reads', `at most ${plural(reads, 'record')} of the log`],
    ...(events === undefined ? [] : [['events', `${formatNumber(events)} in the event store`] as const]),
    [
      'objects',
      objects === 0 ? 'none to rewrite' : `at most ${formatNumber(objects)} to rewrite, ${formatBytes(objectBytes)}`,
    ],
    ['lane', 'delete, beside the live ones'],
    ...(refused === undefined ? [] : [['refused', refused] as const]),
  ]
  return `${lines.map(([name, value]) => `${name!.padEnd(11)} ${value}\n`).join('')}Nothing was changed.\n`
}
