/** What a topology has written in a test, read through the same readers that users have. */

import { definitionOf } from '../../operators/rollup/rollup.ts'
import { groupValuesOf } from '../../operators/rollup/rollup-key.ts'
import { wholeRows } from '../../operators/rollup/whole-rows.ts'
import { decodeObject } from '../../sinks/objects/object-formats.ts'
import { type DeadLetter, listDeadLetters } from '../../sinks/rows/dead-letters.ts'
import { readEvents } from '../../sinks/rows/read-events.ts'
import { readState } from '../../sinks/rows/read-state.ts'
import { planSpout } from '../declare/plan-spout.ts'
import type { JsonObject } from '../model/json.ts'
import type { LedgerDocument } from '../model/ledger-document.ts'
import { namespacedSink, namespaceOf } from '../model/namespace.ts'
import type { StateOperator } from '../model/operator.ts'
import type { Cell } from '../model/ports/row-store.ts'
import type { Resources } from '../model/run-handle.ts'
import type { Topology } from '../model/topology.ts'

export class TestResult {
  readonly resources: Resources
  /** Writing calls that the runs made. */
  readonly effects: number
  readonly #topology: Topology

  constructor(topology: Topology, resources: Resources, effects: number) {
    this.#topology = topology
    this.resources = resources
    this.effects = effects
  }

  /**
   * Rows of a `tableRows` sink, shards added up: one object per key, by column name. The fragments of a rollup's row are
   * one, its edges of groups none. What a rollup groups by has its JSON value, as a query gives it; the column in the
   * store is text. `namespace`, here and below: that of a replay.
   */
  async rows(base: string, namespace?: string): Promise<readonly Readonly<Record<string, Cell>>[]> {
    const operator = this.#operatorOf(base)
    const sink = namespacedSink(base, namespace)
    const { partition, cluster, columns } = operator.table
    const names = [...partition, ...cluster, ...columns].map((column) => column.name)
    const by = definitionOf(operator)?.by ?? []
    const found: Record<string, Cell>[] = []
    const states = readState({ rows: this.resources.rows, sink, operator })
    for await (const { key, cells } of wholeRows(operator, states)) {
      const row: Record<string, Cell> = Object.fromEntries(
        names.map((name, index) => [name, [...key, ...cells][index] ?? null]),
      )
      const groups = by.length === 0 ? [] : groupValuesOf(key)
      for (const [index, { column }] of by.entries()) row[column] = groups[index] ?? null
      found.push(row)
    }
    return found.sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1))
  }

  /** Encoded state per key, shards added up: what must be equal to the last bit. */
  async states(base: string, namespace?: string): Promise<Readonly<Record<string, string>>> {
    const operator = this.#operatorOf(base)
    const sink = namespacedSink(base, namespace)
    const found: Record<string, string> = {}
    for await (const { key, state } of readState({ rows: this.resources.rows, sink, operator }))
      found[JSON.stringify(key)] = operator.encode(state)
    return found
  }

  /** Events of an `eventRows` sink, by event time. */
  async events(base: string, collection: string, project?: string, namespace?: string): Promise<readonly JsonObject[]> {
    const query = { rows: this.resources.rows, sink: namespacedSink(base, namespace), collection, project }
    return Array.fromAsync(readEvents(query))
  }

  /** Lines of all objects of the store, by key; those of replays only where one is named. */
  async objects(namespace?: string): Promise<Readonly<Record<string, readonly JsonObject[]>>> {
    const found: Record<string, readonly JsonObject[]> = {}
    for await (const { key } of this.resources.objects.list('')) {
      const stored = await this.resources.objects.read(key)
      if (namespaceOf(stored!.metadata['sink'] ?? '') === namespace) found[key] = await linesOf(key, stored!.bytes)
    }
    return found
  }

  deadLetters(): Promise<readonly DeadLetter[]> {
    return Array.fromAsync(listDeadLetters(this.resources.rows, this.#topology.name))
  }

  /** Ledger documents by `spout/partition`. */
  async ledger(): Promise<Readonly<Record<string, LedgerDocument>>> {
    const found: Record<string, LedgerDocument> = {}
    for (const key of await this.resources.ledger.keys(this.#topology.name)) {
      const doc = await this.resources.ledger.read(key)
      if (doc !== undefined) found[`${key.spout}/${key.partition}`] = doc
    }
    return found
  }

  #operatorOf(sink: string): StateOperator {
    for (const spout of this.#topology.spouts) {
      const operator = planSpout(this.#topology, spout.name).sinks.find((one) => one.name === sink)?.operator
      if (operator !== undefined) return operator
    }
    throw new Error(`sink ${sink} keeps no state rows`)
  }
}

const linesOf = async (key: string, bytes: Uint8Array): Promise<readonly JsonObject[]> => {
  const text = new TextDecoder().decode(await decodeObject(key, bytes))
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): JsonObject => JSON.parse(line))
}
