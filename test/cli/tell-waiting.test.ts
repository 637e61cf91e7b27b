import { expect, test } from 'vitest'
import { tellWaiting } from '../../topology/cli/tell-waiting.ts'
import type { TopologyStatus, WaitingFor } from '../../topology/model/run-handle.ts'
import { createVirtualClock } from '../../topology/testing/virtual-clock.ts'

const idle: TopologyStatus = {
  topology: 't',
  state: 'running',
  lanes: [],
  sinks: {},
  deletes: [],
  waitingFor: [],
  lost: [],
}
const objects = { resource: 'objects', name: 's3://a', reason: 's3://a: no answer' } as const
const rows = { name: 'cassandra://b', reason: 'too slow' } as const

/** What is said while a run waits, second by second, for what is listed. */
const said = async (seconds: readonly (readonly Omit<WaitingFor, 'sinceMs'>[])[]): Promise<readonly string[]> => {
  const clock = createVirtualClock()
  const lines: string[] = []
  const say = (text: string): void => void lines.push(text)
  const none = (): void => {}
  const talk = { error: say, warn: say, info: say, debug: none, progress: none, clear: none }
  const begun = new Map<string, number>()
  let waitingFor: readonly WaitingFor[] = []
  const telling = tellWaiting(clock, talk, { status: () => ({ ...idle, waitingFor }) })
  for (const second of seconds) {
    for (const name of [...begun.keys()]) if (!second.some((one) => one.name === name)) begun.delete(name)
    for (const one of second) begun.set(one.name, begun.get(one.name) ?? clock.nowMs())
    waitingFor = second.map((one) => ({ ...one, sinceMs: begun.get(one.name)! }))
    clock.advance(1_000)
    await Promise.resolve()
  }
  await telling.end()
  return lines
}

test('a dependency is named once while it does not answer, and once when it does again', async () => {
  expect(await said([[objects], [objects], [objects], [objects], [], []])).toEqual([
    'waiting for objects s3://a: no answer; work goes on by itself',
    'objects s3://a answers again after 5.0 s',
  ])
})

test('rows and the ledger beside them are one', async () => {
  const both = [
    { resource: 'rows', ...rows },
    { resource: 'ledger', ...rows },
  ] as const
  expect(await said([both, both, both])).toEqual(['waiting for rows cassandra://b: too slow; work goes on by itself'])
})

test('what answers within a second is no news', async () => {
  expect(await said([[], [], []])).toEqual([])
})
