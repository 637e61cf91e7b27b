/**
 * From signals to alerts. A signal becomes an alert when it has held for its time without a break; an alert ends when
 * its signal has been away for a while, so that what flickers is one alert. Reminders grow apart, so that a night has
 * a handful of them. Pure.
 */
import type { AlertLine } from '../../model/run-snapshot.ts'
import { type AlertSignal, alertKey } from './alert-signal.ts'

interface Watched {
  readonly signal: AlertSignal
  /** Since when the signal holds. */
  readonly sinceMs: number
  /** When it was last there. */
  readonly seenMs: number
  /** `undefined`: it is no alert yet. */
  readonly firedMs: number | undefined
  /** The worst that was told of it: a signal that swings is worse once. */
  readonly told: AlertSignal['level']
  readonly remindAtMs: number
  readonly reminders: number
}

export type AlertState = ReadonlyMap<string, Watched>

export const noAlerts: AlertState = new Map()

export interface AlertNews {
  readonly state: 'firing' | 'still firing' | 'resolved'
  readonly alert: AlertLine
}

export interface AlertPace {
  /** How long a signal must be away before its alert ends. */
  readonly clearMs: number
  /** First reminder; each further one waits twice as long, up to a day. */
  readonly remindMs: number
}

export interface AlertStep {
  readonly state: AlertState
  readonly alerts: readonly AlertLine[]
  readonly news: readonly AlertNews[]
}

// More subjects than these are no alerts that anybody reads: the first ones stand for all.
const watchedMax = 500
const dayMs = 86_400_000

export const stepAlerts = (
  state: AlertState,
  signals: readonly AlertSignal[],
  nowMs: number,
  pace: AlertPace,
): AlertStep => {
  const next = new Map<string, Watched>()
  const news: AlertNews[] = []
  const present = new Map(signals.map((signal) => [alertKey(signal), signal]))
  for (const [key, watched] of state) {
    const kept = present.has(key) ? watched : away(watched, nowMs, pace, news)
    if (kept !== undefined) next.set(key, kept)
  }
  for (const [key, signal] of present) {
    if (!next.has(key) && next.size >= watchedMax) continue
    next.set(key, seen(next.get(key), signal, nowMs, pace, news))
  }
  const alerts = [...next.values()].filter(({ firedMs }) => firedMs !== undefined).map(lineOf)
  return { state: next, alerts: alerts.sort(byLevel), news }
}

const away = (watched: Watched, nowMs: number, pace: AlertPace, news: AlertNews[]): Watched | undefined => {
  // What has not become an alert begins again from nothing: that is what its time is for.
  if (watched.firedMs === undefined) return undefined
  if (nowMs - watched.seenMs < pace.clearMs) return watched
  news.push({ state: 'resolved', alert: lineOf(watched) })
  return undefined
}

const seen = (
  last: Watched | undefined,
  signal: AlertSignal,
  nowMs: number,
  pace: AlertPace,
  news: AlertNews[],
): Watched => {
  const fresh = { sinceMs: nowMs, firedMs: undefined, told: signal.level, remindAtMs: 0, reminders: 0 }
  const known: Watched = { ...(last ?? fresh), signal, seenMs: nowMs }
  if (known.firedMs === undefined) {
    if (nowMs - known.sinceMs < signal.forMs) return known
    const fired = { ...known, firedMs: nowMs, told: signal.level, remindAtMs: nowMs + pace.remindMs }
    news.push({ state: 'firing', alert: lineOf(fired) })
    return fired
  }
  const isWorse = known.told === 'warning' && signal.level === 'critical'
  const watched = isWorse ? { ...known, told: signal.level } : known
  if (isWorse) news.push({ state: 'firing', alert: lineOf(watched) })
  if (nowMs < watched.remindAtMs) return watched
  const reminders = watched.reminders + 1
  news.push({ state: 'still firing', alert: lineOf(watched) })
  return { ...watched, reminders, remindAtMs: nowMs + Math.min(dayMs, pace.remindMs * 2 ** reminders) }
}

const lineOf = ({ signal, sinceMs }: Watched): AlertLine => {
  const { rule, level, subject, text, symptom } = signal
  return { rule, level, subject, text, sinceMs, symptom }
}

const byLevel = (one: AlertLine, other: AlertLine): number =>
  Number(other.level === 'critical') - Number(one.level === 'critical') || one.sinceMs - other.sinceMs
