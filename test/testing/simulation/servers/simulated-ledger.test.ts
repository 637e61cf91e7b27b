/** A simulated ledger: linearizable, whatever becomes of requests and answers. */
import { expect, test } from 'vitest'
import type { LedgerDocument } from '../../../../topology/model/ledger-document.ts'
import { createSimulatedLedger } from '../../../../topology/testing/simulation/servers/simulated-ledger.ts'
import { givenDice } from '../given-dice.ts'

const key = { topology: 'keen', spout: 'web', partition: 0 }
const documentOf = (ver: number): LedgerDocument => ({
  ...{ format: 2, ver, rules: 0, nextLane: 0, start: 0, log: 'log' },
  ...{ sinks: {}, lanes: {}, deletes: [], nextDelete: 0, archive: [], scannedTo: 0, deadLetters: {} },
})

test.each([
  ['ledgerLost', undefined],
  ['ledgerReplyLost', 1],
  ['ledgerLate', undefined],
] as const)('after %s the document stands at %s', async (kind, ver) => {
  const dice = givenDice()
  const ledger = createSimulatedLedger({ dice })
  dice.next(kind)
  await expect(ledger.compareAndSet(key, undefined, documentOf(1))).rejects.toMatchObject({ errorClass: 'retry' })
  expect([(await ledger.read(key))?.ver, ledger.document(key)?.ver]).toEqual([ver, ver])
})

test('a late change arrives when it is delivered, unless another was faster', async () => {
  const dice = givenDice()
  const ledger = createSimulatedLedger({ dice })
  for (const ver of [1, 2]) {
    dice.next('ledgerLate')
    await expect(ledger.compareAndSet(key, undefined, documentOf(ver))).rejects.toThrow()
  }
  expect(ledger.pendingCount).toBe(2)
  await ledger.deliver(1)
  const ver = (await ledger.read(key))?.ver
  await ledger.deliver()
  expect([ledger.pendingCount, (await ledger.read(key))?.ver]).toEqual([0, ver])
})

test('who watches is told of every change before anybody reads it, and of no refused one', async () => {
  const told: unknown[] = []
  const ledger = createSimulatedLedger({
    dice: givenDice(),
    changed: (_key, before, after) => told.push([before?.ver, after.ver]),
  })
  await ledger.compareAndSet(key, undefined, documentOf(1))
  await ledger.compareAndSet(key, 1, documentOf(2))
  await ledger.compareAndSet(key, 1, documentOf(3))
  expect(told).toEqual([
    [undefined, 1],
    [1, 2],
  ])
})

test('readers cannot change what is stored, and what is undefined comes back as nothing', async () => {
  const ledger = createSimulatedLedger({ dice: givenDice() })
  const written: Record<string, unknown> = { ...documentOf(1), extra: undefined }
  await ledger.compareAndSet(key, undefined, written as unknown as LedgerDocument) // one field more than the type has
  const read = await ledger.read(key)
  expect(Object.keys(read!)).not.toContain('extra')
  expect(() => Object.assign(read!.deadLetters, { sink: [] })).toThrow(TypeError)
  expect(() => Object.assign(read!, { ver: 9 })).toThrow(TypeError)
  expect([(await ledger.read(key))?.ver, [...ledger.documents].length]).toEqual([1, 1])
})

test('a caller that reads again after every error counts every step once', async () => {
  const ledger = createSimulatedLedger({ dice: givenDice({ ledgerLost: 0.2, ledgerReplyLost: 0.2, ledgerLate: 0.2 }) })
  let applied = 0
  for (let step = 0; step < 200; step += 1) {
    const found = ledger.document(key)
    await ledger.compareAndSet(key, found?.ver, documentOf((found?.ver ?? 0) + 1)).catch(() => undefined)
    if (step % 5 === 0) await ledger.deliver(1)
    const ver = ledger.document(key)?.ver ?? 0
    expect(ver - applied).toBeLessThanOrEqual(2)
    expect(ver).toBeGreaterThanOrEqual(applied)
    applied = ver
  }
  expect(applied).toBeGreaterThan(50)
})
