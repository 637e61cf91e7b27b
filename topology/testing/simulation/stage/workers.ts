/**
 * What befalls the workers of a history's processes: one dies or stands still alone, gives its lanes to others, there are
 * to be more or fewer; and where a supervisor has died, its workers go on until they notice.
 */
import { SpillwayError } from '../../../model/spillway-error.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { SimulatedWorker } from './simulated-worker.ts'
import type { World } from './world.ts'

// Who has lost its supervisor ends within so many steps, or at once.
const orphanSteps = 40
const withWorkersChance = 0.75

/** How many a process has; 0: it runs its lanes itself. */
export const workersOf = ({ scenario, streams }: World, name: string): number => {
  const { workersMax = 0 } = scenario
  if (workersMax === 0) return 0
  const random = streams.of(`workers of ${name}`)
  return random.next() < withWorkersChance ? 1 + Math.floor(random.next() * workersMax) : 0
}

export class Workers {
  readonly #world: World
  readonly #orphans = new Set<SimulatedWorker>()
  readonly #drained = new Map<SimulatedProcess, Set<number>>()

  constructor(world: World) {
    this.#world = world
  }

  /** Of a process that has died. */
  orphan({ crew }: SimulatedProcess, endsAll: boolean): void {
    const world = this.#world
    for (const worker of crew?.living ?? []) {
      const isAtOnce = endsAll || world.below(2) === 0
      if (isAtOnce) worker.die('signal SIGKILL')
      else {
        worker.orphanUntil = world.step + 1 + world.below(orphanSteps)
        this.#orphans.add(worker)
      }
    }
  }

  /** A process stands still alone, or with the machine. */
  freezeWith({ crew }: SimulatedProcess, until: number): void {
    if (crew === undefined || this.#world.below(2) === 0) return
    for (const worker of crew.living) freeze(worker, until)
  }

  /** Whether somebody has woken. */
  thaw(all: boolean): boolean {
    const world = this.#world
    let isAny = false
    for (const worker of this.#all()) {
      if (worker.orphanUntil <= world.step) {
        this.#orphans.delete(worker)
        worker.die('signal SIGKILL')
      } else if (worker.party.isFrozen && (all || worker.frozenUntil <= world.step)) {
        worker.party.isFrozen = false
        isAny = true
        world.note?.('decision', worker.party.name, () => 'wakes')
      }
    }
    return isAny
  }

  crash(): boolean {
    const world = this.#world
    const worker = this.#one()?.worker
    if (worker === undefined) return false
    worker.die('signal SIGKILL')
    world.count('workerCrash', worker.party.name, () => 'dies')
    return true
  }

  freeze(): boolean {
    const world = this.#world
    const worker = this.#one()?.worker
    if (worker === undefined) return false
    const until = world.step + 1 + world.below(world.drawnChaosSteps)
    freeze(worker, until)
    world.count('workerFreeze', worker.party.name, () => `stands still until step ${until}`)
    return true
  }

  /** A worker gives its lanes to the others, or takes some again. */
  drain(): boolean {
    const world = this.#world
    const { who, worker } = this.#one() ?? {}
    if (who?.run === undefined || worker === undefined) return false
    const { run } = who
    const drained = this.#drained.get(who) ?? new Set()
    this.#drained.set(who, drained)
    const isDrained = !drained.delete(worker.number)
    const isDone = ifThere(() => (isDrained ? run.drain(worker.number) : run.undrain(worker.number)))
    if (isDone && isDrained) drained.add(worker.number)
    if (isDone)
      world.count('workerDrain', who.name, () => `drains worker ${worker.number}${isDrained ? '' : ' no longer'}`)
    return isDone
  }

  /** There are to be more or fewer. */
  resize(): boolean {
    const world = this.#world
    const who = world.one(world.processes.filter(({ crew }) => crew !== undefined))
    if (who?.run === undefined) return false
    const count = 1 + world.below(3)
    who.run.tune('worker.processes', count)
    world.count('workerCount', who.name, () => `is to have ${count} workers`)
    return true
  }

  calm(): void {
    for (const [{ run }, drained] of this.#drained) for (const worker of drained) ifThere(() => run?.undrain(worker))
    for (const worker of this.#orphans) worker.orphanUntil = this.#world.step
  }

  #all(): readonly SimulatedWorker[] {
    const { processes } = this.#world
    return [...this.#orphans, ...processes.flatMap(({ crew }) => [...(crew?.living ?? [])])]
  }

  #one(): { readonly who: SimulatedProcess; readonly worker: SimulatedWorker } | undefined {
    const world = this.#world
    return world.one(world.processes.flatMap((who) => [...(who.crew?.living ?? [])].map((worker) => ({ who, worker }))))
  }
}

const freeze = (worker: SimulatedWorker, until: number): void => {
  worker.party.isFrozen = true
  worker.frozenUntil = until
}

/** One that is about to go may be gone for its supervisor. */
const ifThere = (work: () => void): boolean => {
  try {
    work()
    return true
  } catch (error) {
    if (error instanceof SpillwayError) return false
    throw error
  }
}
