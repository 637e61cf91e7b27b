/**
 * The controller at work on a desk: asked once a second, it lets pins go whose time is over and moves between profiles.
 * The desk tells each move with its reason, the values before and after, and what a person holds fast.
 */
import { isProfileName } from '../../model/knobs/profiles.ts'
import type { RunSnapshot } from '../../model/run-snapshot.ts'
import type { KnobDesk } from '../knob-desk.ts'
import { type ControllerState, control, controlByHand, newController } from './controller.ts'
import { controllerFacts } from './controller-facts.ts'

export class RunController {
  readonly #desk: KnobDesk
  readonly #control: typeof control
  #state: ControllerState

  /** `decide`: for tests, which plant wrong ones. */
  constructor(desk: KnobDesk, decide: typeof control = control) {
    this.#desk = desk
    this.#control = decide
    this.#state = newController(desk.state().profile.name)
  }

  /** Without a snapshot only a person's choice is followed. */
  tick(snapshot: RunSnapshot | undefined, nowMs: number): void {
    this.#desk.expire(nowMs)
    const { name, sinceMs } = this.#desk.state().profile
    // A program has moved it.
    if (name !== this.#state.profile) this.#state = controlByHand(this.#state, name, sinceMs)
    const mode = this.#desk.word('profile.mode')
    if (!isProfileName(mode)) {
      if (snapshot !== undefined) this.#decide(snapshot, nowMs)
      return
    }
    if (mode === name) return
    const pin = this.#desk.pinOf('profile.mode')
    this.#state = controlByHand(this.#state, mode, nowMs)
    const reason = `profile.mode is ${mode}${pin?.reason ? `: ${pin.reason}` : ''}`
    this.#desk.setProfile(mode, reason, nowMs, this.#state.epochShare, pin?.author)
  }

  #decide(snapshot: RunSnapshot, nowMs: number): void {
    const desk = this.#desk
    const facts = controllerFacts(snapshot, desk.value('broker.latencyMs'))
    const knobs = {
      holdMs: desk.value('profile.holdMs'),
      afterMs: desk.value('catchUp.afterMs'),
      leaveMs: desk.value('catchUp.leaveMs'),
    }
    const { state, move } = this.#control(this.#state, facts, knobs, nowMs)
    this.#state = state
    if (move !== undefined) desk.setProfile(move.to, move.reason, nowMs, move.epochShare)
  }
}
