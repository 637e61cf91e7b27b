/** A ledger in trouble: whoever proposed is answered once and truly, it is told in one line, and nobody hammers. */
import { describe, expect, test } from 'vitest'
import type { Proposal } from '../../../topology/engine/ledger/proposal.ts'
import type { LedgerWriter, Verdict } from '../../../topology/engine/shell/ledger-writer.ts'
import { knobValue } from '../../../topology/model/knobs.ts'
import { granted, withSinks } from '../ledger/given-documents.ts'
import { GivenLedger, key } from './given-ledger.ts'

const started = (lane: number): Proposal => ({ kind: 'startLane', lane })
const twoLanes = granted(withSinks({ rows: 'rows' }), { kind: 'cut', lane: 0, at: 4, cuts: [], slots: [0] })

/** What each proposer hears; a proposer that hears nothing makes the test fail. */
const heard = async (given: GivenLedger, verdicts: readonly Promise<Verdict>[]): Promise<readonly string[]> =>
  (await given.drive(Promise.allSettled(verdicts))).map((one) =>
    one.status === 'fulfilled' ? one.value.kind : one.reason.code,
  )

/** Proposes again for as long as nobody knows what was made of it, as lanes do. */
const insist = async (writer: LedgerWriter, lane: number): Promise<Verdict> => {
  for (;;) {
    const verdict = await writer.propose(started(lane))
    if (verdict.kind !== 'unknown') return verdict
  }
}

describe('a ledger that fails for good after a change without an answer', () => {
  test('every proposer of that change is answered', async () => {
    const given = new GivenLedger()
    const writer = await given.writer(twoLanes)
    given.fates = ['lost']
    given.readFates = ['broken']
    const verdicts = [0, 9, 1].map((lane) => writer.propose(started(lane)))
    expect(await heard(given, verdicts)).toEqual(['SPW-0303', 'refused', 'SPW-0303'])
  })

  test('the next proposal is judged as ever', async () => {
    const given = new GivenLedger()
    const writer = await given.writer(twoLanes)
    given.fates = ['replyLost']
    given.readFates = ['broken']
    await heard(given, [writer.propose(started(0))])
    expect(await heard(given, [insist(writer, 1)])).toEqual(['applied'])
    expect((await given.memory.read(key))?.lanes).toMatchObject({ 0: { tries: 1 }, 1: { tries: 1 } })
  })
})

test('a refused change whose document cannot be read is rejected, and never applied later (I-4)', async () => {
  const given = new GivenLedger()
  const writer = await given.writer(twoLanes)
  given.meanwhile = async () => {
    await given.memory.compareAndSet(key, 1, { ...twoLanes, ver: 2 })
  }
  given.readFates = ['broken']
  expect(await heard(given, [writer.propose(started(0))])).toEqual(['SPW-0303'])
  expect(await heard(given, [insist(writer, 1)])).toEqual(['applied'])
  expect((await given.memory.read(key))?.lanes).toMatchObject({ 0: { tries: 0 }, 1: { tries: 1 } })
})

describe('a ledger that fails for a while', () => {
  test.each([
    ['that can still be read', []],
    ['that is away altogether', Array(30).fill('lost')],
    ['that can be read now and then', Array.from({ length: 40 }, (_, index) => (index % 2 ? undefined : 'lost'))],
  ])('%s is told in one line, and work goes on', async (_, readFates) => {
    const given = new GivenLedger()
    const writer = await given.writer(twoLanes)
    given.fates = Array(12).fill('lost')
    given.readFates = readFates
    expect(await heard(given, [insist(writer, 0), insist(writer, 1)])).toEqual(['applied', 'applied'])
    expect(given.told).toEqual(['ledger: ledger: away'])
  })

  test('is asked less and less often', async () => {
    const given = new GivenLedger()
    const writer = await given.writer(twoLanes)
    given.fates = Array(16).fill('lost')
    await given.drive(insist(writer, 0))
    const pauses = given.writtenAtMs.slice(1).map((ms, index) => ms - given.writtenAtMs[index]!)
    expect(pauses.at(-1)).toBeGreaterThanOrEqual(knobValue('retry.maxMs') / 2)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(knobValue('retry.maxMs') + knobValue('ledger.tickMs'))
    expect(pauses[0]).toBeLessThan(1_000)
  })

  test('is told again, and asked soon again, when it had answered in between', async () => {
    const given = new GivenLedger()
    const writer = await given.writer(twoLanes)
    given.fates = [...Array(10).fill('lost'), undefined, 'lost']
    await given.drive(insist(writer, 0))
    const againAtMs = given.clock.nowMs()
    await given.drive(insist(writer, 0))
    expect(given.told).toHaveLength(2)
    expect(given.clock.nowMs() - againAtMs).toBeLessThan(1_000)
  })
})
