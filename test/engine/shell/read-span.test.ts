import { expect, test } from 'vitest'
import { cutBatch } from '../../../topology/engine/shell/read-span.ts'
import { offset } from '../../../topology/model/position.ts'
import { batchOf } from '../../spouts/decode/records.ts'

test('a batch that is cut does not name the leader of its last record, which is no longer in it', () => {
  const batch = { ...batchOf([{ value: 'a' }, { value: 'b' }]), leaderEpoch: 4 }
  expect(cutBatch(batch, batch.to).leaderEpoch).toBe(4)
  const cut = cutBatch(batch, offset(batch.from + 1))
  expect([cut.to, cut.records.length, 'leaderEpoch' in cut]).toEqual([batch.from + 1, 1, false])
})
