/**
 * Performs the work of the listed deletes of a partition, on all its sinks (PROTOCOL section 5).
 *
 * Sinks whose work on an entry stands at the same offset share a pass over the log; a sink that takes long falls behind
 * alone, and holds up nobody. Event rows and objects are swept for many entries at once, objects only every
 * `delete.rewriteMs`. Owns no decision about content: that follows from log and document, whoever does it (I-3).
 */
import type { DeleteEntry } from '../../model/ledger-document.ts'
import type { PlannedSink } from '../../model/spout-plan.ts'
import { areLanesAt, isSwept, openEntries } from '../delete-work.ts'
import { entryOf } from '../ledger/delete-entries.ts'
import { type DeleteContext, idsOfEntry, idsOfRecords, reportDelete, startDelete } from './delete-context.ts'
import { DeleteEpoch, type EpochPlace, placeOf } from './delete-epoch.ts'
import { KeptByEntry } from './kept-events.ts'
import type { PartitionContext } from './partition-context.ts'
import { Abandoned, persist } from './persist.ts'
import { RecordCache } from './record-cache.ts'
import { sweepDeletes } from './sweep-deletes.ts'

// Entries and records of one sweep: what they say and name is in memory meanwhile.
const entriesMax = 256
const recordsMax = 20_000
// How long sinks wait for one another behind a pass, so that they go on together.
const patienceMs = 2_000

export interface DeleteHooks {
  /** Whether the sink rests; a delete that is in the middle of an epoch finishes it. */
  readonly isPaused: (sink: string) => boolean
  readonly isDeletePaused: (id: string) => boolean
  /** An error of class `stop`: no delete of this sink goes on, and the turn that one may hold is not given back. */
  readonly failed: (sink: string, error: unknown) => void
}

const nobody = (): ReadonlySet<string> => new Set()

/** What some idle sinks do next. */
type Step =
  | { readonly kind: 'turn'; readonly entry: DeleteEntry; readonly node: PlannedSink }
  | { readonly kind: 'epoch'; readonly place: EpochPlace; readonly node: PlannedSink }
  | { readonly kind: 'sweep'; readonly entries: readonly number[]; readonly node: PlannedSink }

export class DeleteRunner {
  readonly #context: PartitionContext
  readonly #hooks: DeleteHooks
  readonly #parts: DeleteContext
  /** Sinks at work, and those that a failure has stopped. */
  readonly #busy = new Set<string>()
  readonly #stopped = new Set<string>()
  /** Since when deletes of an objects sink are gathered. */
  readonly #gatheredMs = new Map<string, number>()
  /** Those that are looked at when their time has come. */
  readonly #timed = new Set<string>()
  #isLooking = false
  #isAsked = false

  constructor(context: PartitionContext, hooks: DeleteHooks) {
    this.#context = context
    this.#hooks = hooks
    const { isDeletePaused } = hooks
    const kept = new KeptByEntry(context.partition)
    this.#parts = { context, cache: new RecordCache(), kept, fences: new Map(), isDeletePaused }
  }

  isRunning(sink: string): boolean {
    return this.#busy.has(sink)
  }

  /** Looks for work; called whenever the document has changed, and when a sink or delete rests no longer. */
  poke(): void {
    this.#isAsked = true
    if (this.#isLooking || this.#isHeld || this.#context.ledger.doc.deletes.length === 0) return
    this.#isLooking = true
    this.#look().then(
      () => this.#looked(),
      (error: unknown) => {
        for (const { name } of this.#idle()) this.#fail(name, error)
        this.#looked()
      },
    )
  }

  get #isHeld(): boolean {
    return this.#context.signal.aborted || this.#context.isStopping()
  }

  #looked(): void {
    this.#isLooking = false
    if (this.#isAsked) this.poke()
  }

  async #look(): Promise<void> {
    this.#isAsked = false
    this.#parts.kept.retain((n) => this.#isSweptFor(n))
    const steps: Step[] = []
    for (const node of this.#idle()) steps.push(...(await this.#stepsOf(node)))
    if (this.#isHeld) return
    const turns = steps.filter((step) => step.kind === 'turn')
    if (turns.length > 0) this.#run(turns, () => this.#takeTurns(turns).then(nobody))
    // What is about to begin on another sink, too, is waited for: then they read together.
    const begun = new Set(turns.map(({ entry }) => entry.n))
    const epochs = steps.filter((step) => step.kind === 'epoch').filter(({ place }) => !begun.has(place.n))
    for (const same of Map.groupBy(epochs, ({ place }) => `${place.n} ${place.at} ${place.declared}`).values())
      this.#run(same, () =>
        this.#epoch(
          same[0]!.place,
          same.map(({ node }) => node),
        ),
      )
    for (const step of steps) {
      if (step.kind !== 'sweep') continue
      this.#run([step], () => this.#sweep(step.node, step.entries))
    }
  }

  #isSweptFor(n: number): boolean {
    const { plan, ledger } = this.#context
    const work = entryOf(ledger.doc, n)?.work ?? {}
    return plan.sinks.some(({ name, kind }) => isSwept(kind) && work[name] !== undefined && work[name].state !== 'done')
  }

  #idle(): readonly PlannedSink[] {
    const { plan } = this.#context
    const isIdle = (sink: string): boolean => !this.#busy.has(sink) && !this.#stopped.has(sink)
    return plan.sinks.filter(({ name }) => isIdle(name) && !this.#hooks.isPaused(name))
  }

  async #stepsOf(node: PlannedSink): Promise<readonly Step[]> {
    const entries = await this.#entriesOf(node)
    const stateOf = (entry: DeleteEntry): string => entry.work[node.name]!.state
    const waiting = entries.filter((entry) => stateOf(entry) === 'waiting')
    const running = entries.filter((entry) => stateOf(entry) === 'running')
    if (!isSwept(node.kind)) {
      const [entry] = entries
      if (entry === undefined) return []
      const isTurn = stateOf(entry) === 'waiting' || entry.work[node.name]!.todo.length === 0
      return [isTurn ? { kind: 'turn', entry, node } : { kind: 'epoch', place: placeOf(entry, node.name), node }]
    }
    if (entries.length === 0) this.#gatheredMs.delete(node.name)
    if (entries.length === 0 || (running.length === 0 && !this.#isGathered(node))) return []
    if (waiting.length > 0) return waiting.map((entry) => ({ kind: 'turn', entry, node }))
    this.#gatheredMs.delete(node.name)
    return [{ kind: 'sweep', entries: running.map(({ n }) => n), node }]
  }

  /** Entries that may be worked on now: the first, or as many as a sweep takes. */
  async #entriesOf(node: PlannedSink): Promise<readonly DeleteEntry[]> {
    const { ledger, eventStore } = this.#context
    const found: DeleteEntry[] = []
    let records = 0
    for (const entry of openEntries(ledger.doc, node.name, eventStore)) {
      const isHolding = entry.work[node.name]!.declared !== null
      if (!isHolding && (await this.#isDeletePaused(entry))) continue
      found.push(entry)
      records += entry.records
      if (!isSwept(node.kind) || found.length >= entriesMax || records >= recordsMax) break
    }
    return found
  }

  /** Whether a person has paused it: nobody waits for it then. Of an entry whose text is not at hand nobody knows. */
  isResting(entry: DeleteEntry): boolean {
    const text = this.#context.deletes.peek(entry)
    return text !== undefined && idsOfRecords(text.records).some(this.#hooks.isDeletePaused)
  }

  async #isDeletePaused(entry: DeleteEntry): Promise<boolean> {
    return (await idsOfEntry(this.#context, entry)).some(this.#hooks.isDeletePaused)
  }

  /** Objects wait for more deletes, unless none can come. */
  #isGathered({ name, kind, sink }: PlannedSink): boolean {
    const { parts, target, ledger } = this.#context
    if (kind !== 'objects' || areLanesAt(ledger.doc, target)) return true
    const nowMs = parts.clock.nowMs()
    // A clock that was set back must not make it wait longer.
    const sinceMs = Math.min(this.#gatheredMs.get(name) ?? nowMs, nowMs)
    this.#gatheredMs.set(name, sinceMs)
    const restMs = sinceMs + parts.knob('delete.rewriteMs', sink.knobs) - nowMs
    if (restMs <= 0) return true
    if (!this.#timed.has(name)) void this.#pokeAfter(name, restMs)
    return false
  }

  /** The knob may have been raised by then: whoever looks says how long the rest is. */
  async #pokeAfter(sink: string, ms: number): Promise<void> {
    const { parts, signal } = this.#context
    this.#timed.add(sink)
    await parts.clock.sleep(ms, signal)
    this.#timed.delete(sink)
    this.poke()
  }

  /** Lets sinks work. All are free again together, but for those that `work` names: they free themselves. */
  #run(steps: readonly Step[], work: () => Promise<ReadonlySet<string>>): void {
    const sinks = new Set(steps.map(({ node }) => node.name))
    for (const sink of sinks) this.#busy.add(sink)
    work().then(
      (late) => this.#free(sinks.difference(late)),
      (error: unknown) => {
        for (const sink of sinks) this.#fail(sink, error)
        this.#free(sinks)
      },
    )
  }

  #free(sinks: Iterable<string>): void {
    for (const sink of sinks) this.#busy.delete(sink)
    this.poke()
  }

  #fail(sink: string, error: unknown): void {
    this.#stopped.add(sink)
    if (!(error instanceof Abandoned)) this.#hooks.failed(sink, error)
  }

  /** Starts and ends of work, in one compare-and-set. */
  async #takeTurns(turns: readonly { readonly entry: DeleteEntry; readonly node: PlannedSink }[]): Promise<void> {
    const { ledger } = this.#context
    const proposals = await Promise.all(
      turns.map(({ entry, node: { name } }) =>
        entry.work[name]!.state === 'waiting'
          ? startDelete(this.#context, entry, name)
          : ({ kind: 'finishDelete', entry: entry.n, sink: name } as const),
      ),
    )
    const verdicts = await Promise.all(proposals.map((one) => ledger.propose(one)))
    for (const [index, { entry, node }] of turns.entries()) {
      const isDone = proposals[index]!.kind === 'finishDelete' && verdicts[index]!.kind === 'applied'
      if (isDone) reportDelete(this.#context, entry, node.name)
    }
  }

  /** One pass for sinks that stand at the same place; gives those that are not ready yet when the others go on. */
  async #epoch(place: EpochPlace, nodes: readonly PlannedSink[]): Promise<ReadonlySet<string>> {
    const { parts, signal } = this.#context
    // A store that fails while it is read ends the reading, which begins again.
    const epoch = await persist(parts, 'delete', signal, () => this.#begin(place, nodes))
    if (epoch === undefined) return new Set()
    const late = new Set(epoch.sinks)
    let isOver = false
    const conclude = async (sink: string): Promise<void> => {
      await epoch.conclude(sink).catch((error: unknown) => this.#fail(sink, error))
      late.delete(sink)
      if (isOver) this.#free([sink])
    }
    await this.#patiently(Promise.all(epoch.sinks.map(conclude)))
    isOver = true
    return late
  }

  async #begin(place: EpochPlace, nodes: readonly PlannedSink[]): Promise<DeleteEpoch | undefined> {
    const epoch = DeleteEpoch.begin(this.#parts, place, nodes)
    return (await epoch?.read()) === true ? epoch : undefined
  }

  async #sweep(node: PlannedSink, entries: readonly number[]): Promise<ReadonlySet<string>> {
    const { parts, signal } = this.#context
    await persist(parts, `delete on ${node.name}`, signal, () => sweepDeletes(this.#parts, node, entries))
    return nobody()
  }

  async #patiently(work: Promise<unknown>): Promise<void> {
    const end = new AbortController()
    const done = work.then(() => end.abort())
    await Promise.race([done, this.#context.parts.clock.sleep(patienceMs, end.signal)])
  }
}
