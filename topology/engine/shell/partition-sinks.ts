/**
 * The sinks that a run serves in one partition, each with its tables and its open writer: the declared ones, and the
 * replays that stand in the ledger document, also those that another process adds while the run goes on.
 */
import type { LedgerDocument } from '../../model/ledger-document.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import type { LedgerKey } from '../../model/ports/ledger.ts'
import type { SinkWriter } from '../../model/sink.ts'
import type { PlannedSink, SpoutPlan } from '../../model/spout-plan.ts'
import { withReplays } from '../replay-plan.ts'
import type { EngineParts } from './engine-parts.ts'
import { Abandoned, persist } from './persist.ts'

export interface AdoptionHooks {
  readonly adopted: (node: PlannedSink) => void
  /** An error of class `stop`; the sink is not tried again. */
  readonly failed: (sink: string, error: unknown) => void
}

export class PartitionSinks {
  readonly writers: Map<string, SinkWriter> = new Map()
  readonly #parts: EngineParts
  readonly #signal: AbortSignal
  readonly #declared: SpoutPlan
  readonly #key: LedgerKey
  readonly #given = new Set<string>()
  #plan: SpoutPlan
  #isAdopting = false

  private constructor(parts: EngineParts, signal: AbortSignal, declared: SpoutPlan, key: LedgerKey) {
    this.#parts = parts
    this.#signal = signal
    this.#declared = declared
    this.#key = key
    this.#plan = { ...declared, sinks: [] }
  }

  /** Opens the declared sinks: fresh events do not wait for tables of a replay, which is adopted beside. */
  static async open(
    parts: EngineParts,
    signal: AbortSignal,
    declared: SpoutPlan,
    key: LedgerKey,
    doc: LedgerDocument,
  ): Promise<PartitionSinks> {
    const sinks = new PartitionSinks(parts, signal, declared, key)
    const { sinks: served, eventStore } = withReplays(declared, doc)
    if (eventStore !== undefined) sinks.#plan = { ...sinks.#plan, eventStore }
    for (const node of served) if (node.replay === undefined) await sinks.#serve(node)
    return sinks
  }

  /** What is served: a sink stands in it when its writer is open. */
  get plan(): SpoutPlan {
    return this.#plan
  }

  /** Declared, and what is served beside it, whatever the document holds by then. */
  plannedBy(doc: LedgerDocument): readonly PlannedSink[] {
    return withReplays(this.#declared, doc).sinks
  }

  /** Opens, one after the other, what the document has come to hold. A call while another one is at work does nothing. */
  adopt(docOf: () => LedgerDocument, hooks: AdoptionHooks): void {
    if (this.#isAdopting || this.#missing(docOf()) === undefined) return
    this.#isAdopting = true
    void this.#adoptAll(docOf, hooks).finally(() => {
      this.#isAdopting = false
    })
  }

  async close(): Promise<void> {
    await Promise.all([...this.writers.values()].map((writer) => writer.close()))
  }

  #missing(doc: LedgerDocument): PlannedSink | undefined {
    return this.plannedBy(doc).find(({ name }) => !this.writers.has(name) && !this.#given.has(name))
  }

  async #adoptAll(docOf: () => LedgerDocument, hooks: AdoptionHooks): Promise<void> {
    for (let node = this.#missing(docOf()); node !== undefined; node = this.#missing(docOf())) {
      // Asked for once: what cannot be opened now cannot be opened later either.
      this.#given.add(node.name)
      try {
        await this.#serve(node)
      } catch (error) {
        if (error instanceof Abandoned) return
        hooks.failed(node.name, error)
        continue
      }
      if (this.#signal.aborted) return this.writers.get(node.name)?.close()
      hooks.adopted(node)
    }
  }

  async #serve(node: PlannedSink): Promise<void> {
    const { name, operator, sink: declared } = node
    const { clock, spillFolder, disk, resources } = this.#parts
    const { rows, objects } = resources
    // The run has made those of the declared sinks before it opened any partition.
    for (const table of node.replay === undefined ? [] : declared.tables(name, operator))
      await persist(this.#parts, 'rows', this.#signal, () => rows.ensureTable(table))
    const { topology, spout, partition } = this.#key
    const log = (resources.logs[spout] ?? resources.logs['default'])!
    const knob = (one: string): number => this.#parts.knob(one, declared.knobs)
    const sink = plantedFaults.has('replay-without-namespace') ? (node.replay?.of ?? name) : name
    const place = { topology, sink, spout, partition }
    const ports = { rows, objects, log, clock, spillFolder, disk }
    this.writers.set(name, await declared.open({ ...place, ...ports, operator, knob }))
    this.#plan = { ...this.#plan, sinks: [...this.#plan.sinks, node] }
  }
}
