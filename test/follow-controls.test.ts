import { createMemoryRows, createVirtualClock, remove } from 'spillway/testing'
import { expect, test } from 'vitest'
import { writeControl } from '../sinks/rows/controls.ts'
import { followControls } from '../topology/follow-controls.ts'
import type { RunOutcome } from '../topology/model/run-handle.ts'
import { drive } from '../topology/testing/drive.ts'
import { everySink } from './engine/every-sink.ts'
import { GivenPorts } from './engine/given-ports.ts'
import { orders } from './engine/orders.ts'

test('what is asked for in the rows reaches a running process within a second, until it ends', async () => {
  const [rows, clock] = [createMemoryRows(), createVirtualClock()]
  const seen: string[] = []
  let end = (): void => undefined
  const ended = new Promise<RunOutcome>((resolve) => {
    end = () => resolve({ state: 'stopped', error: undefined, records: 0, bytes: 0, deadLetters: 0, elapsedMs: 0 })
  })
  const run = {
    ...{ ended, pauseDelete: (id: string) => seen.push(`pause ${id}`) },
    resumeDelete: (id: string) => seen.push(`resume ${id}`),
  }
  const following = followControls(run, 'shop', rows, clock)
  const ask = (value: string): Promise<void> =>
    writeControl(rows, 'shop', { kind: 'delete', name: 'd1', value, author: 'ann', reason: '', atMs: clock.nowMs() })
  for (const value of ['paused', 'running']) {
    await ask(value)
    await drive(clock, clock.sleep(1_000))
    expect(seen.at(-1)).toBe(value === 'paused' ? 'pause d1' : 'resume d1')
  }
  end()
  await drive(clock, following)
})

test('a paused delete takes nothing out until it is resumed', async () => {
  const given = new GivenPorts()
  const run = await given.start(everySink)
  const ask = (value: string): Promise<void> =>
    writeControl(given.resources.rows, everySink.name, {
      ...{ kind: 'delete', name: 'gone', value, author: 'ann', reason: '' },
      atMs: given.clock.nowMs(),
    })
  given.append(orders(0, 6))
  await given.pass(5_000)
  await ask('paused')
  await given.pass(1_000)
  given.append([remove({ id: 'gone', project: 'ann' })])
  await given.pass(60_000)
  expect(run.status().deletes).toMatchObject([{ id: 'gone', state: 'accepted', retracted: 0 }])
  await ask('running')
  await given.pass(60_000)
  expect(run.status().deletes).toMatchObject([{ id: 'gone', state: 'done', retracted: 2 }])
  await given.drive(run.stop())
})
