/**
 * Whether a request of a tenant may be taken now, fed by how late fresh data is: a pure machine for whoever stands in
 * front of the log. Below the soft lag everything is; above it replays, deletes and reads rest one after the other and
 * the largest tenants are slowed; above the hard lag every tenant is, to what the run takes.
 */
import { isShed, nothingShed, type Sheddable, type ShedKnobs, type ShedState, shedStep } from './shed-order.ts'

export type AdmissionRequest = 'write' | 'read' | 'delete' | 'replay'

export interface AdmissionAnswer {
  readonly allow: boolean
  /** When to come back, ms; 0 where it is allowed. */
  readonly retryAfterMs: number
  /** For people; empty where it is allowed and nothing is wrong. */
  readonly reason: string
}

export interface AdmissionTenant {
  readonly tenant: string
  readonly eventsPerSecond: number
  /** Of the bytes of all, 0..1. */
  readonly share: number
  readonly lagMs: number
  /** It reads apart from the others. */
  readonly isApart: boolean
}

export interface AdmissionFacts {
  /** Of fresh data, over all branches in service. */
  readonly lagMs: number
  readonly tenants: readonly AdmissionTenant[]
}

export interface AdmissionKnobs extends ShedKnobs {
  /** `admission.retryAfterMs`, `tenant.shareRatio`. */
  readonly retryAfterMs: number
  readonly shareRatio: number
}

// Below what the run takes, or the lag would stay for ever.
const drainingRatio = 0.8
// Of buckets: tenants that nobody has asked about for longest go first.
const bucketsMax = 10_000

interface Bucket {
  tokens: number
  atMs: number
}

const allowed: AdmissionAnswer = { allow: true, retryAfterMs: 0, reason: '' }

export class AdmissionGate {
  readonly #buckets = new Map<string, Bucket>()
  #state: ShedState = nothingShed
  #facts: AdmissionFacts = { lagMs: 0, tenants: [] }
  #tenants: ReadonlyMap<string, AdmissionTenant> = new Map()

  /** How many classes of work rest now, in `shedOrder`. */
  get level(): number {
    return this.#state.level
  }

  /** About once a second. Facts that nobody has any more: `undefined`, and everything is allowed. */
  update(facts: AdmissionFacts | undefined, nowMs: number, knobs: AdmissionKnobs): void {
    this.#facts = facts ?? { lagMs: 0, tenants: [] }
    this.#tenants = new Map(this.#facts.tenants.map((one) => [one.tenant, one]))
    this.#state = facts === undefined ? nothingShed : shedStep(this.#state, facts.lagMs, nowMs, knobs)
  }

  check(
    tenant: string,
    request: AdmissionRequest,
    events: number,
    nowMs: number,
    knobs: AdmissionKnobs,
  ): AdmissionAnswer {
    const work: Sheddable = request === 'write' ? 'live' : request
    const { level } = this.#state
    if (request !== 'write')
      return isShed(this.#state, work) ? this.#refused(`${request}s rest`, knobs.retryAfterMs) : allowed
    const known = this.#tenants.get(tenant)
    const isOwnLag = known?.isApart === true && known.lagMs >= knobs.hardLagMs
    const rate = isOwnLag ? known.eventsPerSecond * drainingRatio : this.#rateOf(known, level, knobs)
    if (rate === undefined) return allowed
    const most = Math.max(1, rate)
    const bucket = this.#bucketOf(tenant, most, nowMs)
    if (bucket.tokens >= 1) {
      bucket.tokens -= events
      return allowed
    }
    const whose = isOwnLag ? `${tenant} is ${Math.round(known.lagMs / 1_000)} s behind` : undefined
    const restMs = Math.ceil(((1 - bucket.tokens) * 1_000) / most)
    return this.#refused(
      `${tenant} may write ${Math.round(most)} events/s now`,
      Math.max(knobs.retryAfterMs, restMs),
      whose,
    )
  }

  /** Events a second that a tenant may write; `undefined`: no limit. */
  #rateOf(known: AdmissionTenant | undefined, level: number, { shareRatio }: AdmissionKnobs): number | undefined {
    if (level === 0) return undefined
    const { tenants } = this.#facts
    const taken = tenants.reduce((sum, { eventsPerSecond }) => sum + eventsPerSecond, 0) * drainingRatio
    const isLast = isShed(this.#state, 'live')
    if (isLast) return Math.max(taken / Math.max(1, tenants.length), (known?.share ?? 0) * taken)
    // Before that only who is too large is slowed, to the share that it may have.
    const isApart = known?.isApart === true && isShed(this.#state, 'tenant')
    const isLarge = known !== undefined && tenants.length > 1 && known.share > shareRatio
    return isApart || isLarge ? taken * shareRatio : undefined
  }

  #refused(what: string, retryAfterMs: number, whose?: string): AdmissionAnswer {
    const why = whose ?? `fresh data is ${Math.round(this.#facts.lagMs / 1_000)} s behind`
    return { allow: false, retryAfterMs, reason: `${why}: ${what}` }
  }

  /** Filled up to now; one that is asked for the first time is full. What a request takes too much of is owed. */
  #bucketOf(tenant: string, rate: number, nowMs: number): Bucket {
    const bucket = this.#buckets.get(tenant) ?? { tokens: rate, atMs: nowMs }
    bucket.tokens = Math.min(rate, bucket.tokens + (Math.max(0, nowMs - bucket.atMs) * rate) / 1_000)
    bucket.atMs = nowMs
    this.#buckets.delete(tenant)
    this.#buckets.set(tenant, bucket)
    const [oldest] = this.#buckets.keys()
    if (this.#buckets.size > bucketsMax && oldest !== undefined) this.#buckets.delete(oldest)
    return bucket
  }
}
