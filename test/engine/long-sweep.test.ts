/** Sweeps of an archive that hold more than fits, so that they end in the middle and go on. */
import { defineTopology, log } from 'spillway'
import { objects } from 'spillway/sinks'
import { remove } from 'spillway/testing'
import { expect, test } from 'vitest'
import { applyProposal } from '../../topology/engine/ledger/apply-proposal.ts'
import type { Proposal } from '../../topology/engine/ledger/proposal.ts'
import type { LedgerDocument } from '../../topology/model/ledger-document.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'

const shop = defineTopology('shop', (t) => {
  t.spout('events', log()).sink('archive', objects({ compression: 'none' }))
})
const key = { topology: 'shop', spout: 'events', partition: 0 }
// The places of some hundred events fill what a sweep may hold.
const small = { 'epoch.bytes': 65_536, 'fetch.partitionBytes': 65_536, 'batch.records': 100, 'delete.rewriteMs': 0 }

const docOf = async ({ resources }: GivenPorts): Promise<LedgerDocument> => (await resources.ledger.read(key))!

/** Three thousand orders, read by lanes that `proposal` has made; two thousand of them are deleted. */
const sweep = async (proposal: Proposal): Promise<GivenPorts> => {
  const given = new GivenPorts()
  given.append(orders(0, 1))
  await given.run(shop)
  given.append(orders(1, 3_000))
  const doc = await docOf(given)
  const next = applyProposal(doc, proposal)
  if (typeof next === 'string') throw new Error(next)
  await given.resources.ledger.compareAndSet(key, doc.ver, { ...next, ver: doc.ver + 1 })
  await given.run(shop)
  given.append([remove({ id: 'bob', project: 'bob' })])
  const run = await given.start(shop, { knobs: small })
  await given.pass(10_000)
  await given.drive(run.stop())
  return given
}

test.each([
  ['of neighbouring ranges', { kind: 'cut', lane: 0, at: 1_000, cuts: [2_000], slots: [0, 0] }],
  ['of two ranges over the same offsets', { kind: 'divert', lane: 0, at: 1, tenant: 'bob', slot: 0 }],
] as const)('a long sweep %s comes to its end, and counts each event once', async (_, proposal) => {
  const given = await sweep(proposal)
  const [entry] = (await docOf(given)).deletes
  expect(entry).toMatchObject({
    work: { archive: { state: 'done', retracted: 2_000 } },
    counted: { byRecord: [2_000] },
  })
})
