/**
 * How far the whole topic is, for a run that shares it with others: of its own partitions it asks the desks, of those
 * that others have it reads the ledger documents, which tell everything that is durable.
 */
import type { DeleteEntry, LedgerDocument } from '../../model/ledger-document.ts'
import { isDeleteDone } from '../ledger/delete-entries.ts'
import { isDocumentCaughtUp } from '../ledger/is-document-caught-up.ts'
import { servedSinks } from '../plan-questions.ts'
import { withReplays } from '../replay-plan.ts'
import { idsOfRecords } from './delete-context.ts'
import { DeleteTexts } from './delete-texts.ts'
import type { EngineParts } from './engine-parts.ts'
import type { IsHeld } from './held-work.ts'
import type { OwnedPartitions, PartitionPlace } from './owned-partitions.ts'
import { Abandoned } from './persist.ts'

// Documents of others that are read at once.
const looksAtOnce = 16

export class TopicProgress {
  readonly #parts: EngineParts
  readonly #places: readonly PartitionPlace[]
  readonly #owned: Pick<OwnedPartitions, 'deskAt'>
  readonly #isDeletePaused: (id: string) => boolean
  readonly #isHeld: IsHeld | undefined
  /** Others have brought them to the end that was seen at the start. */
  readonly #done = new Set<PartitionPlace>()
  /** Was behind when last asked, and mostly still is: asked first, so that a beat costs the same however many there are. */
  #behind: PartitionPlace | undefined

  constructor(
    parts: EngineParts,
    places: readonly PartitionPlace[],
    owned: Pick<OwnedPartitions, 'deskAt'>,
    isDeletePaused: (id: string) => boolean,
    isHeld?: IsHeld,
  ) {
    this.#isHeld = isHeld
    this.#parts = parts
    this.#places = places
    this.#owned = owned
    this.#isDeletePaused = isDeletePaused
  }

  /** Of all partitions, as far as was looked. */
  get isCaughtUp(): boolean {
    const isBehind = (place: PartitionPlace): boolean =>
      !(this.#owned.deskAt(place)?.isCaughtUp(place.end) ?? this.#done.has(place))
    if (this.#behind === undefined || !isBehind(this.#behind)) this.#behind = this.#places.find(isBehind)
    return this.#behind === undefined
  }

  /** Of the partitions that this process has. */
  get isOwnCaughtUp(): boolean {
    return this.#places.every((place) => this.#owned.deskAt(place)?.isCaughtUp(place.end) !== false)
  }

  /**
   * Looks at the documents of others, up to one that is behind: until it is there, the others tell nothing. So processes
   * that wait do not read what all the others write. What cannot be read is looked at the next time.
   */
  async look(signal: AbortSignal): Promise<void> {
    const open = this.#places.filter((one) => this.#owned.deskAt(one) === undefined && !this.#done.has(one))
    for (let from = 0; from < open.length; from += looksAtOnce) {
      const chunk = open.slice(from, from + looksAtOnce)
      const done = await Promise.all(chunk.map((place) => this.#lookAt(place, signal)))
      if (done.includes(false)) return
    }
  }

  async #lookAt(place: PartitionPlace, signal: AbortSignal): Promise<boolean> {
    const isDone = await this.#isDone(place, signal).catch((error: unknown) => {
      if (error instanceof Abandoned) throw error
      return false
    })
    if (isDone) this.#done.add(place)
    return isDone
  }

  async #isDone({ plan, partition, end }: PartitionPlace, signal: AbortSignal): Promise<boolean> {
    const { topology, resources } = this.#parts
    const key = { topology: topology.name, spout: plan.spout.name, partition }
    const doc = await resources.ledger.read(key)
    const served = doc === undefined ? undefined : servedSinks(withReplays(plan, doc))
    if (doc === undefined || served === undefined) return false
    // Whoever has it first gives every declared sink its lane.
    if ([...served.names].some((name) => doc.sinks[name]?.retired !== false)) return false
    const resting = await this.#resting(doc, new DeleteTexts(this.#parts, key, signal))
    return isDocumentCaughtUp(doc, end, (entry) => resting.has(entry), { ...served, isHeld: this.#isHeld })
  }

  async #resting(doc: LedgerDocument, texts: DeleteTexts): Promise<ReadonlySet<DeleteEntry>> {
    const resting = new Set<DeleteEntry>()
    for (const entry of doc.deletes) {
      if (isDeleteDone(doc, entry)) continue
      if (idsOfRecords(await texts.recordsOf(entry)).some(this.#isDeletePaused)) resting.add(entry)
    }
    return resting
  }
}
