import { describe, expect, test } from 'vitest'
import { type AlertState, noAlerts, stepAlerts } from '../../../topology/observe/alerts/alert-machine.ts'
import type { AlertSignal } from '../../../topology/observe/alerts/alert-signal.ts'

const pace = { clearMs: 60_000, remindMs: 900_000 }

const signal = (more: Partial<AlertSignal> = {}): AlertSignal => ({
  rule: 'memory',
  level: 'warning',
  subject: 'worker 1',
  text: 'memory',
  symptom: 'memory high, epochs close by pressure',
  forMs: 10_000,
  ...more,
})

/** News by second. */
const play = (seconds: number, at: (second: number) => readonly AlertSignal[]): readonly string[] => {
  let state: AlertState = noAlerts
  const told: string[] = []
  for (let second = 0; second < seconds; second++) {
    const step = stepAlerts(state, at(second), second * 1_000, pace)
    state = step.state
    told.push(...step.news.map(({ state: word, alert }) => `${second} ${word} ${alert.level}`))
  }
  return told
}

describe('a signal', () => {
  test('becomes an alert when it has lasted, and ends when it has been away', () => {
    expect(play(200, (second) => (second >= 5 && second < 50 ? [signal()] : []))).toEqual([
      '15 firing warning',
      '109 resolved warning',
    ])
  })
  test('that breaks off begins anew', () => {
    expect(play(200, (second) => (second % 10 === 9 ? [] : [signal()]))).toEqual([])
  })
  test('that flickers afterwards is one alert', () => {
    expect(play(500, (second) => (second < 20 || second % 50 === 0 ? [signal()] : []))).toEqual(['10 firing warning'])
  })
  test('that gets worse is told at once', () => {
    expect(play(60, (second) => [signal({ level: second < 30 ? 'warning' : 'critical' })])).toEqual([
      '10 firing warning',
      '30 firing critical',
    ])
  })
  test('that swings between bad and worse is told as worse once, until it ends', () => {
    const swings = (second: number) => [signal({ level: second % 20 < 10 ? 'warning' : 'critical' })]
    expect(play(400, (second) => (second < 200 || second >= 300 ? swings(second) : []))).toEqual([
      '10 firing critical',
      '259 resolved critical',
      '310 firing critical',
    ])
    expect(play(200, (second) => [signal({ level: second % 40 < 20 ? 'warning' : 'critical' })])).toEqual([
      '10 firing warning',
      '20 firing critical',
    ])
  })
})

test('a day of an alert has a handful of reminders', () => {
  const told = play(86_400, () => [signal()])
  expect(told.filter((line) => line.includes('still firing'))).toHaveLength(6)
})

test('alerts are bounded, whatever the signals', () => {
  const many = Array.from({ length: 2_000 }, (_, index) => signal({ subject: `worker ${index}`, forMs: 0 }))
  expect(stepAlerts(noAlerts, many, 0, pace).alerts).toHaveLength(500)
})
