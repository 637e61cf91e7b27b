/**
 * One batch of records on its way from bytes to the shares of several lanes: decode, list deletes, keep rejects, leave
 * out what the ledger says, run the bolts.
 *
 * Nothing is handed over before the decisions that it rests on stand in the ledger and its dead letters are durable (I-2).
 */
import type { DecodedBatch, Decoder, EventBatch, FoundDelete, Reject } from '../../model/decoder.ts'
import { errors } from '../../model/errors.ts'
import type { LaneClass } from '../../model/lane-permit.ts'
import type { LedgerDocument, TenantScope } from '../../model/ledger-document.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import type { RecordBatch } from '../../model/record.ts'
import { errorClassOf, messageOf } from '../../model/spillway-error.ts'
import type { Tuples } from '../../model/tuples.ts'
import type { DeleteMatcher } from '../delete-matcher.ts'
import { deadLetter } from '../ledger/lane-transitions.ts'
import type { DeleteCount, Proposal } from '../ledger/proposal.ts'
import { inScope } from '../ledger/tenant-scope.ts'
import { plannedSink, sinksBelow } from '../plan-questions.ts'
import { RejectWindow } from '../reject-window.ts'
import { type BatchResult, type BoltFailure, runBolts } from '../run-bolts.ts'
import { BatchMeter } from './batch-meter.ts'
import { condemnedBy, skipRecord } from './condemned.ts'
import { duplicatesBySink } from './duplicates-by-sink.ts'
import type { DeadLetter } from './engine-parts.ts'
import { findPoison } from './find-poison.ts'
import type { Share } from './lane-epoch.ts'
import { LanesStopped } from './lanes-stopped.ts'
import { indicesWithout, type LeftOut, leftOut, withDuplicates } from './left-out.ts'
import { makeLetter, reasonOf } from './make-letter.ts'
import type { PartitionContext } from './partition-context.ts'
import { persist } from './persist.ts'
import { prepareDecoder } from './prepare-decoder.ts'
import { settleRefusals } from './settle-refusals.ts'
import type { TenantsOfBatch } from './tenant-meter.ts'

export class BatchProcessor {
  readonly #context: PartitionContext
  readonly #decoder: Decoder
  readonly #meter: BatchMeter
  /** Of the decoder under the spout's name, of each bolt that has failed under the bolt's. */
  readonly #windows = new Map<string, { readonly window: RejectWindow; to: number; isExceeded: boolean }>()
  /** For the planted fault `dead-letter-in-memory` alone. */
  readonly #remembered: Extract<Proposal, { kind: 'deadLetter' }>[] = []

  /** `laneClass`: of the lanes that it works for now. */
  constructor(context: PartitionContext, laneClass: () => LaneClass = () => 'live') {
    this.#context = context
    this.#meter = new BatchMeter(context, laneClass)
    this.#decoder = context.parts.decoderFor(context.plan, context.log)
  }

  async decode(batch: RecordBatch, tenants: TenantScope): Promise<DecodedBatch> {
    await prepareDecoder(this.#context, this.#decoder, batch)
    const accepts = tenants.kind === 'all' ? undefined : (project: string): boolean => inScope(tenants, project)
    return this.#meter.decode(batch, () => this.#decoder.decode(batch, accepts))
  }

  /** Gives each sink its share. `isRecovery`: the range is declared, so nothing about its content may be decided any more. */
  async process(
    batch: RecordBatch,
    tenants: TenantScope,
    sinks: readonly string[],
    isRecovery: boolean,
  ): Promise<ReadonlyMap<string, Share>> {
    const decoded = await this.decode(batch, tenants)
    await this.#passOver(batch, decoded, sinks, isRecovery)
    if (decoded.deletes.length > 0 && !isRecovery) await this.#list(decoded.deletes, sinks)
    const spout = this.#context.plan.spout.name
    const cause = decoded.rejects[0]?.message ?? ''
    if (!isRecovery)
      this.#guard(spout, sinks, batch, { records: batch.records.length, rejected: decoded.rejects.length, cause })
    if (decoded.rejects.length > 0) await this.#refuse(decoded.rejects, sinks, isRecovery)
    const duplicates = await duplicatesBySink(this.#context, sinks, decoded.events)
    for (;;) {
      const doc = this.#known()
      const matcher = await this.#context.deletes.matcherOf(doc, batch.from)
      const results = await this.#runAll(decoded.events, sinks, doc, matcher, duplicates)
      const failures = results.flatMap((one) => one.result.failures.map((failure) => ({ ...one, failure })))
      if (failures.length === 0) {
        this.#noteWell(batch, decoded.events.length)
        return this.#shares(batch, decoded, results, doc, isRecovery ? undefined : this.#meter.charge(batch, decoded))
      }
      for (const one of failures) {
        const below = sinksBelow(this.#context.plan, one.failure.bolt).filter((sink) => one.sinks.includes(sink))
        await this.#reject(batch, decoded.events, one.failure, below, one.left, isRecovery).catch((error: unknown) => {
          throw errorClassOf(error, 'stop') === 'stop' ? LanesStopped.of(below, error) : error
        })
      }
    }
  }

  /** What has cost too many processes is not run again: its letter first, then the ledger says that it is skipped. */
  async #passOver(
    { records }: RecordBatch,
    { events }: DecodedBatch,
    sinks: readonly string[],
    isRecovery: boolean,
  ): Promise<void> {
    const { ledger, parts, partition } = this.#context
    const condemned = condemnedBy(ledger.doc, sinks, records, Math.max(2, parts.knob('poison.attempts')))
    if (condemned === undefined || events.length === 0) return
    const { attempts, cause } = condemned
    const [record, tenant] = [records[0]!, events.projects()[0]!]
    const place = { sink: sinks.join(', '), partition, offset: record.offset }
    if (isRecovery) throw LanesStopped.of(sinks, errors.declaredEndsWorkers({ ...place, attempts }))
    const { publicName, message } = errors.workerLost({ attempts, cause })
    const reason = { cause: publicName, message }
    await this.#keep(sinks.map((sink) => makeLetter(this.#context, record, sink, tenant, reason, attempts)))
    await skipRecord(ledger, sinks, record.offset, tenant)
  }

  /** User code: how long a call of it is open is watched by whoever would end it. */
  #run(sinks: ReadonlySet<string>, events: EventBatch): Promise<BatchResult> {
    const { marks, plan, parts } = this.#context
    const run = (): Promise<BatchResult> => runBolts(plan, sinks, events, parts.tuplesOf, this.#meter)
    return marks === undefined ? run() : marks.call(run)
  }

  /** Letters first: what the ledger skips must be there for people. */
  async #refuse(rejects: readonly Reject[], sinks: readonly string[], isRecovery: boolean): Promise<void> {
    if (isRecovery) await settleRefusals(this.#context, rejects, sinks, true)
    await this.#keep(rejects.map((reject) => makeLetter(this.#context, reject.record, '', reject.project, reject)))
    if (!isRecovery) await settleRefusals(this.#context, rejects, sinks, false)
  }

  /**
   * Deletes are listed later, with others, for a sink that can take events out of an open epoch again. One that cannot
   * would have to read the epoch anew, so it waits for them here.
   */
  async #list(found: readonly FoundDelete[], sinks: readonly string[]): Promise<void> {
    const { listing, plan } = this.#context
    await listing.gather(found)
    const isFixed = sinks.some((sink) => plannedSink(plan, sink)?.sink.subtracts === false)
    if (isFixed) await listing.list(found.map((one) => one.offset))
  }

  /** What decides about the content of an epoch: the ledger, and nothing that one owner remembers. */
  #known(): LedgerDocument {
    let { doc } = this.#context.ledger
    for (const decision of this.#remembered) {
      const next = deadLetter(doc, decision)
      if (typeof next !== 'string') doc = { ...next, rules: doc.rules }
    }
    return doc
  }

  /** Runs the bolts once for all sinks that leave out the same events. */
  async #runAll(
    events: EventBatch,
    sinks: readonly string[],
    doc: LedgerDocument,
    matcher: DeleteMatcher,
    duplicates: ReadonlyMap<string, readonly number[]>,
  ): Promise<readonly GroupResult[]> {
    const groups = new Map<string, { sinks: string[]; left: LeftOut }>()
    const drops = new Map<string, readonly DeleteCount[]>()
    for (const sink of sinks) {
      const left = withDuplicates(leftOut(doc, matcher, sink, events), duplicates.get(sink))
      const key = `${left.indices.join()}:${left.dropped}:${left.deadLettered}`
      drops.set(sink, left.counts)
      const group = groups.get(key)
      if (group === undefined) groups.set(key, { sinks: [sink], left })
      else group.sinks.push(sink)
    }
    const results: GroupResult[] = []
    for (const { sinks: wanted, left } of groups.values()) {
      const kept = left.indices.length === 0 ? events : events.select(indicesWithout(events.length, left.indices))
      const result = await this.#run(new Set(wanted), kept)
      results.push({ sinks: wanted, left, result, drops })
    }
    return results
  }

  #shares(
    batch: RecordBatch,
    decoded: DecodedBatch,
    results: readonly GroupResult[],
    doc: LedgerDocument,
    tenants: TenantsOfBatch | undefined,
  ): ReadonlyMap<string, Share> {
    const shares = new Map<string, Share>()
    const deletes = decoded.deletes.map((found) => found.offset)
    const rejected = decoded.rejects.length
    for (const { sinks, left, result, drops } of results) {
      const counters = {
        received: decoded.events.length + rejected,
        // Duplicates among them, as what a bolt filters out.
        applied: decoded.events.length - left.deadLettered - left.dropped,
        deadLettered: rejected + left.deadLettered,
        dropped: left.dropped,
      }
      for (const sink of sinks) {
        const tuples: readonly Tuples[] = result.bySink.get(sink) ?? []
        const { from, to, byteLength: bytes, leaderEpoch } = batch
        const place = {
          from,
          to,
          bytes,
          leaderEpoch,
          appendMs: batch.records.at(-1)?.appendTimeMs,
          charge: tenants?.note,
        }
        shares.set(sink, { ...place, tuples, counters, drops: drops.get(sink) ?? [], deletes, doc })
      }
    }
    return shares
  }

  /** Stops the sinks before anything is skipped, when too large a share of their last records would be dead-lettered. */
  #guard(name: string, sinks: readonly string[], batch: RecordBatch, found: Rejected): void {
    if (!this.#isExceeded(name, batch.to, found.records, found.rejected)) return
    const { counts } = this.#windows.get(name)!.window
    const place = { sink: sinks.join(', '), partition: this.#context.partition }
    throw LanesStopped.of(sinks, errors.tooManyRejects({ ...place, ...counts, cause: found.cause }))
  }

  /** Each batch counts once, however often it is tried again: another try gets the same answer. */
  #isExceeded(name: string, to: number, records: number, rejected: number): boolean {
    const noted = this.#windows.get(name) ?? { window: new RejectWindow(), to: -1, isExceeded: false }
    this.#windows.set(name, noted)
    if (to <= noted.to) return noted.isExceeded
    noted.to = to
    noted.isExceeded = noted.window.note(records, rejected, this.#context.parts.knob('deadLetter.laneRatio'))
    return noted.isExceeded
  }

  /** A bolt that has failed before is judged by the batches that it takes, too. */
  #noteWell(batch: RecordBatch, records: number): void {
    for (const name of this.#windows.keys()) this.#isExceeded(name, batch.to, records, 0)
  }

  /** A bolt failed: find the records that it fails on, keep them, and write into the ledger that these sinks skip them. */
  async #reject(
    batch: RecordBatch,
    events: EventBatch,
    failure: BoltFailure,
    below: readonly string[],
    left: LeftOut,
    isRecovery: boolean,
  ): Promise<void> {
    const errorClass = errorClassOf(failure.error, 'reject')
    if (errorClass !== 'reject') throw failure.error
    // What was declared has been processed once already: a failure now is not the record's fault.
    if (isRecovery) throw errors.boltUnsteady({ bolt: failure.bolt, reason: messageOf(failure.error) }, failure.error)
    const candidates = indicesWithout(events.length, left.indices)
    const run = (indices: readonly number[]): Promise<BatchResult> => this.#run(new Set(below), events.select(indices))
    const poison = await findPoison(candidates, failure, run)
    this.#guard(failure.bolt, below, batch, {
      records: candidates.length,
      rejected: poison.length,
      cause: messageOf(poison[0]?.error),
    })
    const byOffset = new Map(batch.records.map((record) => [record.offset, record]))
    const letters = poison.flatMap((one) => {
      const record = byOffset.get(events.offsets[one.index]!)!
      return below.map((sink) =>
        makeLetter(this.#context, record, sink, events.projects()[one.index], reasonOf(failure.bolt, one.error)),
      )
    })
    if (!plantedFaults.has('poison-without-letter')) await this.#keep(letters)
    const offsets = poison.map((one) => events.offsets[one.index]!)
    const tenants = poison.map((one) => events.projects()[one.index]!)
    const decision = { kind: 'deadLetter', sinks: below, offsets, tenants } as const
    if (plantedFaults.has('dead-letter-in-memory')) this.#remembered.push(decision)
    else await this.#context.ledger.propose(decision)
  }

  async #keep(letters: readonly DeadLetter[]): Promise<void> {
    const { parts, signal } = this.#context
    await persist(parts, 'dead letters', signal, () => parts.deadLetters(letters))
    for (const letter of letters) this.#context.noteDeadLetter(letter)
  }
}

/** What the window of a decoder or bolt is told of a batch. */
interface Rejected {
  readonly records: number
  readonly rejected: number
  readonly cause: string
}

interface GroupResult {
  readonly sinks: readonly string[]
  readonly left: LeftOut
  readonly result: BatchResult
  readonly drops: ReadonlyMap<string, readonly DeleteCount[]>
}
