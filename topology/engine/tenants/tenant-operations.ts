/**
 * Kinds of operations that a tenant has never done before: the cause of an incident is often found there. Only for
 * tenants that have been seen for a while, or everything would be new; time is that of the log, so a backlog teaches too.
 */
import type { DecodedBatch } from '../../model/decoder.ts'
import { readDeleteRequest } from '../../model/delete-request.ts'
import type { RecordBatch } from '../../model/record.ts'
import { type DeleteClass, deleteClass } from '../delete-plan.ts'

export type TenantOperation =
  | 'delete by id'
  | 'delete by time range'
  | 'delete by scan'
  | 'new collections'
  | 'large events'

// So long a tenant is learnt, and so long a new operation is news.
const learntMs = 600_000
// More than one or two new names are no new feature of an application.
const collectionsMany = 10
const collectionsMax = 1_000
// A quarter of the largest event that is taken.
const largeBytes = 262_144
// Seen last goes last: 1,000 tenants in a partition are told apart.
const tenantsMax = 1_000

interface Known {
  readonly sinceMs: number
  /** When each was done first. */
  readonly firsts: Map<TenantOperation, number>
  readonly collections: Set<string>
  /** When collections came that were not known, the last ones. */
  newCollectionsMs: number[]
}

const operationOf: Readonly<Record<DeleteClass, TenantOperation>> = {
  'by-id': 'delete by id',
  'time-range': 'delete by time range',
  scan: 'delete by scan',
}

export class TenantOperations {
  readonly #known = new Map<string, Known>()

  /** Looks at a batch; each neighbour that is like the one before costs a comparison. */
  see(batch: RecordBatch, { events, deletes }: Pick<DecodedBatch, 'events' | 'deletes'>): void {
    const { records } = batch
    const [projects, collections] = events.length === 0 ? [[], []] : [events.projects(), events.collections()]
    let [project, collection]: [string | undefined, string | undefined] = [undefined, undefined]
    for (let index = 0; index < events.length; index++) {
      if (projects[index] === project && collections[index] === collection) continue
      project = projects[index]!
      collection = collections[index]!
      this.#collection(project, collection, events.appendTimesMs[index]!)
    }
    if (records.some((record) => record.end - record.start > largeBytes)) this.#largeIn(batch, events)
    for (const { request, appendTimeMs } of deletes) {
      const read = readDeleteRequest(request)
      if (typeof read !== 'string') this.note(read.project, operationOf[deleteClass(read)], appendTimeMs)
    }
  }

  note(tenant: string, operation: TenantOperation, atMs: number): void {
    const known = this.#knownOf(tenant, atMs)
    if (!known.firsts.has(operation)) known.firsts.set(operation, atMs)
  }

  /** What a tenant has begun to do of late. */
  newOf(tenant: string, nowMs: number): readonly TenantOperation[] {
    const known = this.#known.get(tenant)
    if (known === undefined) return []
    const isNews = (atMs: number): boolean => atMs - known.sinceMs >= learntMs && nowMs - atMs < learntMs
    return [...known.firsts].flatMap(([operation, atMs]) => (isNews(atMs) ? [operation] : []))
  }

  #collection(tenant: string, collection: string, atMs: number): void {
    const known = this.#knownOf(tenant, atMs)
    if (known.collections.has(collection) || known.collections.size >= collectionsMax) return
    known.collections.add(collection)
    if (atMs - known.sinceMs < learntMs) return
    known.newCollectionsMs = [...known.newCollectionsMs.filter((one) => atMs - one < learntMs), atMs]
    if (known.newCollectionsMs.length >= collectionsMany) this.note(tenant, 'new collections', atMs)
  }

  #largeIn({ records }: RecordBatch, events: DecodedBatch['events']): void {
    const large = new Set(records.filter((one) => one.end - one.start > largeBytes).map(({ offset }) => offset))
    const projects = events.length === 0 ? [] : events.projects()
    for (let index = 0; index < events.length; index++)
      if (large.has(events.offsets[index]!)) this.note(projects[index]!, 'large events', events.appendTimesMs[index]!)
  }

  #knownOf(tenant: string, atMs: number): Known {
    const known = this.#known.get(tenant)
    if (known !== undefined) return known
    const [oldest] = this.#known.keys()
    if (this.#known.size >= tenantsMax && oldest !== undefined) this.#known.delete(oldest)
    const fresh: Known = { sinceMs: atMs, firsts: new Map(), collections: new Set(), newCollectionsMs: [] }
    this.#known.set(tenant, fresh)
    return fresh
  }
}
