/**
 * One process that runs the topology, started as a program starts one. It may die: then none of its calls is answered, and
 * it never wakes again.
 */
import type { EngineRun } from '../../../topology/engine/shell/run-engine.ts'
import { knobValue } from '../../../topology/model/knobs.ts'
import type { Clock } from '../../../topology/model/ports/clock.ts'
import type { Random } from '../../../topology/model/ports/random.ts'
import type { RunSnapshot } from '../../../topology/model/run-snapshot.ts'
import { Lookout } from '../../../topology/observe/lookout.ts'
import { startRun } from '../../../topology/start-run.ts'
import {
  type CrashableResources,
  type CrashPoint,
  crashableResources,
} from '../../../topology/testing/crashable-resources.ts'
import { aprilKnobs, aprilTopology } from './april-topology.ts'
import type { LimitedPorts } from './limited-ports.ts'

export interface ProcessPlace {
  readonly ports: LimitedPorts
  readonly clock: Clock
  readonly random: Random
  /** Nothing is ever written there. */
  readonly spillFolder: string
  readonly knobs: Readonly<Record<string, number | string>>
  readonly seen: (snapshot: RunSnapshot) => void
  /** Where it dies. Absent: nowhere. */
  readonly point?: CrashPoint
}

export interface AprilProcess {
  readonly run: EngineRun
  readonly lookout: Lookout
  readonly resources: CrashableResources
}

// Alerts wait for minutes; every second would only cost time.
const lookEveryMs = 5_000

const never = (): Promise<void> => new Promise(() => undefined)

// What a process does every second or twice a second, it does here every five seconds: it looks at itself, tells where it
// is, asks for what people want, plans its lanes. That is most of what a night costs; nothing that an event passes waits so.
const housekeepingMs: readonly number[] = [500, 1_000]
const housekeepingFactor = 5

/** The clock of one process: who is dead sleeps for ever. */
const mortalClock = (clock: Clock, isDead: () => boolean): Clock => ({
  nowMs: () => clock.nowMs(),
  sleep: async (ms, signal) => {
    await clock.sleep(housekeepingMs.includes(ms) ? ms * housekeepingFactor : ms, signal)
    if (isDead()) await never()
  },
})

export const startProcess = async (place: ProcessPlace): Promise<AprilProcess> => {
  const { log, rows, ledger, objects } = place.ports
  const resources = crashableResources({ logs: { default: log }, rows, ledger, objects }, place.point)
  let isDead = false
  void resources.crashed.then(() => {
    isDead = true
  })
  const clock = mortalClock(place.clock, () => isDead)
  let ran: EngineRun | undefined
  let lookedAtMs = 0
  const lookout = new Lookout({ knob: (name) => ran?.knobs.value(name) ?? knobValue(name) })
  const run = await startRun(aprilTopology, resources, {
    ...{ clock, random: place.random, spillFolder: place.spillFolder },
    knobs: { ...aprilKnobs, ...place.knobs },
    watch: {
      alerts: () => lookout.view(0).snapshot?.alerts ?? [],
      seen: (snapshot) => {
        if (snapshot.atMs - lookedAtMs >= lookEveryMs) {
          lookedAtMs = snapshot.atMs
          lookout.see(snapshot)
        }
        if (!isDead) place.seen(snapshot)
      },
    },
  })
  ran = run
  return { run, lookout, resources }
}
