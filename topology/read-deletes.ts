/**
 * Deletes as people see them: the requests that were made, joined with what the ledger's list tells of their records
 * (DOMAIN section 6). A request that no lane has met yet is accepted; a record that came without a request shows as well.
 *
 * A reader: it opens nothing, writes nothing, and holds the open deletes and the newest of the others.
 */
import { readControls } from '../sinks/rows/controls.ts'
import { anyTopology, listDeleteRequests, type StoredRequest } from '../sinks/rows/delete-requests.ts'
import { type DeletesView, deletesOf } from './engine/deletes-of.ts'
import { isDeleteCounted, isDeleteDone, isListed } from './engine/ledger/delete-entries.ts'
import { loadDeleteTexts } from './engine/shell/load-delete-texts.ts'
import type { Ledger } from './model/ports/ledger.ts'
import type { RowStore } from './model/ports/row-store.ts'
import type { DeleteState, DeleteStatus } from './model/run-handle.ts'
import { pausedWord } from './standing-controls.ts'

export interface DeletesSource {
  readonly rows: RowStore
  readonly ledger: Ledger
  /** `undefined` before any has run. */
  readonly topology: string | undefined
  /** Deletes told of that are at their end, the newest ones. */
  readonly ended: number
}

export interface ShownDelete {
  readonly id: string
  readonly state: DeleteState
  /** Whether anything is still to be done for it. */
  readonly isOpen: boolean
  readonly isPaused: boolean
  /** All that sinks had is out; the sink that counts is still to pass it, and drops what it meets until then. */
  readonly isCounting: boolean
  readonly requestedAtMs: number | undefined
  /** What the request says; `undefined` of a record that came without one. */
  readonly request: StoredRequest | undefined
  readonly reason: string | undefined
  readonly matched: number
  readonly retracted: number
  /** Records still to be read for it, over all sinks; `undefined` before a lane has met it. */
  readonly remaining: number | undefined
  /** Records in the log, and how many there are to be. */
  readonly written: number
  readonly records: number
}

export interface ShownDeletes {
  /** By the time of the request. */
  readonly deletes: readonly ShownDelete[]
  /** How many are at their end and not among them. */
  readonly left: number
  /** Changes whenever something moves. */
  readonly version: number
}

export const readDeletes = async (source: DeletesSource): Promise<ShownDeletes> => {
  const { rows, topology } = source
  const views = await readViews(source)
  const known = new Map(deletesOf(views).map((one) => [one.id, one]))
  const facts: Facts = { views, ...openIds(views), paused: await pausedIds(rows, topology) }
  const kept = new Kept(source.ended)
  const seen = new Set<string>()
  for (const name of topology === undefined ? [anyTopology] : [topology, anyTopology]) {
    for await (const page of listDeleteRequests(rows, name)) {
      for (const request of page) {
        if (seen.has(request.id)) continue
        seen.add(request.id)
        kept.add(shown(request.id, request, known.get(request.id), facts))
      }
    }
  }
  for (const [id, status] of known) if (!seen.has(id)) kept.add(shown(id, undefined, status, facts))
  const version = views.reduce((sum, { doc }) => sum + doc.ver, 0)
  return { deletes: kept.all(), left: kept.left, version }
}

interface Facts {
  readonly views: readonly DeletesView[]
  /** With an entry that has work left. */
  readonly working: ReadonlySet<string>
  /** With an entry whose numbers are not final. */
  readonly counting: ReadonlySet<string>
  readonly paused: ReadonlySet<string>
}

const readViews = async ({ rows, ledger, topology, ended }: DeletesSource): Promise<readonly DeletesView[]> => {
  if (topology === undefined) return []
  const views: DeletesView[] = []
  for (const key of await ledger.keys(topology)) {
    const doc = await ledger.read(key)
    if (doc === undefined) continue
    const { spout, partition } = key
    views.push({ spout, partition, doc, ...(await loadDeleteTexts(rows, key, doc, ended)) })
  }
  return views
}

const openIds = (views: readonly DeletesView[]): Pick<Facts, 'working' | 'counting'> => {
  const idsOf = (isMeant: typeof isDeleteDone): ReadonlySet<string> => {
    const meant = views.map((view) => ({
      ...view,
      archived: [],
      doc: { ...view.doc, deletes: view.doc.deletes.filter((entry) => isMeant(view.doc, entry)) },
    }))
    return new Set(deletesOf(meant).map(({ id }) => id))
  }
  return {
    working: idsOf((doc, entry) => !isDeleteDone(doc, entry)),
    counting: idsOf((doc, entry) => !isDeleteCounted(doc, entry)),
  }
}

const pausedIds = async (rows: RowStore, topology: string | undefined): Promise<ReadonlySet<string>> => {
  const controls = topology === undefined ? [] : await readControls(rows, topology, 'delete')
  return new Set(controls.filter(({ value }) => value === pausedWord).map(({ name }) => name))
}

const shown = (
  id: string,
  request: StoredRequest | undefined,
  status: DeleteStatus | undefined,
  facts: Facts,
): ShownDelete => {
  const written = request?.written.reduce((sum, { records }) => sum + records, 0)
  const unmet = request === undefined ? false : isUnmet(request, facts.views)
  const isWorking = unmet || facts.working.has(id)
  const isCounting = !isWorking && facts.counting.has(id)
  const isOpen = isWorking || isCounting
  return {
    id,
    state: stateOf(status, unmet),
    isOpen,
    isPaused: isWorking && facts.paused.has(id),
    isCounting,
    requestedAtMs: request?.requestedAtMs ?? status?.requestedAtMs,
    request,
    reason: status?.reason,
    matched: status?.matched ?? 0,
    retracted: status?.retracted ?? 0,
    remaining: status?.remaining ?? (unmet ? undefined : 0),
    written: written ?? status?.partitions.length ?? 0,
    records: request?.recordsTotal ?? status?.partitions.length ?? 0,
  }
}

/** Without a status: not met by any lane, or so long done that the list is not told of it any more. */
const stateOf = (status: DeleteStatus | undefined, isUnmet: boolean): DeleteState => {
  if (status === undefined) return isUnmet ? 'accepted' : 'done'
  if (!isUnmet || status.state === 'refused') return status.state
  return status.state === 'accepted' ? 'accepted' : 'running'
}

/** Whether a record of the request is still to be written, or to be met by the lanes of its partition. */
const isUnmet = ({ written, recordsTotal }: StoredRequest, views: readonly DeletesView[]): boolean => {
  if (written.reduce((sum, { records }) => sum + records, 0) < recordsTotal) return true
  return written.some(({ log, partition, offset }) => {
    const readers = views.filter((view) => view.partition === partition && view.doc.log === log)
    return readers.length === 0 || readers.some(({ doc }) => !isListed(doc, offset))
  })
}

/** All open deletes and the newest of the others. */
class Kept {
  readonly #most: number
  readonly #open: ShownDelete[] = []
  #ended: ShownDelete[] = []
  left = 0

  constructor(most: number) {
    this.#most = most
  }

  add(one: ShownDelete): void {
    if (one.isOpen) this.#open.push(one)
    else this.#ended.push(one)
    if (this.#ended.length >= 2 * this.#most + 1_000) this.#trim()
  }

  all(): readonly ShownDelete[] {
    this.#trim()
    return [...this.#open, ...this.#ended].sort(byTime)
  }

  #trim(): void {
    this.#ended.sort(byTime)
    this.left += Math.max(0, this.#ended.length - this.#most)
    this.#ended = this.#most === 0 ? [] : this.#ended.slice(-this.#most)
  }
}

const byTime = (left: ShownDelete, right: ShownDelete): number =>
  (left.requestedAtMs ?? 0) - (right.requestedAtMs ?? 0) || (left.id < right.id ? -1 : 1)
