/** The breaker of a dependency: when it opens, who may try while it is open, and what closes it. */
import { describe, expect, test } from 'vitest'
import { Breaker } from '../../topology/engine/breaker.ts'

const rules = { errorRatio: 0.5, probeMs: 5_000 }

/** A breaker that has heard of so many calls at time 0. */
const heard = (failed: number, answered = 0): Breaker => {
  const breaker = new Breaker()
  for (let call = 0; call < answered; call += 1) breaker.answered(0)
  for (let call = 0; call < failed; call += 1) breaker.failed(0)
  return breaker
}

describe('A10: a breaker', () => {
  test('stays closed for a few failures, and for many among more answers', () => {
    expect(heard(4).restMs(0, rules)).toBe(0)
    expect(heard(40, 60).restMs(0, rules)).toBe(0)
  })

  test('opens at its ratio of failed calls, and a higher ratio opens later', () => {
    expect(heard(60, 40).restMs(0, rules)).toBe(5_000)
    expect(heard(60, 40).restMs(0, { ...rules, errorRatio: 0.7 })).toBe(0)
    expect(heard(50).restMs(0, { ...rules, errorRatio: 1 })).toBe(5_000)
  })

  test('lets one of those who wait try every `probeMs`, however many ask', () => {
    const breaker = heard(10)
    breaker.restMs(0, rules)
    const tries = Array.from({ length: 60_000 }, (_, ms) => ms).filter((ms) => breaker.restMs(ms, rules) === 0)
    expect(tries).toEqual([5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55].map((seconds) => seconds * 1_000))
  })

  test('closes with any answer, and begins to count anew', () => {
    const breaker = heard(10)
    breaker.restMs(0, rules)
    expect(breaker.answered(100)).toBe(true)
    expect([breaker.isOpen, breaker.restMs(100, rules)]).toEqual([false, 0])
    expect(breaker.answered(100)).toBe(false)
  })

  test('forgets what is long past', () => {
    const breaker = heard(10)
    breaker.failed(20_000)
    expect(breaker.restMs(20_000, rules)).toBe(0)
  })

  test('follows a knob that is lowered while it is open, and a clock that is put back', () => {
    const breaker = heard(10)
    breaker.restMs(0, { ...rules, probeMs: 600_000 })
    expect(breaker.restMs(0, { ...rules, probeMs: 100 })).toBe(100)
    expect(breaker.restMs(-1_000_000, rules)).toBe(5_000)
    expect(breaker.restMs(-995_000, rules)).toBe(0)
  })
})
