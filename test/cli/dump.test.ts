/** What is in flight, from beside the run. */
import { expect, test } from 'vitest'
import { dumpText } from '../../topology/cli/dump.ts'
import { givenSnapshot, startMs } from '../observe/given-snapshot.ts'

const calls = [
  {
    stage: 'write',
    name: 'archive',
    what: 'epoch [0, 500) of archive/0',
    tenant: 'ann',
    sinceMs: startMs - 44_000,
    process: 'a#1',
  },
  { stage: 'fetch', name: 'shop', what: 'shop/1 from 7', sinceMs: startMs - 300, process: 'a#1' },
] as const

test('A18: the operation that hangs is the first line, with its age, operator and tenant', () => {
  expect(
    dumpText(calls, [givenSnapshot({ atMs: startMs })], 'shop', startMs + 500),
  ).toBe(`2 calls in flight in 1 process, as told 500 ms ago

   AGE  STAGE  OPERATOR  TENANT  WHAT
  44 s  write  archive   ann     epoch [0, 500) of archive/0
800 ms  fetch  shop              shop/1 from 7
`)
})

test('without a run nothing is in flight', () => {
  expect(dumpText([], [], 'shop', startMs)).toBe('topology shop is not running: nothing is in flight\n')
})
