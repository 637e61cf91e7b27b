/**
 * `admission(run)` or `admission('sqlite:...', { topology })`: a signal for whoever takes events in front of the log. It
 * says per tenant whether a request may be taken now, and when to come back, from how late fresh data is. What it says
 * costs some look-ups in memory; the lag is looked up every second beside it.
 *
 * A signal that knows nothing allows everything: ingest never waits for the state of what reads it.
 */
import { readControls } from '../sinks/rows/controls.ts'
import { readRunPositions } from '../sinks/rows/run-positions.ts'
import { KnobDesk } from './engine/knob-desk.ts'
import { systemClock, systemRandom } from './engine/shell/system-clock.ts'
import {
  type AdmissionAnswer,
  type AdmissionFacts,
  AdmissionGate,
  type AdmissionKnobs,
  type AdmissionRequest,
} from './engine/tenants/admission-gate.ts'
import type { Clock } from './model/ports/clock.ts'
import type { Random } from './model/ports/random.ts'
import type { RunHandle } from './model/run-handle.ts'
import type { RunSnapshot } from './model/run-snapshot.ts'
import { mergeSnapshots } from './observe/merge-snapshots.ts'
import type { Environment } from './resource-environment.ts'
import { openRows } from './resources.ts'
import { standingControls } from './standing-controls.ts'

export interface AdmissionOptions {
  /** Name of the topology; needed with rows. */
  readonly topology?: string
  /** Knobs of section `admission` and `tenant.shareRatio`, over those that are set live. */
  readonly knobs?: Readonly<Record<string, number>>
  readonly clock?: Clock
  readonly random?: Random
  readonly env?: Environment
}

export interface Admission {
  /** Never waits and never throws. `events`: of the request; they count against the tenant where it is slowed. */
  check(tenant: string, request?: AdmissionRequest, events?: number): AdmissionAnswer
  /** Ends the looking. */
  close(): Promise<void>
}

const lookEveryMs = 1_000
// Clients that were refused together come back one after the other.
const spread = 0.5

/** A run of this process, or the URL of the rows that a run writes, from any machine. */
export const admission = async (
  source: Pick<RunHandle, 'snapshot'> | string,
  options: AdmissionOptions = {},
): Promise<Admission> => {
  const { clock = systemClock, random = systemRandom } = options
  const looking = typeof source === 'string' ? await lookFromRows(source, options, clock) : lookAtRun(source, options)
  const gate = new AdmissionGate()
  let knobs = knobsOf(new KnobDesk(options.knobs))
  const stop = new AbortController()
  const look = async (): Promise<void> => {
    const seen = await looking.look().catch(() => undefined)
    if (seen !== undefined) knobs = seen.knobs
    gate.update(seen?.facts, clock.nowMs(), knobs)
  }
  await look()
  const ended = (async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await clock.sleep(lookEveryMs, stop.signal)
      if (!stop.signal.aborted) await look()
    }
  })()
  return {
    check: (tenant, request = 'write', events = 1) => {
      const answer = gate.check(tenant, request, events, clock.nowMs(), knobs)
      if (answer.allow) return answer
      return { ...answer, retryAfterMs: Math.round(answer.retryAfterMs * (1 + spread * random.next())) }
    },
    close: async () => {
      stop.abort()
      await ended
      await looking.close()
    },
  }
}

interface Seen {
  readonly facts: AdmissionFacts | undefined
  readonly knobs: AdmissionKnobs
}

interface Looking {
  look(): Promise<Seen>
  close(): Promise<void>
}

const lookAtRun = (run: Pick<RunHandle, 'snapshot'>, { knobs }: AdmissionOptions): Looking => ({
  look: async () => {
    const snapshot = run.snapshot()
    return { facts: factsOf(snapshot), knobs: knobsOf(deskWith(snapshot, knobs)) }
  },
  close: async () => undefined,
})

const lookFromRows = async (url: string, options: AdmissionOptions, clock: Clock): Promise<Looking> => {
  const { topology } = options
  if (topology === undefined) throw new TypeError('admission needs the name of the topology beside the URL of its rows')
  const opened = await openRows(url, 'read', options.env === undefined ? {} : { env: options.env })
  return {
    look: async () => {
      const nowMs = clock.nowMs()
      const { snapshots } = await readRunPositions(opened.rows, topology, nowMs)
      const { pins } = standingControls(await readControls(opened.rows, topology, 'knob'), nowMs)
      const merged = mergeSnapshots(snapshots)
      return { facts: factsOf(merged), knobs: knobsOf(deskWith({ pins }, options.knobs)) }
    },
    close: () => opened.close(),
  }
}

/** Only live lanes tell how late fresh data is; a tenant that reads apart has a lag of its own. */
const factsOf = (snapshot: RunSnapshot | undefined): AdmissionFacts | undefined => {
  if (snapshot === undefined) return undefined
  const resting = new Set(snapshot.branches.filter(({ state }) => state === 'paused').map(({ branch }) => branch))
  const live = snapshot.lag.filter(({ laneClass, branch }) => laneClass === 'live' && !resting.has(branch))
  return {
    lagMs: Math.max(0, ...live.map(({ lagMs }) => lagMs)),
    tenants: snapshot.tenants.map((one) => ({ ...one, isApart: one.place !== 'live' })),
  }
}

const deskWith = (
  snapshot: Pick<RunSnapshot, 'pins'> | undefined,
  knobs: Readonly<Record<string, number>> | undefined,
): KnobDesk => {
  const desk = new KnobDesk(knobs)
  for (const pin of snapshot?.pins ?? []) {
    try {
      desk.pin(pin)
    } catch {
      // It does not fit with what this program has set, which holds here.
    }
  }
  return desk
}

const knobsOf = (desk: KnobDesk): AdmissionKnobs => ({
  softLagMs: desk.value('admission.softLagMs'),
  hardLagMs: desk.value('admission.hardLagMs'),
  retryAfterMs: desk.value('admission.retryAfterMs'),
  shareRatio: desk.value('tenant.shareRatio'),
})
