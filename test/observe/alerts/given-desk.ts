/** Plays seconds of a run before the alert desk, and tells when which alert was there. */

import type { AlertLine, RunSnapshot } from '../../../topology/model/run-snapshot.ts'
import { AlertDesk, type AlertDeskParts } from '../../../topology/observe/alerts/alert-desk.ts'
import type { AlertNews } from '../../../topology/observe/alerts/alert-machine.ts'
import { noAlertPath } from '../../../topology/observe/alerts/alert-sight.ts'
import { HealthWatch } from '../../../topology/observe/health.ts'
import { noSurroundings, type Surroundings } from '../../../topology/observe/surroundings.ts'
import { givenKnob, givenSnapshot, startMs } from '../given-snapshot.ts'

export interface Played {
  readonly alerts: readonly AlertLine[]
  readonly news: readonly (AlertNews & { readonly second: number })[]
  /** Second of the first firing of a rule; `undefined`: it never fired. */
  firedAt(rule: string): number | undefined
}

export interface Scene {
  readonly snapshot?: Partial<RunSnapshot>
  readonly surroundings?: Partial<Surroundings>
}

export const playSeconds = (
  seconds: number,
  sceneAt: (second: number) => Scene,
  knobs: Readonly<Record<string, number>> = {},
  parts: Partial<AlertDeskParts> = {},
): Played => {
  const knob = givenKnob(knobs)
  const desk = new AlertDesk({ knob, ...parts })
  const health = new HealthWatch(knob)
  const news: (AlertNews & { readonly second: number })[] = []
  let alerts: readonly AlertLine[] = []
  for (let second = 0; second < seconds; second++) {
    const scene = sceneAt(second)
    const snapshot = givenSnapshot({ ...scene.snapshot, atMs: startMs + second * 1_000 })
    const surroundings = { ...noSurroundings, ...scene.surroundings }
    const seen = desk.see(snapshot, surroundings, health.see(snapshot), noAlertPath)
    alerts = seen.alerts
    news.push(...seen.news.map((one) => ({ ...one, second })))
  }
  const firedAt = (rule: string): number | undefined =>
    news.find(({ state, alert }) => state === 'firing' && alert.rule === rule)?.second
  return { alerts, news, firedAt }
}
