/**
 * Does in a running process what people have asked for in the control table, from any machine that reaches the rows: it
 * is read every second, until the run ends. Only changes of when work is done; what it gives stays a function of the log.
 *
 * What stands is compared with what was done last, so a command acts once, and what is over by its time is taken back.
 */
import { ownHand, writeAudit } from '../sinks/rows/audit.ts'
import { type Control, isControlOver, readControls } from '../sinks/rows/controls.ts'
import type { Clock } from './model/ports/clock.ts'
import type { RowStore } from './model/ports/row-store.ts'
import type { RunHandle } from './model/run-handle.ts'
import type { PinLine } from './model/run-snapshot.ts'
import { messageOf } from './model/spillway-error.ts'
import {
  controlName,
  controlText,
  type DrainLine,
  type StandingControls,
  standingControls,
} from './standing-controls.ts'

// A pause acts within a second: the row is read a little more often.
const readEveryMs = 900

/** What a run does when it is asked to. Each may throw where it cannot; that is told, and nothing else is held up. */
export type ControlledRun = Pick<
  RunHandle,
  'pauseDelete' | 'resumeDelete' | 'pause' | 'resume' | 'setTenantRules' | 'pin' | 'unpin' | 'drain' | 'undrain'
> & { readonly ended: Promise<unknown> }

export interface FollowOptions {
  /** What tells this process from all others, as it is published. Absent: nobody can drain it. */
  readonly process?: string
}

/** What cannot be read is left out: the next reading tells. */
export const followControls = async (
  run: ControlledRun,
  topology: string,
  rows: RowStore,
  clock: Clock,
  options: FollowOptions = {},
): Promise<void> => {
  const end = new AbortController()
  void run.ended.then(() => end.abort())
  const follower = new ControlFollower(run)
  let lastMs = clock.nowMs()
  while (!end.signal.aborted) {
    const nowMs = clock.nowMs()
    const controls = await readControls(rows, topology).catch(() => undefined)
    if (controls !== undefined) {
      const standing = standingControls(controls, nowMs)
      // What is asked of other processes is not heard here.
      const drains = standing.drains.filter(({ process }) => process === options.process)
      follower.follow({ ...standing, drains })
      for (const text of follower.takeTroubles()) await noteTrouble(rows, topology, text, nowMs)
      for (const control of endedBetween(controls, lastMs, nowMs)) await noteEnd(rows, topology, control)
      lastMs = nowMs
    }
    await clock.sleep(readEveryMs, end.signal)
  }
}

const nothing: StandingControls = {
  ...{ pausedDeletes: new Set(), runningDeletes: new Set(), pausedBranches: new Set() },
  ...{ rules: [], pins: [], drains: [] },
}

/** Brings a run from what was asked for last to what is asked for now. */
class ControlFollower {
  readonly #run: ControlledRun
  readonly #told = new Set<string>()
  readonly #troubles: string[] = []
  #last = nothing

  constructor(run: ControlledRun) {
    this.#run = run
  }

  /** What could not be done since it was asked last. */
  takeTroubles(): readonly string[] {
    return this.#troubles.splice(0)
  }

  /** `next`: with the drains of this process alone. */
  follow(next: StandingControls): void {
    const last = this.#last
    this.#last = next
    const run = this.#run
    for (const id of added(last.pausedDeletes, next.pausedDeletes)) this.#try(() => run.pauseDelete(id))
    const goesOn = new Set([...next.runningDeletes, ...added(next.pausedDeletes, last.pausedDeletes)])
    for (const id of goesOn) if (!last.runningDeletes.has(id)) this.#try(() => run.resumeDelete(id))
    for (const name of added(last.pausedBranches, next.pausedBranches)) this.#try(() => run.pause(name))
    for (const name of added(next.pausedBranches, last.pausedBranches)) this.#try(() => run.resume(name))
    if (!isSame(last.rules, next.rules)) this.#try(() => run.setTenantRules(next.rules))
    this.#pin(last.pins, next.pins)
    const [before, after] = [namesOf(last.drains), namesOf(next.drains)]
    for (const name of added(before, after)) this.#try(() => run.drain(workerOf(name)))
    for (const name of added(after, before)) this.#try(() => run.undrain(workerOf(name)))
  }

  /** What was taken back goes first: the value that comes may only fit then. */
  #pin(last: readonly PinLine[], next: readonly PinLine[]): void {
    for (const { knob } of last)
      if (next.every((pin) => pin.knob !== knob)) this.#try(() => this.#run.unpin(knob, ownHand, 'taken back or over'))
    // One that does not fit may do so when another has changed: it is tried again.
    const done = next.filter((pin) => last.some((one) => isSame(one, pin)) || this.#try(() => this.#run.pin(pin)))
    this.#last = { ...this.#last, pins: done }
  }

  /** What a run cannot do is said once. */
  #try(act: () => void): boolean {
    try {
      act()
      return true
    } catch (error) {
      const text = messageOf(error)
      if (!this.#told.has(text)) this.#troubles.push(text)
      this.#told.add(text)
      return false
    }
  }
}

const namesOf = (drains: readonly DrainLine[]): ReadonlySet<string> => new Set(drains.map(({ name }) => name))

/** Of `host#1/2`; the whole process where none is named. */
const workerOf = (name: string): number | undefined => {
  const [, worker] = name.split('/')
  return worker === undefined ? undefined : Number(worker)
}

const added = (before: ReadonlySet<string>, after: ReadonlySet<string>): readonly string[] =>
  [...after].filter((one) => !before.has(one))

const isSame = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right)

const endedBetween = (controls: readonly Control[], fromMs: number, toMs: number): readonly Control[] =>
  controls.filter((control) => isControlOver(control, toMs) && !isControlOver(control, fromMs))

const noteTrouble = async (rows: RowStore, topology: string, reason: string, atMs: number): Promise<void> => {
  const entry = {
    topology,
    atMs,
    kind: 'control',
    name: topology,
    author: ownHand,
    before: 'asked for',
    after: 'not done',
  }
  await writeAudit(rows, { ...entry, reason, untilMs: null }).catch(() => undefined)
}

/** Every process tells of it, in the same words and at the same time: the change log has it once. */
const noteEnd = async (rows: RowStore, topology: string, control: Control): Promise<void> => {
  const atMs = control.untilMs ?? 0
  const [before, after] = [controlText(control, atMs - 1), controlText(control, atMs)]
  const name = controlName(control)
  const entry = { topology, atMs, kind: control.kind, name, author: ownHand, before, after }
  await writeAudit(rows, { ...entry, reason: 'its time was over', untilMs: null }).catch(() => undefined)
}
