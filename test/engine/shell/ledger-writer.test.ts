/** One compare-and-set a tick for everything that was proposed, in order of arrival; deletes last (PROTOCOL section 2). */
import { describe, expect, test } from 'vitest'
import { emptyDocument } from '../../../topology/engine/ledger/document.ts'
import type { Proposal } from '../../../topology/engine/ledger/proposal.ts'
import type { Verdict } from '../../../topology/engine/shell/ledger-writer.ts'
import { knobValue } from '../../../topology/model/knobs.ts'
import { commit, declare, granted, passed, withSinks } from '../ledger/given-documents.ts'
import { GivenLedger, key } from './given-ledger.ts'

const started = (lane: number): Proposal => ({ kind: 'startLane', lane })
const twoLanes = granted(withSinks({ rows: 'rows' }), { kind: 'cut', lane: 0, at: 4, cuts: [], slots: [0] })
const kinds = (verdicts: readonly Verdict[]): readonly string[] => verdicts.map((one) => one.kind)

describe('a tick', () => {
  test('puts everything that was proposed into one change', async () => {
    const given = new GivenLedger()
    const writer = await given.writer(twoLanes)
    const verdicts = await given.drive(Promise.all([0, 1, 0].map((lane) => writer.propose(started(lane)))))
    expect(kinds(verdicts)).toEqual(['applied', 'applied', 'applied'])
    expect(given.writtenAtMs).toHaveLength(1)
    expect((await given.memory.read(key))?.lanes[0]?.tries).toBe(2)
  })

  test('comes no more often than the knob says, in the long run', async () => {
    const given = new GivenLedger()
    const writer = await given.writer(twoLanes)
    for (let index = 0; index < 12; index++) await given.drive(writer.propose(started(0)))
    const [first = 0, last = 0] = [given.writtenAtMs[0], given.writtenAtMs.at(-1)]
    expect(given.writtenAtMs).toHaveLength(12)
    expect(last - first).toBeGreaterThanOrEqual(7 * knobValue('ledger.tickMs'))
  })

  test('with nothing that is granted writes nothing', async () => {
    const given = new GivenLedger()
    const writer = await given.writer(twoLanes)
    expect(await given.drive(writer.propose(started(9)))).toMatchObject({ kind: 'refused', why: 'absent' })
    expect(given.writtenAtMs).toEqual([])
  })

  test('lists deletes last, so that epochs of the same tick are declared under the rules that they were computed under', async () => {
    const given = new GivenLedger()
    const writer = await given.writer(twoLanes)
    const place = { offsets: [[9, 10]], records: 1, stored: 'text', isById: true, eventStore: undefined } as const
    const listing = writer.propose({ kind: 'registerDeletes', ...place })
    const verdicts = await given.drive(Promise.all([listing, writer.propose(declare(twoLanes, 0, 4))]))
    expect(kinds(verdicts)).toEqual(['applied', 'applied'])
    expect(verdicts[0].doc.deletes[0]!.cover['rows']).toMatchObject([{ from: 0, to: 4 }])
  })

  test('judges each proposal by what stands before it in the queue', async () => {
    const given = new GivenLedger()
    const writer = await given.writer(twoLanes)
    const cut = { kind: 'cut', lane: 1, at: 9, cuts: [], slots: [1] } as const
    const verdicts = await given.drive(Promise.all([writer.propose(cut), writer.propose(declare(twoLanes, 1, 12))]))
    expect(verdicts).toMatchObject([{ kind: 'applied' }, { kind: 'refused', why: 'range' }])
  })
})

test('a change that was applied says that nobody had written a newer document, one whose reply was lost does not', async () => {
  const given = new GivenLedger()
  const writer = await given.writer(twoLanes)
  await given.drive(given.clock.sleep(5_000))
  await given.drive(writer.propose(started(0)))
  expect(writer.newestAtMs).toBe(5_000)
  await given.drive(given.clock.sleep(5_000))
  given.fates = ['replyLost']
  await given.drive(writer.propose(started(1)))
  expect(writer.newestAtMs).toBe(5_000)
  await given.drive(given.clock.sleep(5_000))
  const askedMs = given.clock.nowMs()
  await given.drive(writer.refresh())
  expect(writer.newestAtMs).toBe(askedMs)
})

test('the document never goes back: a reply may come when a read has brought a newer one', async () => {
  const given = new GivenLedger()
  const writer = await given.writer(twoLanes)
  given.beforeReply = async () => {
    const doc = (await given.memory.read(key))!
    await given.memory.compareAndSet(key, doc.ver, { ...doc, ver: doc.ver + 1, scannedTo: 7 })
    await writer.refresh()
  }
  const verdict = await given.drive(writer.propose(started(0)))
  expect(verdict).toMatchObject({ kind: 'applied', doc: { ver: 2 } })
  expect(writer.doc).toMatchObject({ ver: 3, scannedTo: 7 })
})

describe('a proposal that breaks its transition', () => {
  const broken: Proposal = { kind: 'retireSink', sink: 'nobody', retired: true }

  test('is told its error, and what was proposed with it goes on', async () => {
    const given = new GivenLedger()
    const writer = await given.writer(twoLanes)
    const both = Promise.allSettled([writer.propose(started(0)), writer.propose(broken), writer.propose(started(1))])
    expect(await given.drive(both)).toMatchObject([
      { status: 'fulfilled', value: { kind: 'applied' } },
      { status: 'rejected', reason: { message: 'sink nobody is not in the document' } },
      { status: 'fulfilled', value: { kind: 'applied' } },
    ])
    expect(await given.drive(writer.propose(started(0)))).toMatchObject({ kind: 'applied' })
  })

  test('is not judged again when somebody else was faster', async () => {
    const given = new GivenLedger()
    const writer = await given.writer(twoLanes)
    given.meanwhile = async () => {
      const { sinks } = withSinks({ nobody: 'rows' })
      await given.memory.compareAndSet(key, 1, { ...twoLanes, ver: 2, sinks: { ...twoLanes.sinks, ...sinks } })
    }
    const both = Promise.allSettled([writer.propose(broken), writer.propose(started(0))])
    expect(await given.drive(both)).toMatchObject([{ status: 'rejected' }, { value: { doc: { ver: 3 } } }])
    expect(writer.doc.sinks['nobody']!.retired).toBe(false)
  })
})

describe('the turn of a slot', () => {
  test('is waited for, and granted when it is free', async () => {
    const given = new GivenLedger()
    const busy = granted(twoLanes, declare(twoLanes, 0, 4))
    const writer = await given.writer(busy)
    const waiting = writer.propose(declare(busy, 1, 9))
    await given.drive(given.clock.sleep(2_000))
    expect(given.writtenAtMs).toEqual([])
    expect(kinds(await given.drive(Promise.all([writer.propose(commit(busy, 0)), waiting])))).toEqual([
      'applied',
      'applied',
    ])
  })

  test('goes to whoever has waited longest, not to the lane that gives it back and takes the next (I-9)', async () => {
    const given = new GivenLedger()
    const cut = granted(twoLanes, { kind: 'cut', lane: 0, at: 3, cuts: [], slots: [1] })
    const busy = granted(cut, declare(cut, 0, 2))
    const writer = await given.writer(busy)
    const earlier = writer.propose(declare(busy, 1, 9))
    const back = writer.propose(commit(busy, 0))
    const next = writer.propose({ ...declare(busy, 0, 3), at: 2 } as Proposal) // a declaration with another field
    const verdict = await given.drive(Promise.all([earlier, back]).then(([one]) => one))
    expect(verdict.doc.sinks['rows']!.slots[0]).toEqual({ seq: 2, turn: 'L1' })
    const done = writer.propose(commit(verdict.doc, 1))
    expect(kinds(await given.drive(Promise.all([done, next])))).toEqual(['applied', 'applied'])
  })

  test('keeps the order of arrival when somebody else was faster', async () => {
    const given = new GivenLedger()
    const cut = granted(twoLanes, { kind: 'cut', lane: 0, at: 3, cuts: [], slots: [1] })
    const busy = granted(cut, declare(cut, 0, 2))
    const writer = await given.writer(busy)
    given.meanwhile = async () => {
      await given.memory.compareAndSet(key, 1, { ...busy, ver: 2 })
    }
    const earlier = writer.propose(declare(busy, 1, 9))
    const back = writer.propose(commit(busy, 0))
    void writer.propose({ ...declare(busy, 0, 3), at: 2 } as Proposal).catch(() => undefined) // as above
    const [one] = await given.drive(Promise.all([earlier, back]))
    expect(one.doc.sinks['rows']!.slots[0]!.turn).toBe('L1')
  })
})

describe('a change that was refused', () => {
  test('is judged again by the document that won', async () => {
    const given = new GivenLedger()
    const writer = await given.writer(twoLanes)
    given.meanwhile = async () => {
      await given.memory.compareAndSet(key, 1, { ...passed(twoLanes, 0, 2), ver: 2 })
    }
    const verdicts = await given.drive(
      Promise.all([writer.propose(declare(twoLanes, 0, 3)), writer.propose(started(1))]),
    )
    expect(verdicts).toMatchObject([
      { kind: 'refused', why: 'moved' },
      { kind: 'applied', doc: { ver: 3 } },
    ])
  })
})

describe('a change without an answer', () => {
  test.each(['replyLost', 'lost'] as const)(
    '%s: is neither success nor failure, the document is read (I-4)',
    async (fate) => {
      const given = new GivenLedger()
      const writer = await given.writer(twoLanes)
      given.fates = [fate]
      const verdict = await given.drive(writer.propose(started(0)))
      expect(verdict.kind).toBe('unknown')
      expect(verdict.doc.ver).toBe(fate === 'lost' ? 1 : 2)
      expect(writer.doc.ver).toBe(verdict.doc.ver)
    },
  )

  test('of class stop is told to whoever proposed', async () => {
    const given = new GivenLedger()
    const writer = await given.writer(twoLanes)
    given.fates = ['broken']
    await expect(given.drive(writer.propose(started(0)))).rejects.toMatchObject({ code: 'SPW-0303' })
    expect(await given.drive(writer.propose(started(0)))).toMatchObject({ kind: 'applied' })
  })
})

test('a run that ends abandons what is proposed', async () => {
  const given = new GivenLedger()
  const writer = await given.writer(emptyDocument('log', 0))
  const waiting = writer.propose(started(0))
  given.abort.abort()
  await expect(waiting).rejects.toMatchObject({ name: 'Abandoned' })
  await expect(writer.propose(started(0))).rejects.toMatchObject({ name: 'Abandoned' })
})
