/**
 * Runs the bolts of a topology's file for an audit: what a sink was given of some events, and what bolts hold back as
 * duplicates. Nothing is written: what was accepted before stands in the store, what was not is remembered here.
 */

import { runBolts } from './engine/run-bolts.ts'
import { AcceptedTokens, type TokenParts } from './engine/shell/accepted-tokens.ts'
import { duplicatesBySink } from './engine/shell/duplicates-by-sink.ts'
import type { EventBatch } from './model/decoder.ts'
import type { SpoutPlan } from './model/spout-plan.ts'
import type { Tuples } from './model/tuples.ts'
import { tuplesOf } from './spouts/decode/tuples-of.ts'

export class AuditBolts {
  /** Sinks, with the bolt: it threw on events that were applied. */
  readonly unsteady = new Set<string>()
  readonly #plan: SpoutPlan
  readonly #tokens: AcceptedTokens
  /** Each is asked once a batch. */
  #known: { readonly events: EventBatch; readonly bySink: Map<string, readonly number[]> } | undefined

  constructor(plan: SpoutPlan, partition: number, parts: TokenParts, signal: AbortSignal) {
    const { rows: store } = parts.resources
    const rows: TokenParts['resources']['rows'] = {
      read: (table, keys) => store.read(table, keys),
      write: async () => undefined,
    }
    const place = { topology: plan.topology, spout: plan.spout.name, partition }
    this.#plan = plan
    this.#tokens = new AcceptedTokens({ ...parts, resources: { rows } }, place, signal)
  }

  /** Indices, ascending. */
  async heldBack(sink: string, events: EventBatch): Promise<readonly number[]> {
    if (this.#known?.events !== events) this.#known = { events, bySink: new Map() }
    const { bySink } = this.#known
    const known = bySink.get(sink)
    if (known !== undefined) return known
    const found = await duplicatesBySink({ plan: this.#plan, tokens: this.#tokens }, [sink], events)
    const held = found.get(sink) ?? []
    bySink.set(sink, held)
    return held
  }

  /** What the sink is given. `isSure`: it took these events, so no bolt threw on them. */
  async behind(sink: string, events: EventBatch, isSure: boolean): Promise<readonly Tuples[]> {
    const { bySink, failures } = await this.#run(sink, events)
    if (failures.length === 0) return bySink.get(sink) ?? []
    if (isSure) for (const { bolt } of failures) this.unsteady.add(`${bolt} above ${sink}`)
    const one: Tuples[] = []
    for (let index = 0; index < events.length; index++)
      one.push(...((await this.#run(sink, events.select([index]))).bySink.get(sink) ?? []))
    return one
  }

  #run(sink: string, events: EventBatch): ReturnType<typeof runBolts> {
    return runBolts(this.#plan, new Set([sink]), events, tuplesOf)
  }
}
