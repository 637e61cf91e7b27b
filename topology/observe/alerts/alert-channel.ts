/** One way to wake somebody, and what is said on it. */
import { formatTime } from '../../model/event-time.ts'
import type { RunSnapshot } from '../../model/run-snapshot.ts'
import { runbookCommand } from '../runbook-command.ts'
import type { AlertNews } from './alert-machine.ts'

export interface AlertChannel {
  /** `webhook hooks.example`, `command notify-send`; no secrets. */
  readonly name: string
  /** Throws what went wrong, without a secret; the signal ends it. */
  send(message: AlertMessage, signal: AbortSignal): Promise<void>
}

/** What a webhook gets as its body and a command as its input, as JSON. */
export interface AlertMessage {
  readonly kind: 'alerts' | 'test'
  readonly topology: string
  readonly process: string
  readonly at: string
  /** All of it for people, under the name that chat systems read. */
  readonly text: string
  readonly alerts: readonly {
    readonly state: AlertNews['state']
    readonly rule: string
    readonly level: 'warning' | 'critical'
    readonly subject: string
    readonly text: string
    readonly since: string
    readonly symptom: string
  }[]
}

type Sender = Pick<RunSnapshot, 'topology' | 'process'>

export const alertMessage = (news: readonly AlertNews[], sender: Sender, nowMs: number): AlertMessage => ({
  kind: 'alerts',
  ...{ topology: sender.topology, process: sender.process },
  at: formatTime(nowMs),
  text: news.map((one) => `[${sender.topology}] ${newsText(one)}`).join('\n'),
  alerts: news.map(({ state, alert }) => {
    const { rule, level, subject, text, sinceMs, symptom } = alert
    return { state, rule, level, subject, text, since: formatTime(sinceMs), symptom }
  }),
})

export const newsText = ({ state, alert }: AlertNews): string => {
  // What is told last is what was seen last, and is over.
  if (state === 'resolved') return `resolved; it was: ${alert.text}`
  const word = state === 'firing' ? alert.level : `still ${alert.level}`
  const todo = ` (${runbookCommand(alert.symptom)})`
  return `${word}: ${alert.text}${todo}`
}

export const testMessage = (sender: Sender, nowMs: number): AlertMessage => ({
  kind: 'test',
  ...{ topology: sender.topology, process: sender.process },
  at: formatTime(nowMs),
  text: `[${sender.topology}] test of the alert path: nothing is wrong`,
  alerts: [],
})
