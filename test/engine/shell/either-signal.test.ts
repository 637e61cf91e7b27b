import { expect, test } from 'vitest'
import { eitherSignal } from '../../../topology/engine/shell/either-signal.ts'

test('one signal for two aborts with either, once, also where one has aborted before', () => {
  for (const index of [0, 1]) {
    const pair = [new AbortController(), new AbortController()] as const
    const either = eitherSignal(pair[0].signal, pair[1].signal)
    let heard = 0
    either.addEventListener('abort', () => (heard += 1))
    expect(either.aborted).toBe(false)
    pair[index]!.abort()
    pair[1 - index]!.abort()
    expect([either.aborted, heard]).toEqual([true, 1])
  }
  expect(eitherSignal(new AbortController().signal, AbortSignal.abort()).aborted).toBe(true)
})
