/**
 * What a request to delete still lacks in the log, partition by partition, and what of it is there.
 */
import type { StoredRequest, WrittenRecords } from '../sinks/rows/delete-requests.ts'
import type { JsonObject } from './model/json.ts'
import type { EventLog } from './model/ports/event-log.ts'
import type { DeletePart } from './place-delete.ts'

/** A request that may be written. */
export interface JudgedDelete {
  readonly id: string
  readonly project: string
  readonly collection: string | undefined
  /** Canonical text of what is asked for. */
  readonly text: string
  readonly class: string
  readonly parts: readonly DeletePart[]
  /** The same id was there before. */
  readonly before: StoredRequest | undefined
  /** Its parts were found anew and come on top of what is written; without it they are the same each time. */
  readonly isSearched?: boolean
}

export interface DeleteReceipt {
  readonly id: string
  /** `by-id`, `time-range` or `scan`: what it costs. */
  readonly class: string
  /** Records of the log that it consists of, and how many of them this call has written. */
  readonly records: number
  readonly written: number
  readonly partitions: number
  /** Whether the id was there before. */
  readonly isRepeated: boolean
}

/** A request while its records are written. */
export class Writing {
  readonly judged: JudgedDelete
  readonly #requestedAtMs: number
  readonly #written = new Map<string, WrittenRecords>()
  readonly #total: number
  #revision: number
  #count = 0

  constructor(judged: JudgedDelete, nowMs: number) {
    const { before, parts } = judged
    this.judged = judged
    this.#requestedAtMs = before?.requestedAtMs ?? nowMs
    this.#revision = before?.revision ?? 0
    for (const one of before?.written ?? []) this.#written.set(`${one.partition} ${one.log}`, one)
    const found = parts.reduce((sum, part) => sum + part.count, 0)
    this.#total = judged.isSearched === true ? found + recordsOf(before) : found
  }

  get isComplete(): boolean {
    return this.judged.parts.every((part) => this.doneOf(part) >= part.count)
  }

  /** Records of a part that are in the log. */
  doneOf({ log, partition }: DeletePart): number {
    return this.judged.isSearched === true ? 0 : (this.#written.get(`${partition} ${log.id}`)?.records ?? 0)
  }

  noteWritten(log: EventLog, partition: number, offset: number): void {
    const key = `${partition} ${log.id}`
    const records = (this.#written.get(key)?.records ?? 0) + 1
    this.#written.set(key, { log: log.id, topic: log.topic, partition, records, offset })
    this.#count += 1
  }

  nextRow(): StoredRequest {
    const { id, project, collection, text } = this.judged
    this.#revision += 1
    return {
      ...{ id, project, collection, request: text, class: this.judged.class },
      requestedAtMs: this.#requestedAtMs,
      recordsTotal: this.#total,
      written: [...this.#written.values()],
      revision: this.#revision,
    }
  }

  /** Records that were in the log before this call. */
  get first(): number {
    return this.judged.isSearched === true ? recordsOf(this.judged.before) : 0
  }

  get receipt(): DeleteReceipt {
    const { id, before, parts } = this.judged
    return {
      ...{ id, class: this.judged.class, records: this.#total, written: this.#count },
      partitions: parts.length,
      isRepeated: before !== undefined,
    }
  }
}

const recordsOf = (before: StoredRequest | undefined): number =>
  (before?.written ?? []).reduce((sum, { records }) => sum + records, 0)

/** Records for one partition. */
export interface RecordQueue {
  readonly log: EventLog
  readonly partition: DeletePart['partition']
  readonly items: Iterable<{ readonly of: Writing; readonly content: JsonObject }>
}

/** What each partition still lacks, made as it is written. */
export const queuesOf = (writing: readonly Writing[]): readonly RecordQueue[] => {
  const parts = new Map<string, { readonly part: DeletePart; readonly of: Writing }[]>()
  for (const of of writing) {
    for (const part of of.judged.parts) {
      const key = `${part.partition} ${part.log.id}`
      const known = parts.get(key)
      if (known === undefined) parts.set(key, [{ part, of }])
      else known.push({ part, of })
    }
  }
  return [...parts.values()].map((all) => {
    const { log, partition } = all[0]!.part
    return { log, partition, items: itemsOf(all) }
  })
}

function* itemsOf(
  all: readonly { readonly part: DeletePart; readonly of: Writing }[],
): Iterable<{ readonly of: Writing; readonly content: JsonObject }> {
  for (const { part, of } of all) {
    const { id } = of.judged
    const done = of.doneOf(part)
    let index = of.first
    for (const content of part.records()) {
      index += 1
      if (index <= done + of.first) continue
      const isOne = part.count === 1 && of.judged.isSearched !== true
      yield { of, content: isOne ? { id, ...content } : { id: `${id}/${index}`, job: id, ...content } }
    }
  }
}
