/** What a supervisor may ask of the ledger while everything else goes on: each is one proposal of one owner. */
import { lanePosition } from '../../topology/engine/ledger/document.ts'
import type { Proposal } from '../../topology/engine/ledger/proposal.ts'
import type { LaneState, LedgerDocument } from '../../topology/model/ledger-document.ts'
import { plantedFaults } from '../../topology/model/planted-faults.ts'
import type { Owner } from './owner.ts'

export interface Supervised {
  readonly owners: readonly Owner[]
  readonly appended: number
  readonly tenantAt: readonly string[]
  readonly step: number
  chosen(below: number): number
  note(text: () => string): void
}

const lanesMax = 12
const tenants = ['ann', 'bob', 'cyd']

export const superviseOnce = (world: Supervised): void => {
  const owner = world.owners[world.chosen(world.owners.length)]
  const runner = owner?.run?.engine.partitions[0]
  if (owner === undefined || runner === undefined || !owner.mayMove(world.step)) return
  if (plantedFaults.has('tenant-skip-in-memory') && world.chosen(2) === 0) {
    owner.skippedTenant = tenants[world.chosen(3)]
    return
  }
  const proposal = proposalFor(world, runner.doc)
  if (proposal === undefined) return
  world.note(() => `${owner.name} proposes ${JSON.stringify(proposal)}`)
  runner.propose(proposal).then(
    (verdict) => world.note(() => `${proposal.kind}: ${verdict.kind}`),
    () => undefined,
  )
}

const proposalFor = (world: Supervised, doc: LedgerDocument): Proposal | undefined => {
  const lanes = Object.entries(doc.lanes)
  const [id, lane] = lanes[world.chosen(lanes.length)] ?? []
  if (id === undefined || lane === undefined) return undefined
  const at = cutPoint(world, lane)
  const slot = world.chosen(4)
  switch (lanes.length > lanesMax ? 2 : world.chosen(5)) {
    case 0:
      return {
        kind: 'cut',
        lane: Number(id),
        at,
        cuts: world.chosen(2) === 0 || at >= world.appended ? [] : [at + 1],
        slots: [slot, 0],
      }
    case 1:
      return { kind: 'divert', lane: Number(id), at, tenant: tenants[world.chosen(3)]!, slot }
    case 2:
      return rejoining(world, doc, Number(id), lane, slot)
    default:
      return lane.sink === 'store' ? undefined : deadLettering(world, lane.sink)
  }
}

const cutPoint = (world: Supervised, lane: LaneState): number => {
  const low = plantedFaults.has('cut-at-committed') ? lane.at : lanePosition(lane)
  return low + world.chosen(Math.max(1, Math.min(lane.to ?? world.appended, world.appended) - low + 1))
}

const rejoining = (
  world: Supervised,
  doc: LedgerDocument,
  id: number,
  lane: LaneState,
  slot: number,
): Proposal | undefined => {
  const other = Object.entries(doc.lanes).find(
    ([key, one]) => Number(key) !== id && one.sink === lane.sink && one.to === lane.to,
  )
  if (other === undefined) return undefined
  const at = Math.max(lanePosition(lane), lanePosition(other[1])) + world.chosen(2)
  if (at > world.appended) return undefined
  return { kind: 'rejoin', lanes: [id, Number(other[0])], at, slot }
}

/** A person leaves a record out; the ledger refuses where it was applied. */
const deadLettering = (world: Supervised, sink: string): Proposal | undefined => {
  const offset = world.chosen(world.appended)
  const tenant = world.tenantAt[offset] ?? ''
  return tenant === '' ? undefined : { kind: 'deadLetter', sinks: [sink], offsets: [offset], tenants: [tenant] }
}
