import { afterEach, expect, test } from 'vitest'
import { emptyDocument } from '../../topology/engine/ledger/document.ts'
import { RemoteLedger } from '../../topology/engine/shell/workers/remote-ledger.ts'
import { patchOf } from '../../topology/engine/workers/document-patch.ts'
import type { FromWorker } from '../../topology/engine/workers/messages.ts'
import { plantedFaults } from '../../topology/model/planted-faults.ts'

afterEach(() => plantedFaults.clear())

const doc = { ...emptyDocument('log', 0), ver: 1 }
const moveStart = (start: number) => ({ kind: 'moveStart', start }) as const

const given = () => {
  const sent: FromWorker[] = []
  const ledger = new RemoteLedger(
    7,
    doc,
    (message) => sent.push(message),
    () => undefined,
  )
  return { sent, ledger }
}

test('what is proposed in one moment is sent together, so that it goes into one compare-and-set', async () => {
  const { sent, ledger } = given()
  const both = Promise.all([ledger.propose(moveStart(1)), ledger.propose(moveStart(2))])
  await Promise.resolve()
  expect(sent).toHaveLength(1)
  ledger.settle(0, 1, { kind: 'unknown' })
  ledger.settle(1, 1, { kind: 'refused', why: 'moved' })
  expect((await both).map(({ kind }) => kind)).toEqual(['unknown', 'refused'])
})

/** The verdict on a change whose document was overtaken before the verdict came. */
const overtaken = async (): Promise<string> => {
  const { ledger } = given()
  const verdict = ledger.propose(moveStart(1))
  const mine = { ...doc, ver: 2, start: 1 }
  ledger.follow(patchOf(doc, mine))
  ledger.follow(patchOf(mine, { ...mine, ver: 3, start: 9 }))
  ledger.settle(0, 2, { kind: 'applied' })
  return (await verdict).kind
}

test('a verdict that was reached on an older document than the copy is unknown: whoever asked reads again', async () => {
  expect(await overtaken()).toBe('unknown')
  plantedFaults.add('verdict-of-another-document')
  expect(await overtaken()).toBe('applied')
})

test('nobody waits for a partition that is closed', async () => {
  const { ledger } = given()
  const waiting = ledger.propose(moveStart(1))
  ledger.end()
  await expect(waiting).rejects.toThrow('the run is ending')
  await expect(ledger.propose(moveStart(2))).rejects.toThrow('the run is ending')
})
