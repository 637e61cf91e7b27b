/** A batch processor over a log in memory, with the ledger writer, decoder and plan that a run would give it. */

import { planSpout } from '../../../topology/declare/plan-spout.ts'
import { BatchProcessor } from '../../../topology/engine/shell/batch-processor.ts'
import { DeleteTexts } from '../../../topology/engine/shell/delete-texts.ts'
import type { DeadLetter, EngineParts } from '../../../topology/engine/shell/engine-parts.ts'
import type { Share } from '../../../topology/engine/shell/lane-epoch.ts'
import { LedgerWriter } from '../../../topology/engine/shell/ledger-writer.ts'
import { ListDeletes } from '../../../topology/engine/shell/list-deletes.ts'
import type { PartitionContext } from '../../../topology/engine/shell/partition-context.ts'
import { knobValue } from '../../../topology/model/knobs.ts'
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'
import { offset, partition } from '../../../topology/model/position.ts'
import type { RecordBatch } from '../../../topology/model/record.ts'
import type { Topology } from '../../../topology/model/topology.ts'
import { createDecoder } from '../../../topology/spouts/decode/create-decoder.ts'
import { tuplesOf } from '../../../topology/spouts/decode/tuples-of.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'
import { GivenPorts } from '../given-ports.ts'
import { key } from './given-ledger.ts'

export class GivenProcessor {
  readonly ports = new GivenPorts()
  readonly letters: DeadLetter[] = []
  readonly #topology: Topology
  #processor: BatchProcessor | undefined

  constructor(topology: Topology) {
    this.#topology = topology
  }

  /** `doc`: the ledger as an earlier owner has left it. */
  async open(doc: LedgerDocument): Promise<void> {
    const { clock, log, resources } = this.ports
    const { signal } = new AbortController()
    await resources.ledger.compareAndSet(key, undefined, { ...doc, ver: 1 })
    const plan = planSpout(this.#topology, 'events')
    const parts = {
      clock,
      resources,
      tuplesOf,
      random: seededRandom(1),
      knob: (name: string) => knobValue(name),
      report: () => undefined,
      deadLetters: async (letters: readonly DeadLetter[]) => void this.letters.push(...letters),
      decoderFor: () => createDecoder({ spout: plan.spout.options, topic: log.topic, wanted: plan.wanted }),
    } as unknown as EngineParts // the processor takes no other part
    const ledger = new LedgerWriter(parts, key, { ...doc, ver: 1 }, signal, () => undefined)
    const deletes = new DeleteTexts(parts, key, signal)
    const listing = new ListDeletes(parts, signal, ledger, deletes, undefined)
    const place = { parts, plan, log, ledger, deletes, listing, signal, partition: partition(0), eventStore: undefined }
    const context = { ...place, noteDeadLetter: () => undefined } as unknown as PartitionContext // as above
    this.#processor = new BatchProcessor(context)
  }

  read(from: number, maxBytes = 10_000_000): Promise<RecordBatch> {
    return this.ports.log.fetch(partition(0), offset(from), { maxBytes, waitMs: 0 })
  }

  process(batch: RecordBatch, sinks: readonly string[]): Promise<ReadonlyMap<string, Share>> {
    return this.ports.drive(this.#processor!.process(batch, { kind: 'all' }, sinks, false))
  }
}
