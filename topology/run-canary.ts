/** The canary of a run: marks from its lanes, looks in its stores, one at a time and never waited for. */
import { lookForRecord } from './look-for-record.ts'
import type { Decoder } from './model/decoder.ts'
import type { Clock } from './model/ports/clock.ts'
import type { LaneStatus, Resources } from './model/run-handle.ts'
import type { RunSnapshot } from './model/run-snapshot.ts'
import type { SinkKind } from './model/sink.ts'
import { Canary, type CanaryBranch, type CanaryMark } from './observe/canary.ts'
import { closeMsOf } from './observe/close-bound.ts'
import type { CanaryAge } from './observe/surroundings.ts'
import type { FollowedRun } from './open-lookout.ts'
import { createDecoder } from './spouts/decode/create-decoder.ts'

export type CanaryStores = Pick<Resources, 'rows' | 'objects'>

type Desk = FollowedRun['engine']['partitions'][number]

const nothingWanted = { paths: [], shapes: false }

export class RunCanary {
  readonly #run: FollowedRun
  readonly #clock: Clock
  readonly #stores: CanaryStores
  readonly #canary = new Canary()
  readonly #decoders = new Map<string, Decoder>()
  #looking: Promise<void> | undefined

  constructor(run: FollowedRun, stores: CanaryStores, clock: Clock) {
    this.#run = run
    this.#stores = stores
    this.#clock = clock
  }

  ages(snapshot: RunSnapshot): readonly CanaryAge[] {
    const { lanes } = this.#run.status()
    const branches = this.#branches(snapshot)
    this.#canary.see(lanes, branches, snapshot.atMs, this.#run.knobs.value('canary.everyMs'))
    const wanted = this.#canary.wanted(branches)
    if (wanted.length > 0)
      this.#looking ??= this.#look(wanted, lanes).finally(() => {
        this.#looking = undefined
      })
    return this.#canary.ages(branches, snapshot.atMs)
  }

  /** Replays are behind by intent, and what a person has paused or what has failed is told as that. */
  #branches({ branches, lag }: RunSnapshot): readonly CanaryBranch[] {
    const knob = (name: string): number => this.#run.knobs.value(name)
    return branches
      .filter(({ state, namespace }) => namespace === null && state !== 'paused' && state !== 'failed')
      .map(({ branch, kind }) => ({
        branch,
        closeMs: closeMsOf({ branch, kind }, lag, knob),
        isSearchable: isKept(kind) && this.#run.engine.partitions.every((desk) => isSearchable(desk, branch)),
      }))
  }

  async #look(marks: readonly CanaryMark[], lanes: readonly LaneStatus[]): Promise<void> {
    for (const mark of marks) {
      const desk = this.#deskOf(mark)
      if (desk === undefined) continue
      try {
        const isLeftOut = (project: string): boolean => isOmitted(desk, mark, project, lanes)
        const kind = desk.doc.sinks[mark.branch]?.kind === 'objects' ? 'objects' : 'events'
        const { topology } = desk.plan
        const from = { log: desk.log, decoder: this.#decoderOf(desk), isLeftOut }
        this.#canary.found(mark, await lookForRecord({ topology, kind, ...this.#stores, ...from }, mark))
      } catch {
        // A store that does not answer is told as that; the mark stays and is looked for again.
        await this.#clock.sleep(1_000)
      }
    }
  }

  #deskOf({ spout, partition }: CanaryMark): Desk | undefined {
    return this.#run.engine.partitions.find((desk) => desk.plan.spout.name === spout && desk.partition === partition)
  }

  #decoderOf({ plan, log }: Desk): Decoder {
    const { name, options } = plan.spout
    const known = this.#decoders.get(name)
    const decoder = known ?? createDecoder({ spout: options, topic: log.topic, wanted: nothingWanted })
    this.#decoders.set(name, decoder)
    return decoder
  }
}

/** What keeps events whole can be asked for one; of rollups and of users' sinks nobody knows what it leaves there. */
const isKept = (kind: SinkKind): boolean => kind === 'events' || kind === 'objects'

/** Every event of the spout must be there: no bolt in between, and a decoder that needs nothing but the record. */
const isSearchable = ({ plan }: Desk, branch: string): boolean => {
  const sink = plan.sinks.find(({ name }) => name === branch)
  if (sink === undefined) return true
  const isDirect = sink.chain.length === 0 && sink.dedupes.length === 0 && sink.feeds.join() === plan.spout.name
  return isDirect && plan.spout.options.format !== 'avro'
}

/** A record may rightly be missing: it is a dead letter, a delete was listed before it was applied, or its tenant is read apart. */
const isOmitted = ({ doc }: Desk, mark: CanaryMark, project: string, lanes: readonly LaneStatus[]): boolean => {
  const { branch, spout, partition, offset } = mark
  if (doc.deletes.length > 0) return true
  if ((doc.deadLetters[branch] ?? []).some(([from, to]) => from <= offset && offset < to)) return true
  return lanes.some(
    ({ sink, tenants, ...lane }) =>
      sink === branch &&
      lane.spout === spout &&
      lane.partition === partition &&
      tenants.kind === 'only' &&
      tenants.names.includes(project) &&
      lane.at <= offset,
  )
}
