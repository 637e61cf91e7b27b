/** What `status --watch` says where nothing can be redrawn. */
import { expect, test } from 'vitest'
import type { ReadStatus } from '../../topology/cli/read-status.ts'
import { StatusVoice } from '../../topology/cli/status-voice.ts'
import { givenBranch, givenSnapshot, startMs } from '../observe/given-snapshot.ts'

type Heard = Pick<ReadStatus, 'state' | 'snapshot' | 'waitingFor'>

const calm: Heard = { state: 'running', snapshot: givenSnapshot(), waitingFor: [] }
const stalled: Heard = { ...calm, snapshot: givenSnapshot({ branches: [givenBranch({ state: 'stalled' })] }) }
const updateMs = 900_000

/** Seconds at which something was said, over `hours` of looks every second. */
const saidAt = (hours: number, at: (second: number) => Heard): readonly (readonly [second: number, line: string])[] => {
  const voice = new StatusVoice()
  return Array.from({ length: hours * 3_600 }, (_, second) => second).flatMap((second) => {
    const line = voice.line(`at ${second}`, at(second), startMs + second * 1_000, updateMs)
    return line === undefined ? [] : [[second, line] as const]
  })
}

test('A16: the watch is never silent for longer than status.updateMs, also to say that nothing has changed', () => {
  const said = saidAt(12, () => calm)
  const gaps = said.slice(1).map(([second], index) => second - said[index]![0])
  expect(Math.max(...gaps) * 1_000).toBeLessThanOrEqual(updateMs)
  expect(said.length).toBe(12 * 4)
  expect(said[1]![1]).toBe('nothing has changed: at 900')
})

test('A16: every change is told with the next look, and figures alone are none', () => {
  const said = saidAt(1, (second) => {
    if (second >= 100 && second < 200) return stalled
    return { ...calm, snapshot: givenSnapshot({ totals: { ...givenSnapshot().totals, eventsPerSecond: second } }) }
  })
  expect(said.map(([second]) => second)).toEqual([0, 100, 200, 1_100, 2_000, 2_900])
})

test('D11: a night in which nothing can be read is no silence either', () => {
  const voice = new StatusVoice()
  const said = Array.from({ length: 12 * 3_600 }, (_, second) =>
    voice.failure('rows do not answer', startMs + second * 1_000, updateMs),
  ).filter((line) => line !== undefined)
  expect(said).toHaveLength(48)
  expect(said[0]).toBe('could not look: rows do not answer')
})
