/**
 * The words of the control table: what a person asks of a run as a row, and what all rows together ask for now. Pure.
 */
import { type Control, type ControlKind, isControlOver } from '../sinks/rows/controls.ts'
import { type TenantRule, tenantRuleWords } from './engine/tenants/tenant-rule.ts'
import type { KnobSetting } from './model/knobs/knob-setting.ts'
import type { PinLine } from './model/run-snapshot.ts'

/** What may be asked for. `null` and `false` take it back. */
export type Wish =
  | { readonly kind: 'branch'; readonly branch: string; readonly isPaused: boolean }
  /** By the id of its request or job. */
  | { readonly kind: 'delete'; readonly id: string; readonly isPaused: boolean }
  | {
      readonly kind: 'tenant'
      readonly tenant: string
      /** A sink or bolt; absent: everywhere. */
      readonly branch?: string
      /** Events a second, 0: none. */
      readonly eventsPerSecond: number | null
    }
  | { readonly kind: 'knob'; readonly knob: string; readonly value: KnobSetting | null }
  /** A process as `status` names it, or one of its workers: `host#1`, `host#1/2`; and what tells it from all others. */
  | { readonly kind: 'drain'; readonly name: string; readonly isDrained: true; readonly process: string }
  | { readonly kind: 'drain'; readonly name: string; readonly isDrained: false }

/** A process or worker that takes no lanes. It ends with the process: whoever has the name next is another one. */
export interface DrainLine {
  readonly name: string
  readonly process: string
  readonly author: string
  readonly reason: string
  readonly atMs: number
  readonly untilMs: number | null
}

/** What is asked of a run now, everything that is over left out. */
export interface StandingControls {
  readonly pausedDeletes: ReadonlySet<string>
  /** Deletes that people have let go on. */
  readonly runningDeletes: ReadonlySet<string>
  readonly pausedBranches: ReadonlySet<string>
  readonly rules: readonly TenantRule[]
  readonly pins: readonly PinLine[]
  readonly drains: readonly DrainLine[]
}

export const pausedWord = 'paused'
const runningWord = 'running'
const drainedWord = 'drained'

/** The row of a wish. The same thing always has the same row. */
export const rowOfWish = (wish: Wish): Pick<Control, 'kind' | 'name' | 'value'> => {
  switch (wish.kind) {
    case 'branch':
      return { kind: 'branch', name: wish.branch, value: wish.isPaused ? pausedWord : runningWord }
    case 'delete':
      return { kind: 'delete', name: wish.id, value: wish.isPaused ? pausedWord : runningWord }
    case 'tenant': {
      const name = JSON.stringify(wish.branch === undefined ? [wish.tenant] : [wish.tenant, wish.branch])
      return { kind: 'tenant', name, value: JSON.stringify(wish.eventsPerSecond) }
    }
    case 'knob':
      return { kind: 'knob', name: wish.knob, value: JSON.stringify(wish.value) }
    case 'drain':
      return { kind: 'drain', name: wish.name, value: wish.isDrained ? `${drainedWord} ${wish.process}` : runningWord }
    default:
      return wish satisfies never
  }
}

export const standingControls = (controls: readonly Control[], nowMs: number): StandingControls => {
  const standing = controls.filter((control) => !isControlOver(control, nowMs))
  const named = (kind: ControlKind, value: string): ReadonlySet<string> =>
    new Set(standing.filter((one) => one.kind === kind && one.value === value).map(({ name }) => name))
  return {
    pausedDeletes: named('delete', pausedWord),
    runningDeletes: named('delete', runningWord),
    pausedBranches: named('branch', pausedWord),
    rules: standing.flatMap((one) => ruleOf(one) ?? []).sort(byTenant),
    pins: standing.flatMap((one) => pinOf(one) ?? []),
    drains: standing.flatMap((one) => drainOf(one) ?? []),
  }
}

/** Those of all branches before those of one. */
const byTenant = (left: TenantRule, right: TenantRule): number =>
  compare(left.tenant, right.tenant) || compare(left.branch ?? '', right.branch ?? '')

const compare = (left: string, right: string): number => (left === right ? 0 : left < right ? -1 : 1)

export const ruleOf = ({ kind, name, value, author, reason, untilMs }: Control): TenantRule | undefined => {
  const most: unknown = kind === 'tenant' ? JSON.parse(value) : null
  if (typeof most !== 'number') return undefined
  const [tenant, branch]: readonly string[] = JSON.parse(name)
  return {
    tenant: tenant ?? '',
    ...(branch === undefined ? {} : { branch }),
    ...(most === 0 ? { rule: 'block' } : { rule: 'limit', eventsPerSecond: most }),
    ...{ author, reason, untilMs: untilMs ?? null },
  }
}

const pinOf = ({ kind, name, value, author, reason, untilMs }: Control): PinLine | undefined => {
  const set: unknown = kind === 'knob' ? JSON.parse(value) : null
  if (typeof set !== 'number' && typeof set !== 'string') return undefined
  return { knob: name, value: set, author, reason, untilMs: untilMs ?? Number.MAX_SAFE_INTEGER }
}

const drainOf = ({ kind, name, value, author, reason, atMs, untilMs }: Control): DrainLine | undefined => {
  const [word, process] = value.split(' ')
  if (kind !== 'drain' || word !== drainedWord || process === undefined) return undefined
  return { name, process, author, reason, atMs, untilMs: untilMs ?? null }
}

/** What a control says, for people: `paused`, `limited to 500/s`, `5000`. */
export const controlText = (control: Control | undefined, nowMs: number): string => {
  if (control === undefined || isControlOver(control, nowMs)) return restText(control?.kind)
  const rule = ruleOf(control)
  if (rule !== undefined) return tenantRuleWords(rule)
  const pin = pinOf(control)
  if (pin !== undefined) return String(pin.value)
  if (control.kind === 'drain') return control.value.split(' ')[0]!
  return control.kind === 'branch' || control.kind === 'delete' ? control.value : restText(control.kind)
}

/** What holds where nobody asks for anything. */
const restText = (kind: ControlKind | undefined): string => {
  if (kind === 'tenant') return 'free'
  return kind === 'knob' ? 'not set by hand' : runningWord
}

/** The thing of a control, for people: `totals`, `ann in totals`. */
export const controlName = ({ kind, name }: Pick<Control, 'kind' | 'name'>): string => {
  if (kind !== 'tenant') return name
  const [tenant, branch]: readonly string[] = JSON.parse(name)
  return branch === undefined ? `${tenant}` : `${tenant} in ${branch}`
}
