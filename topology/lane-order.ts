/** What the process of a worker is told before anything else: where its topology and its resources are. No secrets. */
import type { KnobSetting } from './model/knobs/knob-setting.ts'
import type { PlanMarks } from './plan-marks.ts'

export interface LaneOrder {
  readonly worker: number
  /** Path of the topology's file. */
  readonly file: string
  readonly urls: {
    readonly log: string
    readonly logs: Readonly<Record<string, string>>
    readonly rows: string
    readonly objects: string
  }
  /** Knobs that count when resources are opened. */
  readonly knobs: Readonly<Record<string, KnobSetting>>
  /** Its own. */
  readonly spillFolder: string
  readonly marks: PlanMarks
}

/** Behind the order come the messages of the supervisor. */
export type FirstMessage = { readonly kind: 'order'; readonly order: LaneOrder }

/** The worker's last word, when something that nobody has caught ends it. */
export type LastMessage = { readonly kind: 'dying'; readonly reason: string }
