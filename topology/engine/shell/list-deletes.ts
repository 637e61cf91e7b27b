/**
 * Lists the delete records that lanes meet: gathered for a while, so that thousands of single ids share entries; then
 * their text is made durable, and one compare-and-set names it (PROTOCOL section 5).
 *
 * What is gathered and not yet listed stands in memory alone. That loses nothing: no lane declares an epoch that holds an
 * unlisted record, so every lane still stands at or before it, and whoever goes on after a crash meets it again (I-2,
 * I-3). What is gathered is bounded: lanes wait while an entry is full (I-6).
 */
import type { FoundDelete } from '../../model/decoder.ts'
import { isByIdDelete, readDeleteRequest } from '../../model/delete-request.ts'
import { isJsonObject, type JsonObject } from '../../model/json.ts'
import type { DeleteRecord, DeleteText, RefusedDelete } from '../../model/ledger-document.ts'
import { isListed, rangesOf } from '../ledger/delete-entries.ts'
import type { DeleteTexts } from './delete-texts.ts'
import type { EngineParts } from './engine-parts.ts'
import type { PartitionLedger } from './partition-ledger.ts'

/** Of one entry: what a row of texts and a compare-and-set can carry. */
const entryRecordsMax = 1_000
const entryBytesMax = 1_048_576

/** A record as its entry will hold it. */
interface Gathered {
  readonly offset: number
  readonly bytes: number
  readonly isById: boolean
  readonly record?: DeleteRecord
  readonly refusal?: RefusedDelete
}

/** Whether a record is taken: a pure function of the record, so that every reader of the log agrees. */
const judge = ({ offset, appendTimeMs: atMs, request: json }: FoundDelete): Gathered => {
  const request = readDeleteRequest(json)
  const object: JsonObject = json !== undefined && isJsonObject(json) ? json : {}
  const bytes = JSON.stringify(object).length
  const id = typeof object['id'] === 'string' ? object['id'] : null
  const refuse = (reason: string): Gathered => {
    return { offset, bytes: reason.length, isById: true, refusal: { offset, reason, id, atMs } }
  }
  if (typeof request === 'string') return refuse(request)
  const isById = isByIdDelete(request)
  if (!isById && request.timeframe === undefined && !request.allowScan) return refuse('a scan needs "allowScan": true')
  return { offset, bytes, isById, record: { offset, request: object, atMs } }
}

export class ListDeletes {
  readonly #parts: EngineParts
  readonly #signal: AbortSignal
  readonly #ledger: PartitionLedger
  readonly #texts: DeleteTexts
  readonly #eventStore: string | undefined
  /** By offset. */
  readonly #gathered = new Map<number, Gathered>()
  #bytes = 0
  #isTimed = false
  #registering: Promise<void> | undefined

  constructor(
    parts: EngineParts,
    signal: AbortSignal,
    ledger: PartitionLedger,
    texts: DeleteTexts,
    eventStore: string | undefined,
  ) {
    this.#parts = parts
    this.#signal = signal
    this.#ledger = ledger
    this.#texts = texts
    this.#eventStore = eventStore
  }

  /** Takes records that a lane has met, to be listed with others within `delete.coalesceMs`. Waits while too many are gathered. */
  async gather(found: readonly FoundDelete[]): Promise<void> {
    for (const one of found) {
      if (this.#gathered.has(one.offset) || isListed(this.#ledger.doc, one.offset)) continue
      const gathered = judge(one)
      this.#gathered.set(one.offset, gathered)
      this.#bytes += gathered.bytes
      while (this.#gathered.size >= entryRecordsMax || this.#bytes >= entryBytesMax) await this.#register()
    }
    if (this.#gathered.size > 0) this.#registerLater()
  }

  /** Resolves when all these records, gathered before, are listed. Needs no timer to pass. */
  async list(offsets: readonly number[]): Promise<void> {
    for (;;) {
      const left = offsets.filter((offset) => !isListed(this.#ledger.doc, offset))
      if (left.length === 0) return
      const lost = left.find((offset) => !this.#gathered.has(offset))
      if (lost !== undefined) throw new Error(`the delete record at ${lost} is neither listed nor gathered`)
      await this.#register()
    }
  }

  #registerLater(): void {
    if (this.#isTimed) return
    this.#isTimed = true
    const { clock, knob } = this.#parts
    void clock.sleep(knob('delete.coalesceMs'), this.#signal).then(async () => {
      this.#isTimed = false
      // An error that does not pass is met by the lane that needs the record listed.
      if (!this.#signal.aborted) await this.#register().catch(() => undefined)
    })
  }

  /** One registration at a time: what is gathered meanwhile goes into the next. */
  #register(): Promise<void> {
    this.#registering ??= this.#registerOnce().finally(() => {
      this.#registering = undefined
    })
    return this.#registering
  }

  async #registerOnce(): Promise<void> {
    this.#forgetListed()
    const entry = this.#oneEntry()
    if (entry.length === 0) return
    const text: DeleteText = {
      records: entry.flatMap((one) => one.record ?? []),
      refused: entry.flatMap((one) => one.refusal ?? []),
    }
    const { stored } = await this.#texts.store(text)
    await this.#ledger.propose({
      kind: 'registerDeletes',
      offsets: rangesOf(entry.map((one) => one.offset)),
      records: text.records.length,
      stored,
      isById: entry.every((one) => one.isById),
      eventStore: this.#eventStore,
    })
    // Refused: another owner has listed some of them. Unknown: perhaps it is listed. Either way the document says.
    this.#forgetListed()
  }

  #forgetListed(): void {
    const { doc } = this.#ledger
    for (const [offset, { bytes }] of this.#gathered) {
      if (!isListed(doc, offset)) continue
      this.#gathered.delete(offset)
      this.#bytes -= bytes
    }
  }

  /** As many as one entry takes, in the order of the log; at least one. */
  #oneEntry(): readonly Gathered[] {
    const entry: Gathered[] = []
    let bytes = 0
    for (const one of [...this.#gathered.values()].sort((left, right) => left.offset - right.offset)) {
      const isFull = entry.length >= entryRecordsMax || (entry.length > 0 && bytes + one.bytes > entryBytesMax)
      if (isFull) break
      entry.push(one)
      bytes += one.bytes
    }
    return entry
  }
}
