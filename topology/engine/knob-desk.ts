/**
 * The one place that knows what a knob is now: pinned by a person, else set for the run, else an option of the topology,
 * else the profile's, else its initial value. No knob decides what an epoch contains (I-1).
 *
 * `value` is asked for every batch, so everything that can change is worked out when it changes. State is plain data: a
 * worker holds a mirror of its supervisor's desk.
 */
import { isNameKnob, type Knob } from '../model/knob.ts'
import { knobErrors } from '../model/knob-errors.ts'
import { checkedSetting, type KnobSetting, knobNamed } from '../model/knobs/knob-setting.ts'
import { isProfileName, keptByLiveLanes, type ProfileName, profileOf } from '../model/knobs/profiles.ts'
import { type LoweredKnob, relate } from '../model/knobs/relations.ts'
import { allKnobs, knobs } from '../model/knobs.ts'
import type { LaneClass } from '../model/lane-permit.ts'
import type { PinLine } from '../model/run-snapshot.ts'

/** Plain JSON. */
export interface KnobState {
  /** Knobs of the run. */
  readonly options: Readonly<Record<string, KnobSetting>>
  readonly pins: readonly PinLine[]
  readonly profile: {
    readonly name: ProfileName
    readonly sinceMs: number
    readonly reason: string
    /** Share of their size that epochs have while memory is short. */
    readonly epochShare: number
  }
}

export interface KnobChange {
  readonly kind: 'set' | 'pinned' | 'unpinned' | 'expired' | 'profile'
  /** The knob, or `profile`. */
  readonly name: string
  readonly before: KnobSetting
  readonly after: KnobSetting
  readonly author: string
  readonly reason: string
  /** Of a profile. */
  readonly profile?: ProfileChange
}

/** What a profile has changed, and what it could not. */
export interface ProfileChange {
  readonly changed: readonly { readonly knob: string; readonly before: number; readonly after: number }[]
  /** Pinned, or set for the run: left alone. */
  readonly held: readonly string[]
  readonly lowered: readonly LoweredKnob[]
}

export type KnobSource = 'pin' | 'run' | 'profile' | 'initial'

/** A knob as it is now, options of the topology apart. */
export interface KnobLine {
  readonly knob: string
  readonly value: KnobSetting
  readonly source: KnobSource
  readonly pin?: PinLine
  /** It was lowered to this value so that a relation holds. */
  readonly lowered?: LoweredKnob
}

const calm: KnobState['profile'] = { name: 'realtime', sinceMs: 0, reason: 'start', epochShare: 1 }
const author = 'spillway'

export class KnobDesk {
  #state: KnobState
  /** Pins and knobs of the run. */
  #own: ReadonlyMap<string, KnobSetting> = new Map()
  /** Of the profile, else initial. */
  #given: ReadonlyMap<string, KnobSetting> = new Map()
  #lowered: readonly LoweredKnob[] = []
  readonly #listeners = new Set<(change: KnobChange) => void>()

  /** Throws, telling everything at once, when a knob does not exist or values that were set disagree. */
  constructor(options: KnobState['options'] = {}, nowMs = 0) {
    const mode = options['profile.mode']
    const isFixed = typeof mode === 'string' && isProfileName(mode)
    const profile = { ...calm, sinceMs: nowMs, ...(isFixed ? { name: mode, reason: 'profile.mode of the run' } : {}) }
    const known = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, withinBounds(name, value)]))
    this.#state = { options: known, pins: [], profile }
    this.#take(this.#state, true)
  }

  static from(state: KnobState): KnobDesk {
    const desk = new KnobDesk()
    desk.load(state)
    return desk
  }

  /** Takes over the state of another desk, whatever it is. */
  load(state: KnobState): void {
    this.#take(state, false)
  }

  /** The same object until something changes. */
  state(): KnobState {
    return this.#state
  }

  /**
   * A number as it is now. `options`: of the sink that asks, behind pins and knobs of the run. Live lanes, and whoever
   * does not say for which class of lanes it asks, keep the calm values of what would delay fresh data.
   */
  value(name: string, options?: Readonly<Record<string, number>> | undefined, laneClass?: LaneClass): number {
    const own = this.#own.get(name)
    if (typeof own === 'number') return own
    const knob = knobs.get(name)
    if (knob === undefined) throw new RangeError(`no knob is named ${name}`)
    const option = options?.[name]
    if (option !== undefined) return clamped(knob, option)
    const isFresh = laneClass === undefined || laneClass === 'live'
    if (isFresh && keptByLiveLanes.has(name)) return knob.initial
    return Number(this.#given.get(name))
  }

  /** A knob that is a name. */
  word(name: string): string {
    return String(this.#own.get(name) ?? this.#given.get(name))
  }

  /** A knob that is a list of names. */
  names(name: string): readonly string[] {
    return this.word(name)
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '')
  }

  /** Changes a knob of the run; a pin wins over it. */
  set(name: string, value: KnobSetting): void {
    checkedSetting(name, value)
    const options = { ...this.#state.options, [name]: value }
    this.#change({ kind: 'set', name, author, reason: '' }, { ...this.#state, options }, true)
  }

  /** A person's value, over everything else until it expires. Throws, and changes nothing, when it cannot hold. */
  pin(pin: PinLine): void {
    checkedSetting(pin.knob, pin.value)
    const last = this.pinOf(pin.knob)
    if (last !== undefined && isSamePin(last, pin)) return
    const pins = [...this.#state.pins.filter(({ knob }) => knob !== pin.knob), pin]
    const told = { kind: 'pinned', name: pin.knob, author: pin.author, reason: pin.reason } as const
    this.#change(told, { ...this.#state, pins }, true)
  }

  unpin(name: string, by = author, reason = ''): void {
    if (this.pinOf(name) === undefined) return
    const pins = this.#state.pins.filter(({ knob }) => knob !== name)
    this.#change({ kind: 'unpinned', name, author: by, reason }, { ...this.#state, pins }, false)
  }

  /** Takes out the pins whose time is over. */
  expire(nowMs: number): void {
    for (const { knob, untilMs } of this.#state.pins) {
      if (untilMs > nowMs) continue
      const pins = this.#state.pins.filter((pin) => pin.knob !== knob)
      const reason = 'its time was over'
      this.#change({ kind: 'expired', name: knob, author, reason }, { ...this.#state, pins }, false)
    }
  }

  /** `epochShare`: of their size that epochs have from now on. */
  setProfile(name: ProfileName, reason: string, nowMs: number, epochShare = 1, by = author): void {
    const names = [...profileOf(name).keys()]
    const before = names.map((knob) => this.line(knob).value)
    const last = this.#state.profile.name
    this.#take({ ...this.#state, profile: { name, sinceMs: nowMs, reason, epochShare } }, false)
    const changed = names.map((knob, index) => ({
      knob,
      before: Number(before[index]),
      after: Number(this.line(knob).value),
    }))
    const profile = {
      changed: changed.filter((one) => one.before !== one.after),
      held: names.filter((knob) => this.#own.has(knob)),
      lowered: this.#lowered.filter(({ knob }) => names.includes(knob)),
    }
    this.#tell({ kind: 'profile', name: 'profile', before: last, after: name, author: by, reason, profile })
  }

  pinOf(name: string): PinLine | undefined {
    return this.#state.pins.find(({ knob }) => knob === name)
  }

  /** When a pin that is made now expires, where nobody says when. */
  pinExpiryMs(nowMs: number): number {
    return nowMs + this.value('pin.expiryMs')
  }

  /** Every knob as it is now. */
  lines(): readonly KnobLine[] {
    return [...allKnobs.keys()].map((name) => this.line(name))
  }

  line(name: string): KnobLine {
    knobNamed(name)
    const pin = this.pinOf(name)
    const lowered = this.#lowered.find(({ knob }) => knob === name)
    return {
      knob: name,
      value: this.#own.get(name) ?? this.#given.get(name)!,
      source: this.#sourceOf(name),
      ...(pin === undefined ? {} : { pin }),
      ...(lowered === undefined ? {} : { lowered }),
    }
  }

  /** Values that were lowered so that the relations between knobs hold. */
  lowered(): readonly LoweredKnob[] {
    return this.#lowered
  }

  /** Calls back after each change that was made here; gives what ends that. */
  onChange(listener: (change: KnobChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #sourceOf(name: string): KnobSource {
    if (this.pinOf(name) !== undefined) return 'pin'
    if (Object.hasOwn(this.#state.options, name)) return 'run'
    const value = this.#ofProfile(this.#state).get(name)
    return value === undefined || value === initialOf(name) ? 'initial' : 'profile'
  }

  #ofProfile({ profile }: KnobState): ReadonlyMap<string, number> {
    const values = new Map(profileOf(profile.name))
    const bytes = Math.floor(values.get('epoch.bytes')! * profile.epochShare)
    return values.set('epoch.bytes', clamped(knobs.get('epoch.bytes')!, bytes))
  }

  #change(told: Omit<KnobChange, 'before' | 'after'>, next: KnobState, mayRefuse: boolean): void {
    const before = this.line(told.name).value
    this.#take(next, mayRefuse)
    this.#tell({ ...told, before, after: this.line(told.name).value })
  }

  #tell(change: KnobChange): void {
    for (const listener of this.#listeners) listener(change)
  }

  /** With `mayRefuse`, values that were set and disagree are refused; else they give way like all others. */
  #take(state: KnobState, mayRefuse: boolean): void {
    const set = new Map<string, KnobSetting>(Object.entries(state.options))
    for (const { knob, value } of state.pins) set.set(knob, value)
    const given = new Map(initials())
    for (const [name, value] of this.#ofProfile(state)) given.set(name, value)
    const valueNow = (name: string): number => Number(set.get(name) ?? given.get(name))
    const { lowered, broken } = relate(valueNow, (name) => !mayRefuse || !set.has(name))
    if (broken.length > 0 && mayRefuse) throw knobErrors.knobsDisagree({ problems: broken.join('; ') })
    for (const { knob, to } of lowered) (set.has(knob) ? set : given).set(knob, to)
    this.#state = state
    this.#own = set
    this.#given = given
    this.#lowered = lowered
  }
}

const clamped = ({ min, max }: Knob, value: number): number => Math.min(max, Math.max(min, value))

/** A number out of bounds is taken to the nearest bound; anything else that a knob does not take is refused. */
const withinBounds = (name: string, value: KnobSetting): KnobSetting => {
  const knob = knobNamed(name)
  return 'min' in knob && typeof value === 'number' ? clamped(knob, value) : checkedSetting(name, value)
}

const initialOf = (name: string): KnobSetting => {
  const knob = knobNamed(name)
  if ('min' in knob || isNameKnob(knob)) return knob.initial
  return knob.initial.join()
}

let knownInitials: ReadonlyMap<string, KnobSetting> | undefined

const initials = (): ReadonlyMap<string, KnobSetting> => {
  knownInitials ??= new Map([...allKnobs.keys()].map((name) => [name, initialOf(name)]))
  return knownInitials
}

const isSamePin = (left: PinLine, right: PinLine): boolean =>
  left.value === right.value && left.untilMs === right.untilMs && left.author === right.author
