/**
 * A pipeline as a fluid, a second at a time: fresh data and a backlog share CPU, a store, a broker and memory, and each of
 * these gets worse the more is asked of it. Only knobs of the desk decide how they share. Lanes are not probed here, so
 * that the controller has to hold alone.
 */
import type { KnobDesk } from '../../../topology/engine/knob-desk.ts'
import type { DependencyLine, LagLine, RunSnapshot } from '../../../topology/model/run-snapshot.ts'
import { fluidSnapshot } from './fluid-snapshot.ts'

/** What a day brings, by second. */
export interface FluidDay {
  readonly freshPerSecond: (second: number) => number
  /** A spike that is diverted at once: it waits beside the fresh data. */
  readonly spikePerSecond: (second: number) => number
  /** Share of its usual strength. */
  readonly storeShare: (second: number) => number
  readonly brokerShare: (second: number) => number
  readonly backlogAtStart: number
  readonly budgetBytes: number
}

const eventBytes = 1_000
const partitions = 4
const cpuMsPerSecond = 2_000
const storeWritesPerSecond = 40_000
const storeLatencyMs = 5
const brokerBytesPerSecond = 60_000_000
const brokerLatencyMs = 8
const slowStoreMs = 60
// What users are promised for fresh data.
const freshTargetMs = 10_000
// Above it producers give up.
const produceMs = 500

interface Portion {
  readonly sinceMs: number
  events: number
}

class Queue {
  readonly #portions: Portion[] = []
  events = 0

  put(sinceMs: number, events: number): void {
    if (events <= 0) return
    this.#portions.push({ sinceMs, events })
    this.events += events
  }

  take(wanted: number): void {
    let rest = Math.min(wanted, this.events)
    this.events -= rest
    while (rest > 0 && this.#portions[0] !== undefined) {
      const taken = Math.min(rest, this.#portions[0].events)
      this.#portions[0].events -= taken
      rest -= taken
      if (this.#portions[0].events <= 1e-6) this.#portions.shift()
    }
    if (this.events < 1e-6) this.events = 0
  }

  ageMs(nowMs: number): number {
    return this.#portions[0] === undefined ? 0 : nowMs - this.#portions[0].sinceMs
  }
}

export class FluidPipeline {
  readonly #desk: KnobDesk
  readonly #day: FluidDay
  readonly #fresh = new Queue()
  readonly #backlog = new Queue()
  readonly #speed = { store: storeLatencyMs, broker: brokerLatencyMs }
  heldBytes = 0
  isLate = false

  constructor(desk: KnobDesk, day: FluidDay) {
    this.#desk = desk
    this.#day = day
    const hours = 12
    for (let hour = 0; hour < hours; hour++) this.#backlog.put((hour - hours) * 3_600_000, day.backlogAtStart / hours)
  }

  get backlog(): number {
    return this.#backlog.events
  }

  step(second: number): void {
    const nowMs = second * 1_000
    this.#fresh.put(nowMs, this.#day.freshPerSecond(second))
    this.#backlog.put(nowMs, this.#day.spikePerSecond(second))
    const { fresh, backlog } = this.#shares(second)
    this.#fresh.take(fresh)
    this.#backlog.take(backlog)
    this.isLate = this.#fresh.ageMs(nowMs) > freshTargetMs || this.#speed.broker > produceMs
  }

  snapshot(second: number): RunSnapshot {
    const nowMs = second * 1_000
    const lane = (
      laneClass: LagLine['laneClass'],
      queue: Queue,
    ): Pick<LagLine, 'laneClass' | 'lagEvents' | 'lagMs'> => ({
      laneClass,
      lagEvents: Math.round(queue.events),
      lagMs: queue.events > 0 ? queue.ageMs(nowMs) : 0,
    })
    const { store, broker } = this.#speed
    const state: DependencyLine['state'] = store > slowStoreMs ? 'slow' : 'ok'
    return fluidSnapshot({
      atMs: nowMs,
      lanes: [lane('live', this.#fresh), lane('backlog', this.#backlog)],
      dependencies: [
        { kind: 'rows', name: 'rows', state, latencyMs: store, reason: state === 'ok' ? '' : 'slow', impact: [] },
        { kind: 'log', name: 'log', state: 'ok', latencyMs: broker, reason: '', impact: [] },
      ],
      heldBytes: this.heldBytes,
      budgetBytes: this.#day.budgetBytes,
    })
  }

  /** What each takes in this second, after CPU, memory, broker and store have had their say. */
  #shares(second: number): { readonly fresh: number; readonly backlog: number } {
    const wantsBacklog = this.#backlog.events > 0
    const lanes = wantsBacklog ? this.#lanes() : 0
    const isChoked = this.#isChoked(lanes)
    const reserve = this.#knob('live.reserveRatio') * cpuMsPerSecond
    const freshCost = 0.1 + 10 / this.#desk.value('batch.records', undefined, 'live')
    const freshCpu = Math.min(this.#fresh.events * freshCost, wantsBacklog ? reserve : cpuMsPerSecond)
    const choke = isChoked ? 0.1 : 1
    const fresh = (freshCpu / freshCost) * choke
    const backlog = wantsBacklog ? this.#backlogWanted(cpuMsPerSecond - freshCpu, lanes) * choke : 0
    return this.#throughStores(second, fresh, backlog)
  }

  #lanes(): number {
    const fixed = this.#knob('backlog.activeLanes')
    return fixed > 0 ? fixed : partitions * this.#knob('catchUp.perPartitionRanges')
  }

  /** Open epochs of all lanes; above the budget everything waits for something to be written. */
  #isChoked(lanes: number): boolean {
    const perLane = Math.min(this.#knob('epoch.bytes'), (this.#backlog.events * eventBytes) / Math.max(1, lanes))
    this.heldBytes = Math.min(this.#day.budgetBytes, lanes * perLane + 8_000_000)
    return this.heldBytes >= this.#day.budgetBytes
  }

  #backlogWanted(cpuMs: number, lanes: number): number {
    // Fixed costs of a batch, a fetch and a commit are shared by what they hold.
    const cost =
      0.08 +
      10 / this.#desk.value('batch.records', undefined, 'backlog') +
      20_000 / this.#knob('fetch.partitionBytes') +
      500_000 / this.#knob('epoch.bytes')
    const perSecond = this.#knob('backlog.recordsPerSecond') || Number.POSITIVE_INFINITY
    const bytesPerSecond = this.#knob('fetch.backlogBytesPerSecond') || Number.POSITIVE_INFINITY
    // One lane waits for its answers; many keep the rest busy.
    const byLanes = lanes * 1_500
    return Math.min(cpuMs / cost, perSecond, bytesPerSecond / eventBytes, byLanes, this.#backlog.events)
  }

  /** Beyond what store and broker can do, both get their part of what was asked, and wait for it. */
  #throughStores(second: number, fresh: number, backlog: number): { readonly fresh: number; readonly backlog: number } {
    const asked = fresh + backlog
    const store = (asked + 1) / (storeWritesPerSecond * this.#day.storeShare(second))
    const broker = ((asked + 1) * eventBytes) / (brokerBytesPerSecond * this.#day.brokerShare(second))
    this.#speed.store = storeLatencyMs / Math.max(0.01, 1 - store)
    this.#speed.broker = brokerLatencyMs / Math.max(0.01, 1 - broker)
    const through = Math.min(1, 1 / store, 1 / broker)
    // Under attack it does less than it could.
    const contended = Math.max(store, broker) > 1 ? through * 0.8 : through
    return { fresh: fresh * contended, backlog: backlog * contended }
  }

  #knob(name: string): number {
    return this.#desk.value(name, undefined, 'backlog')
  }
}
