/**
 * The one way by which requests to delete reach the log, whoever makes them: judged first, then a row, then the records,
 * then the row with where they stand.
 *
 * What is refused is refused before anything is written. A request that broke half way is completed by the same id:
 * partitions that have their records get none again. A record that was taken and not noted (the process died in
 * between) is written twice, which deletes nothing more than once.
 */
import {
  anyTopology,
  findDeleteRequests,
  type StoredRequest,
  writeDeleteRequests,
} from '../sinks/rows/delete-requests.ts'
import { type DeleteInput, type NamedDelete, nameDelete } from './delete-input.ts'
import { type DeleteReceipt, type JudgedDelete, queuesOf, type RecordQueue, Writing } from './delete-writing.ts'
import { type DeletePlan, type ObjectFact, planDelete } from './engine/delete-plan.ts'
import { deleteHeader } from './model/delete-request.ts'
import { errors } from './model/errors.ts'
import { isJsonObject, type JsonObject, type JsonValue } from './model/json.ts'
import type { Clock } from './model/ports/clock.ts'
import type { EventLog } from './model/ports/event-log.ts'
import type { Random } from './model/ports/random.ts'
import type { RowStore } from './model/ports/row-store.ts'
import type { NewRecord } from './model/record.ts'
import { type BoundedLog, boundLogs, placeDelete } from './place-delete.ts'

export interface DeskParts {
  /** Every log that the topology reads. */
  readonly logs: readonly EventLog[]
  readonly rows: RowStore
  /** Name of the topology that the rows of the requests belong to. */
  readonly topology: string
  readonly clock: Clock
  readonly random: Random
  /** Records that may be scanned without a permission: `delete.scanRecords`. */
  readonly scanRecords: number
  /** Objects of a project, read where an estimate is shown. */
  readonly objects?: (project: string) => Promise<readonly ObjectFact[]>
}

// One append per partition and batch; a sync of the disk costs little beside it.
const appendBytes = 1_048_576

export class DeleteDesk {
  readonly #parts: DeskParts
  readonly #headers = [[deleteHeader, 'delete']] as const
  #logs: readonly BoundedLog[] = []

  constructor(parts: DeskParts) {
    this.#parts = parts
  }

  /** Reads where the logs end: ids of later events are not known. Comes before the first request, and now and then. */
  async look(): Promise<void> {
    this.#logs = await boundLogs(this.#parts.logs)
  }

  get logs(): readonly BoundedLog[] {
    return this.#logs
  }

  newId(): string {
    const { clock, random } = this.#parts
    const part = (): string =>
      Math.floor(random.next() * 36 ** 4)
        .toString(36)
        .padStart(4, '0')
    return `${clock.nowMs().toString(36)}-${part()}${part()}`
  }

  /** What is asked for: an id alone stands for the request that has it. Throws `deleteIdTaken` when the id means another. */
  async recall(
    input: DeleteInput,
  ): Promise<{ readonly named: NamedDelete; readonly before: StoredRequest | undefined }> {
    const before = input.id === undefined ? undefined : await this.find(input.id)
    if (before === undefined && input.id !== undefined && isIdAlone(input)) throw errors.deleteUnknown({ id: input.id })
    const isSame = input.project === undefined || input.project === before?.project
    const meant = before !== undefined && isIdAlone(input) && isSame ? inputOf(before) : input
    const named = nameDelete(meant, this.#parts.clock.nowMs())
    refuseOther(before, named.text)
    return { named, before }
  }

  /** Class and estimate; a refused one says why. Objects are looked up only where somebody sees them. */
  async plan(named: NamedDelete, isShown = false): Promise<DeletePlan> {
    const { scanRecords } = this.#parts
    const log = this.#logs.flatMap(({ bounds }) => bounds)
    const plan = planDelete(named.request, { log, objects: [], scanRecords })
    if (!isShown && !('refusal' in plan)) return plan
    return planDelete(named.request, { log, objects: await this.objectsOf(named.project), scanRecords })
  }

  async objectsOf(project: string): Promise<readonly ObjectFact[]> {
    return (await this.#parts.objects?.(project)) ?? []
  }

  /** Throws what is wrong with a request: a filter, an id, a scan over budget, an id that means something else. */
  async judge(input: DeleteInput): Promise<JudgedDelete> {
    const { named, before } = await this.recall(input)
    const parts = placeDelete(named, this.#logs)
    const plan = await this.plan(named)
    if ('refusal' in plan) throw plan.refusal
    const { project, collection, text } = named
    return { id: input.id ?? this.newId(), project, collection, text, class: plan.class, parts, before }
  }

  /** The request that has an id, also one that was made before any topology had run. */
  async find(id: string): Promise<StoredRequest | undefined> {
    const { rows, topology } = this.#parts
    const [own] = await findDeleteRequests(rows, topology, [id])
    return own ?? (await findDeleteRequests(rows, anyTopology, [id]))[0]
  }

  /** Writes requests together. What fails is thrown at the end, when everything else that could be written is. */
  async write(judged: readonly JudgedDelete[], report?: (written: number) => void): Promise<readonly DeleteReceipt[]> {
    const nowMs = this.#parts.clock.nowMs()
    const writing = judged.map((one) => new Writing(one, nowMs))
    await this.#note(writing.filter((one) => !one.isComplete))
    let count = 0
    const queues = queuesOf(writing)
    const ends = await Promise.allSettled(
      queues.map((queue) =>
        this.#append(queue, (written) => {
          count += written
          report?.(count)
        }),
      ),
    )
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    return writing.map((one) => one.receipt)
  }

  /** Appends what one partition lacks, batch by batch, each noted once it is durable. */
  async #append({ log, partition, items }: RecordQueue, report: (written: number) => void): Promise<void> {
    let batch: { readonly record: NewRecord; readonly of: Writing }[] = []
    let bytes = 0
    const flush = async (): Promise<void> => {
      if (batch.length === 0) return
      const places = await log.append(batch.map(({ record }) => record))
      for (const [index, { of }] of batch.entries()) of.noteWritten(log, partition, places[index]!.offset)
      await this.#note([...new Set(batch.map(({ of }) => of))])
      report(batch.length)
      batch = []
      bytes = 0
    }
    for (const { of, content } of items) {
      const value = Buffer.from(JSON.stringify(content))
      // The key survives the compaction of a log: no other record has it.
      const headers = [...this.#headers, ['project', of.judged.project] as const]
      batch.push({ of, record: { key: String(content['id']), headers, value, partition } })
      bytes += value.length
      if (bytes >= appendBytes) await flush()
    }
    await flush()
  }

  async #note(writing: readonly Writing[]): Promise<void> {
    if (writing.length === 0) return
    const { rows, topology } = this.#parts
    await writeDeleteRequests(
      rows,
      topology,
      writing.map((one) => one.nextRow()),
    )
  }
}

/** Whether nothing but the id says what is meant: what the request is stands in its row. */
export const isIdAlone = (input: DeleteInput): boolean =>
  input.collection === undefined &&
  (input.filters ?? []).length === 0 &&
  input.timeframe === undefined &&
  input.all !== true

/** The request of a row as it was made; what it costs was permitted then. */
const inputOf = ({ id, request }: StoredRequest): DeleteInput => {
  const content: JsonValue = JSON.parse(request)
  const input: DeleteInput = {
    id,
    allowScan: true,
    ...(isJsonObject(content) ? (content as JsonObject & DeleteInput) : {}),
  } // it was made of one
  return isIdAlone(input) ? { ...input, all: true } : input
}

/** Throws when the id stands for another request. */
export const refuseOther = (before: StoredRequest | undefined, text: string): void => {
  if (before !== undefined && before.request !== text)
    throw errors.deleteIdTaken({ id: before.id, requested: before.request })
}
