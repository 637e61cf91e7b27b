/**
 * Watches a sink of kind `custom`: a write that is repeated with the same declaration, by a writer of another process and
 * with the tuples in other batches, must change nothing that a reader can see (I-1, I-2). Whoever recovers a lane after a
 * crash repeats it so.
 *
 * Beside each epoch a second one collects the same tuples; when the first has been written, the second is written too.
 * Compared is what each does to rows, objects, log and files, and what the sink's own `contents` tells.
 */
import type { DeclaredEpoch, OpenEpoch, Sink, SinkContext, SinkWriter, WriteOutcome } from '../../../model/sink.ts'
import { messageOf, SpillwayError } from '../../../model/spillway-error.ts'
import type { Tuples } from '../../../model/tuples.ts'
import { tuplesOf } from '../../../spouts/decode/tuples-of.ts'
import type { BlamedPart } from '../violation.ts'
import { shortValueText, valueText } from './value-text.ts'
import { OutsideCall, type Watch } from './watch.ts'
import { fileStateOf } from './watch-files.ts'
import { changedFile, repeatedEffect, WatchedWrite, watchContext } from './watch-writes.ts'

// Of one sink and history: the first writes are repeated, then some; what a sink does with real files costs real time.
const repetitionsFirst = 3
const repetitionsMax = 10
const repetitionChance = 0.25
const filesMax = 100

/** The same sink; `name` is that of its node. */
export const watchSink = (name: string, sink: Sink, watch: Watch): Sink => {
  const watched = new WatchedSink(name, sink, watch)
  return {
    kind: 'sink',
    sinkKind: sink.sinkKind,
    name: sink.name,
    doc: sink.doc,
    order: sink.order,
    options: sink.options,
    knobs: sink.knobs,
    epochAge: sink.epochAge,
    subtracts: sink.subtracts,
    tables: (node, operator) => sink.tables(node, operator),
    open: (context) => watched.open(context),
    ...(sink.check === undefined ? {} : { check: (tuples: Tuples) => sink.check!(tuples) }),
    ...(sink.contents === undefined ? {} : { contents: () => sink.contents!() }),
  }
}

/** A sink in one history, in all processes. */
class WatchedSink {
  readonly #part: BlamedPart
  readonly #sink: Sink
  readonly #watch: Watch
  /** Writes that have not ended, of all processes. */
  readonly #writes = new Set<OutsideCall>()
  /** Files that it has open for longer than one write. */
  readonly #files = new Set<string>()
  /** The write that has the sink to itself, until it waits for a port: of two that write to one file, none could be judged. */
  #turn: OutsideCall | undefined
  #next: (() => void)[] = []
  /** Grows whenever a write of it goes on. */
  #moves = 0
  #repetitions = 0
  #isSeen = false

  constructor(name: string, sink: Sink, watch: Watch) {
    this.#part = { kind: 'sink', name }
    this.#sink = sink
    this.#watch = watch
  }

  async open(context: SinkContext): Promise<SinkWriter> {
    const call = new OutsideCall(this.#watch, this.#part)
    const opening = new WatchedWrite(call, () => {
      this.#moves += 1
    })
    try {
      const open = (): Promise<SinkWriter> => opening.run(() => this.#sink.open(watchContext(context)))
      const first = await open().catch((error: unknown) => this.#blameThrown(error))
      // That the second cannot be opened now means nothing: stores of the world fail.
      const second = await open().catch(() => undefined)
      for (const path of opening.files.keys()) if (this.#files.size < filesMax) this.#files.add(path)
      return {
        openEpoch: () => this.#openEpoch(first, second),
        close: async () => {
          await first.close()
          await second?.close().catch(() => undefined)
        },
      }
    } finally {
      call.end()
    }
  }

  #openEpoch(first: SinkWriter, second: SinkWriter | undefined): OpenEpoch {
    const epoch = first.openEpoch()
    const other = this.#isRepeated() ? second?.openEpoch() : undefined
    let hasTuples = false
    return {
      add: (tuples, weight) => {
        try {
          epoch.add(tuples, weight)
          if (tuples.length === 0) return
          hasTuples = true
          if (other !== undefined) for (const part of this.#cut(tuples)) other.add(part, weight)
        } catch (error) {
          this.#blameThrown(error)
        }
      },
      heldBytes: () => epoch.heldBytes(),
      spilledBytes: () => epoch.spilledBytes(),
      outputs: () => epoch.outputs?.() ?? 0,
      isFull: () => epoch.isFull?.() ?? false,
      ...(epoch.settle === undefined
        ? {}
        : {
            settle: async () => {
              await epoch.settle?.()
              await other?.settle?.()
            },
          }),
      write: (declared, signal) => this.#write({ epoch, other: hasTuples ? other : undefined }, declared, signal),
      discard: () => {
        epoch.discard()
        other?.discard()
      },
    }
  }

  #isRepeated(): boolean {
    if (this.#watch.violation !== undefined || this.#repetitions >= repetitionsMax) return false
    return this.#repetitions < repetitionsFirst || this.#watch.random.next() < repetitionChance
  }

  /** The tuples in two batches. */
  #cut(tuples: Tuples): readonly Tuples[] {
    if (tuples.length < 2) return [tuples]
    const objects = Array.from({ length: tuples.length }, (_, index) => tuples.tuple(index))
    const at = 1 + Math.floor(this.#watch.random.next() * (objects.length - 1))
    return [tuplesOf(objects.slice(0, at), this.#part.name), tuplesOf(objects.slice(at), this.#part.name)]
  }

  async #write(
    { epoch, other }: { readonly epoch: OpenEpoch; readonly other: OpenEpoch | undefined },
    declared: DeclaredEpoch,
    signal: AbortSignal,
  ): Promise<WriteOutcome> {
    const call = await this.#begin()
    try {
      const first = new WatchedWrite(call, () => this.#move(call))
      const outcome = await first.run(() => epoch.write(declared, signal))
      if (outcome === 'written' && other !== undefined && !signal.aborted && this.#watch.violation === undefined)
        await this.#repeat(first, call, other, declared, signal)
      return outcome
    } catch (error) {
      if (signal.aborted) throw error
      return this.#blameThrown(error)
    } finally {
      this.#writes.delete(call)
      this.#move(call)
      call.end()
    }
  }

  async #begin(): Promise<OutsideCall> {
    while (this.#turn !== undefined) await new Promise<void>((resolve) => this.#next.push(resolve))
    const call = new OutsideCall(this.#watch, this.#part)
    this.#turn = call
    this.#writes.add(call)
    this.#moves += 1
    return call
  }

  /** A write goes on, waits or ends. */
  #move(call: OutsideCall): void {
    this.#moves += 1
    if (this.#turn !== call) return
    this.#turn = undefined
    this.#next.shift()?.()
  }

  async #repeat(
    first: WatchedWrite,
    call: OutsideCall,
    other: OpenEpoch,
    declared: DeclaredEpoch,
    signal: AbortSignal,
  ): Promise<void> {
    // What holds nothing has nothing to write.
    const holds = other.heldBytes() > 0
    this.#repetitions += 1
    let moves = 0
    const second = new WatchedWrite(call, () => {
      this.#move(call)
      moves += 1
    })
    const before = this.#moves
    const isAlone = (): boolean => this.#moves - moves === before && this.#othersWait(call)
    const wasAlone = isAlone()
    try {
      const contents = await this.#contents(second)
      for (const path of [...first.files.keys(), ...this.#files]) second.files.set(path, fileStateOf(path))
      const outcome = await second.run(() => other.write(declared, signal))
      if (outcome === 'fenced') return
      const found =
        repeatedEffect(first, second) ??
        // Others write to the same places: what they do must not be taken for what this one does.
        (wasAlone && isAlone() ? changedFile(second.files) : undefined) ??
        this.#changed(contents, await this.#contents(second), wasAlone && isAlone())
      if (found !== undefined) this.#blame(found)
      if (holds) this.#tellIfUnseen(first, second)
    } catch (error) {
      if (error instanceof SpillwayError || signal.aborted) return
      this.#blame(`fails: ${messageOf(error)}`)
    }
  }

  #othersWait(call: OutsideCall): boolean {
    for (const other of this.#writes) if (other !== call && !other.isWaiting) return false
    return true
  }

  async #contents(write: WatchedWrite): Promise<string | undefined> {
    if (this.#sink.contents === undefined) return undefined
    const contents = await write.run(() => this.#sink.contents!())
    return valueText(contents)
  }

  #changed(before: string | undefined, after: string | undefined, isAlone: boolean): string | undefined {
    if (!isAlone || before === after || before === undefined || after === undefined) return undefined
    const start = Math.max(0, [...before].findIndex((character, index) => character !== after[index]) - 60)
    const [was, is] = [before, after].map((text) => shortValueText(text.slice(start)))
    return `changes its contents: ${was}, and then ${is}`
  }

  #tellIfUnseen(first: WatchedWrite, second: WatchedWrite): void {
    this.#isSeen ||= first.isSeen || second.isSeen || this.#sink.contents !== undefined || this.#files.size > 0
    const note = `sink ${this.#part.name} could not be looked at: it writes to no port of its context and to no file; give it contents() to have its repeated writes checked`
    if (this.#isSeen) this.#watch.notes.delete(note)
    else this.#watch.notes.add(note)
  }

  #blameThrown(error: unknown): never {
    this.#watch.blameThrown(this.#part, error)
    throw error
  }

  #blame(found: string): void {
    const when = 'a write that is repeated with the same epoch and the same tuples, as after a crash,'
    this.#watch.blame('I-1', `sink ${this.#part.name} is not repeatable: ${when} ${found}`, this.#part)
  }
}
