import { expect, test } from 'vitest'
import { WorkerMarks } from '../../topology/engine/shell/workers/worker-marks.ts'
import type { FromWorker } from '../../topology/engine/workers/messages.ts'
import { offset } from '../../topology/model/position.ts'

const range = (from: number) => {
  return { spout: 'events', partition: 0, lanes: [1], from: offset(from), to: offset(from + 1) }
}

const given = () => {
  const told: string[] = []
  const marks = new WorkerMarks(
    async (message: FromWorker) => {
      told.push(message.kind === 'mark' ? `mark ${message.mark.from}` : message.kind)
    },
    () => 5,
  )
  return { told, marks }
}

test('a range is told before it may be processed', async () => {
  const { told, marks } = given()
  await marks.set(range(3), false)
  expect(told).toEqual(['mark 3'])
})

test('who reads alone waits until nobody else is in user code, and nobody comes in meanwhile', async () => {
  const { told, marks } = given()
  const first = await marks.set(range(1), false)
  const alone = marks.set(range(2), true)
  const later = marks.set(range(3), false)
  await Promise.resolve()
  expect(told).toEqual(['mark 1'])
  first()
  const endAlone = await alone
  expect(told).toEqual(['mark 1', 'unmark', 'mark 2'])
  endAlone()
  await later
  expect(told.slice(3)).toEqual(['unmark', 'mark 3'])
})

test('knows since when a call of user code is open', async () => {
  const { marks } = given()
  expect(marks.callSinceMs).toBeUndefined()
  let end: () => void = () => undefined
  const call = marks.call(
    () =>
      new Promise<void>((resolve) => {
        end = resolve
      }),
  )
  expect(marks.callSinceMs).toBe(5)
  end()
  await call
  expect(marks.callSinceMs).toBeUndefined()
})
