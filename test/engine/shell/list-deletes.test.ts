/** Two owners who meet the same deletes, each with others of its own: every record is listed once (I-3). */
import { createMemoryLedger, createMemoryRows } from 'spillway/testing'
import { expect, test } from 'vitest'
import { deletesTable } from '../../../topology/engine/shell/delete-rows.ts'
import { DeleteTexts } from '../../../topology/engine/shell/delete-texts.ts'
import type { EngineParts } from '../../../topology/engine/shell/engine-parts.ts'
import { LedgerWriter } from '../../../topology/engine/shell/ledger-writer.ts'
import { ListDeletes } from '../../../topology/engine/shell/list-deletes.ts'
import type { FoundDelete } from '../../../topology/model/decoder.ts'
import { knobValue } from '../../../topology/model/knobs.ts'
import { offset } from '../../../topology/model/position.ts'
import { drive } from '../../../topology/testing/drive.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'
import { createVirtualClock } from '../../../topology/testing/virtual-clock.ts'
import { withSinks } from '../ledger/given-documents.ts'
import { key } from './given-ledger.ts'

const found = (at: number): FoundDelete => ({
  offset: offset(at),
  appendTimeMs: 0,
  request: { id: `delete ${at}`, allowScan: true },
})
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, index) => from + index)

const clock = createVirtualClock(0)
const resources = { ledger: createMemoryLedger(), rows: createMemoryRows() }
const signal = new AbortController().signal

interface Owner {
  readonly ledger: LedgerWriter
  readonly texts: DeleteTexts
  readonly listing: ListDeletes
}

const owner = (doc: LedgerWriter['doc']): Owner => {
  const knob = (name: string): number => knobValue(name)
  const parts = { clock, resources, random: seededRandom(1), knob, report: () => undefined } as unknown as EngineParts // no other part is taken
  const ledger = new LedgerWriter(parts, key, doc, signal, () => undefined)
  const texts = new DeleteTexts(parts, key, signal)
  return { ledger, texts, listing: new ListDeletes(parts, signal, ledger, texts, undefined) }
}

const listAll = async ({ listing }: Owner, offsets: readonly number[]): Promise<void> => {
  await listing.gather(offsets.map(found))
  await listing.list(offsets)
}

test('overlapping sets of two owners: each record stands in one entry, and each entry in its row', async () => {
  const doc = { ...withSinks({ rows: 'rows' }), ver: 1 }
  await resources.ledger.compareAndSet(key, undefined, doc)
  await resources.rows.ensureTable(deletesTable)
  const [left, right] = [owner(doc), owner(doc)]
  const work = [listAll(left, range(0, 30)), listAll(right, range(20, 50)), listAll(left, range(25, 60))]
  await drive(clock, Promise.all(work))
  const last = await drive(clock, left.ledger.refresh())
  const texts = await drive(clock, right.texts.textsOf(last.deletes))
  expect(texts.flatMap(({ records }) => records.map((one) => one.offset)).sort((a, b) => a - b)).toEqual(range(0, 60))
  expect(last.deletes.map(({ records }) => records)).toEqual(texts.map(({ records }) => records.length))
})
