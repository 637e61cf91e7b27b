/** What is done at which step of a history: the chaos phase by the dice, then the calm one, which must come to its end. */
import { setImmediate as turn } from 'node:timers/promises'
import { isDeleteDone } from '../../../engine/ledger/delete-entries.ts'
import type { LedgerDocument } from '../../../model/ledger-document.ts'
import { laggingLane } from '../invariants/lagging-lane.ts'
import { Violation } from '../violation.ts'
import { type Action, actionsOf } from './actions.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { World } from './world.ts'

const stepsMax = 8_000
// After the first end: how long those who wake go on beside each other.
const zombieSteps = 100
// Calls that pass at once when a process runs on.
const runMax = 24
const aloneMax = 256
// Chances of a step that somebody runs on; a history has one of them.
const runChances = [0, 0.15, 0.4] as const

// In most histories stores are so slow that lanes fall behind and their supervisors see it.
const slowPaces = [0, 300, 600, 2_500] as const
// Of 12 steps.
const slowTurns = 4

// What waits for seconds, as objects and what deletes do to them, meets faults only where somebody lives for so long: the
// end of the chaos phase, in which calls fail as before and the rest happens seldom.
const tailChance = 0.12
const tailSteps = 1_200
const tailActs = 0.04
const tailFedAfter = 320
const lookEvery = 16

// Of what is appended while a process catches up, nothing asks for more.
const runsMax = 4

export class Schedule {
  readonly actionSteps: number[] = []
  readonly #world: World
  readonly #actions: readonly Action[]
  readonly #runs: number
  /** Whether a last process that is alone is watched at every gate. */
  readonly #isPatient: boolean
  /** Whether the records for the end of the chaos phase have come. */
  #isTailFed = false
  /** Whether others go on beside it. */
  readonly #isCrowded: boolean
  /** Time that goes by now and then while calls wait, ms; 0: it goes by when nothing else can be done. */
  readonly #slowMs: number

  constructor(world: World) {
    this.#world = world
    const { streams, scenario, options } = world
    const pace = streams.of('schedule')
    this.#runs = runChances[Math.floor(pace.next() * runChances.length)]!
    this.#isPatient = pace.next() < 0.15
    this.#isCrowded = pace.next() < 0.35
    this.#slowMs = slowPaces[Math.floor(pace.next() * slowPaces.length)]!
    world.drawnChaosSteps = 50 + Math.floor(pace.next() * 35 * scenario.records)
    // Deletes among the last of a log find everything committed; zombies wake into their work.
    world.late = pace.next() < 0.5 ? Math.floor(pace.next() * 0.6 * scenario.records) : 0
    const hasTail = pace.next() < tailChance
    if (hasTail && world.late === 0) world.late = Math.floor(0.4 * scenario.records)
    const steps = world.drawnChaosSteps + (hasTail ? tailSteps : 0)
    world.chaosSteps = Math.min(steps, options.chaosSteps ?? Number.POSITIVE_INFINITY)
    this.#actions = actionsOf(world)
  }

  /** Throws a `Violation`. */
  async play(): Promise<void> {
    const world = this.#world
    await world.servers.open()
    world.records.appendStanding(world.late)
    while (world.step < world.chaosSteps) {
      if (this.#isTailOver()) world.chaosSteps = world.step
      else await this.#chaosStep()
    }
    await this.#calm()
  }

  async #chaosStep(): Promise<void> {
    const world = this.#world
    this.#begin()
    world.thaw()
    const draw = world.streams.now.next()
    const isRare = world.step >= world.drawnChaosSteps
    const action =
      isRare && world.streams.now.next() >= tailActs ? undefined : this.#actions.find(({ below }) => draw < below)
    if (isRare && !world.processes.some(({ mayMove }) => mayMove)) world.begin(false)
    const isLeftOut = world.options.withoutSteps?.has(world.step) === true
    if (action === undefined || isLeftOut) this.#moveOn()
    else if (await action.act(world)) this.actionSteps.push(world.step)
    await this.#settle()
  }

  /** Nothing is left that would take time. */
  #isTailOver(): boolean {
    const world = this.#world
    const since = world.step - world.drawnChaosSteps
    if (since < 0 || since % lookEvery > 0) return false
    if (since === 0) {
      while (world.records.left > world.late) world.records.append()
      world.people.calm()
    }
    if (!this.#isTailFed) {
      if (isReading(world) && since < tailFedAfter) return false
      // Deletes among the next ones find everything committed.
      this.#isTailFed = true
      world.late = Math.floor(world.late / 2)
      while (world.records.left > world.late) world.records.append()
      return false
    }
    return !world.servers.isOwing && !isBehind(world)
  }

  #begin(): void {
    const { options, streams, step } = this.#world
    streams.begin(step)
    if (options.trace !== undefined) options.trace.step = step
  }

  #moveOn(): void {
    const world = this.#world
    if (world.streams.now.next() < this.#runs) world.runAhead(1 + world.below(runMax), world.one(world.processes))
    const turn = world.below(12)
    if (turn < slowTurns && this.#slowMs > 0 && !world.isCalm && !world.options.muted?.has('slow')) {
      world.clock.pass(this.#slowMs)
      world.regroup()
      return
    }
    const isTimeFirst = turn === 0
    if (!isTimeFirst && world.gates.openOne(world.streams.now)) return
    if (this.#passTime() || world.gates.openOne(world.streams.now)) return
    // Nothing can move: the next step has something to do.
    if (world.records.left > world.late && !world.isCalm) world.records.append()
  }

  #passTime(): boolean {
    const world = this.#world
    if (!world.clock.advanceToNext()) return false
    world.regroup()
    return true
  }

  /** Lets everything run to its next gate. */
  async #settle(): Promise<void> {
    const world = this.#world
    await turn()
    await this.#comeBack()
    world.step += 1
    for (const who of world.processes) {
      const { failure } = who
      if (failure !== undefined) world.fail(new Violation('I-9', `${who.name} stopped: ${failure.message}`))
      else if (who.isStopping && who.ended !== undefined) this.#retire(who)
      else if (who.run !== undefined && !who.isTold) {
        who.isTold = true
        world.people.tell(who)
      }
    }
    if (world.failure !== undefined) throw world.failure
  }

  /** A part of the user that is busy outside of the world comes back before time goes on. */
  async #comeBack(): Promise<void> {
    const { watch } = this.#world
    while (watch?.isOutside === true) {
      await watch.settled()
      await turn()
    }
    if (watch?.violation !== undefined) throw watch.violation
  }

  async #step(): Promise<void> {
    this.#begin()
    this.#world.thaw()
    this.#moveOn()
    await this.#settle()
  }

  /** Faults stop; frozen processes and late effects stay in play, until a last process has finished alone. */
  async #calm(): Promise<void> {
    const world = this.#world
    this.#begin()
    world.note?.('decision', 'world', () => 'faults stop')
    for (const who of [...world.processes])
      if (who.mayMove ? !this.#isCrowded || world.below(2) === 0 : world.below(3) === 0) this.#retire(who)
    world.calm()
    while (world.records.left > world.late) world.records.append()
    for (const who of world.processes)
      if (who.party.isFrozen && who.frozenUntil > world.step)
        who.frozenUntil = world.below(2) === 0 ? Number.POSITIVE_INFINITY : world.step + world.below(600)
    await this.#finish('when faults had stopped')
    // Looked at now too: what arrives late may heal what a process has left out.
    await this.#look('when faults had stopped')
    if (world.records.left === 0 && world.processes.length === 0 && !world.servers.isOwing) return
    while (world.records.left > 0) world.records.append()
    await this.#wakeZombies()
    await this.#finish('after zombies and late effects')
    await this.#look('after zombies and late effects')
  }

  async #look(when: string): Promise<void> {
    const world = this.#world
    this.#begin()
    await world.reading(() => world.checks.views(when))
  }

  async #wakeZombies(): Promise<void> {
    const world = this.#world
    this.#begin()
    world.thaw(true)
    for (let steps = 0; steps < zombieSteps && world.processes.length > 0; steps++) await this.#step()
    this.#begin()
    await world.servers.deliverAll()
    for (const who of [...world.processes]) this.#retire(who)
  }

  #retire(who: SimulatedProcess): void {
    this.#world.note?.('decision', who.name, () => 'ends')
    this.#world.kill(who)
  }

  async #finish(when: string): Promise<void> {
    const world = this.#world
    while (world.people.isBusy) await this.#step()
    await this.#catchUp(when)
    // Sinks may have appended delete requests behind the end to which a process has run.
    for (let runs = 1; runs < runsMax && isBehind(world); runs++) await this.#catchUp(when)
  }

  /** A last process reads up to the end that the logs have now. */
  async #catchUp(when: string): Promise<void> {
    const world = this.#world
    this.#begin()
    const last = world.begin(true)
    for (let steps = 0; last.ended === undefined; steps++) {
      if (steps > stepsMax) throw new Violation('I-9', `${when} ${last.name} has not caught up in ${stepsMax} steps`)
      const isAlone = world.processes.every((one) => one === last || !one.mayMove)
      world.runAhead(isAlone && !this.#isPatient ? aloneMax : 0)
      await this.#step()
    }
    world.kill(last)
  }
}

const somewhere = (world: World, is: (doc: LedgerDocument, end: number) => boolean): boolean =>
  world.topology.spouts.some(({ name }) => {
    for (let place = 0; place < world.scenario.partitions; place++) {
      const doc = world.servers.document(name, place)
      if (doc !== undefined && is(doc, world.servers.endOf(name, place))) return true
    }
    return false
  })

/** Whether some lane has not committed all that the log has. */
const isReading = (world: World): boolean => somewhere(world, (doc, end) => laggingLane(doc, end) !== undefined)

/** Who ends brings its lanes past deletes that nobody has worked off yet. */
const isBehind = (world: World): boolean =>
  isReading(world) || somewhere(world, (doc) => doc.deletes.some((entry) => !isDeleteDone(doc, entry)))
