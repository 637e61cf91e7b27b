/** What a supervisor or a person may ask of the ledger while everything else goes on: each is one proposal of one process. */

import { lanePosition } from '../../../engine/ledger/document.ts'
import type { Proposal } from '../../../engine/ledger/proposal.ts'
import { eventStoreOf } from '../../../engine/plan-questions.ts'
import type { PartitionDesk } from '../../../engine/shell/partition-desk.ts'
import type { LaneState, LedgerDocument } from '../../../model/ledger-document.ts'
import { plantedFaults } from '../../../model/planted-faults.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { World } from './world.ts'

type Asked = 'cut' | 'divert' | 'rejoin' | 'deadLetter'

// More lanes than this are joined again: what has been cut into crumbs shows nothing new.
const lanesMax = 12

/** Where the proposal is made. */
interface Place {
  readonly world: World
  readonly runner: PartitionDesk
  readonly spout: string
  /** End of the log. */
  readonly end: number
}

/** Whether something was proposed. */
export const supervise = (world: World, asked: Asked): boolean => {
  const who = world.one(world.processes)
  const runner = world.one(who?.run?.engine.partitions ?? [])
  if (who === undefined || runner === undefined || !who.mayMove) return false
  const spout = runner.plan.spout.name
  const place = { world, runner, spout, end: world.endOf(spout, runner.partition) }
  if (plantedFaults.has('tenant-skip-in-memory') && asked === 'divert') {
    who.skippedTenant = world.one(world.records.tenants)
    return true
  }
  const proposal = proposalFor(place, runner.doc, asked)
  if (proposal !== undefined) propose(place, who, proposal, asked)
  return proposal !== undefined
}

const propose = ({ world, runner }: Place, who: SimulatedProcess, proposal: Proposal, asked: Asked): void => {
  world.dice.count(asked)
  if (proposal.kind === 'deadLetter')
    for (const sink of proposal.sinks)
      for (const one of proposal.offsets) world.noteLeftOut(sink, runner.plan.spout.name, runner.partition, one)
  const where = `on partition ${runner.partition} of ${runner.plan.spout.name}`
  world.note?.(asked, who.name, () => `proposes ${where}: ${JSON.stringify(proposal)}`)
  runner.propose(proposal).then(
    (verdict) => world.note?.('decision', who.name, () => `hears of its ${proposal.kind}: ${verdict.kind}`),
    () => undefined,
  )
}

const proposalFor = (place: Place, doc: LedgerDocument, asked: Asked): Proposal | undefined => {
  const { world, end } = place
  const lanes = Object.entries(doc.lanes)
  const [id, lane] = world.one(lanes) ?? []
  if (id === undefined || lane === undefined) return undefined
  const at = cutPoint(place, lane)
  const slot = world.below(4)
  switch (lanes.length > lanesMax ? 'rejoin' : asked) {
    case 'cut': {
      const cuts = world.below(2) === 0 || at >= end ? [] : [at + 1]
      return { kind: 'cut', lane: Number(id), at, cuts, slots: [slot, 0] }
    }
    case 'divert': {
      const tenant = world.one(world.records.tenants)
      return tenant === undefined ? undefined : { kind: 'divert', lane: Number(id), at, tenant, slot }
    }
    case 'rejoin':
      return rejoining(place, doc, Number(id), lane, slot)
    case 'deadLetter':
      return lane.sink === eventStoreOf(place.runner.plan) ? undefined : deadLettering(place, lane.sink)
  }
}

const cutPoint = ({ world, end }: Place, lane: LaneState): number => {
  const low = plantedFaults.has('cut-at-committed') ? lane.at : lanePosition(lane)
  return low + world.below(Math.max(1, Math.min(lane.to ?? end, end) - low + 1))
}

const rejoining = (
  { world, end }: Place,
  doc: LedgerDocument,
  id: number,
  lane: LaneState,
  slot: number,
): Proposal | undefined => {
  const other = Object.entries(doc.lanes).find(
    ([key, one]) => Number(key) !== id && one.sink === lane.sink && one.to === lane.to,
  )
  if (other === undefined) return undefined
  const at = Math.max(lanePosition(lane), lanePosition(other[1])) + world.below(2)
  return at > end ? undefined : { kind: 'rejoin', lanes: [id, Number(other[0])], at, slot }
}

/** A person leaves a record out; the ledger refuses where it was applied. */
const deadLettering = ({ world, runner, spout, end }: Place, sink: string): Proposal | undefined => {
  const { firstOffset } = world.servers
  const offset = firstOffset + world.below(end - firstOffset)
  const tenant = world.records.tenantAt(spout, runner.partition, offset)
  return tenant === undefined ? undefined : { kind: 'deadLetter', sinks: [sink], offsets: [offset], tenants: [tenant] }
}
