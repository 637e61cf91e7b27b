/**
 * Scenarios in which planted faults are looked for. Where a fault can only show with certain sinks, or with processes that
 * share partitions, only such scenarios are played: the number of seeds says how well a fault is found where it can be.
 */
import type { Topology } from '../../topology/model/topology.ts'
import { type DrawWords, drawWords } from '../../topology/testing/simulation/draw/draw-words.ts'
import { drawScenarioOf } from '../../topology/testing/simulation/draw/scenario-of.ts'
import type { DrawScenario, Scenario } from '../../topology/testing/simulation/history.ts'
import type { FaultKind } from '../../topology/testing/simulation/stage/fault-kinds.ts'
import { drawScenario } from './draw-scenario.ts'
import { shapesMax, topologyOf } from './draw-topology.ts'
import { ordersScenario } from './orders-scenario.ts'
import { lookup, ordersTopology } from './orders-topology.ts'

/** Words of the bolts of the orders topology. */
const sources = ["body.kind === 'a' body.kind === 'b' body.value === 1 'poison' in event.body"]

let ordersWords: DrawWords | undefined

/** The orders topology over one partition: the cheapest histories, and those in which most things meet. */
const ofOrders =
  (change: Partial<Scenario>): DrawScenario =>
  (_seed, streams) => {
    ordersWords ??= drawWords(ordersTopology, { sources })
    const outside: Scenario['outside'] = (dice) => {
      lookup.isAway = () => dice.happens('boltAway')
    }
    return {
      ...drawScenarioOf(ordersTopology, ordersWords, streams),
      partitions: 1,
      isShared: false,
      workersMax: 0,
      outside,
      ...change,
    }
  }

/** Of the drawn topologies those that have something, in turn. */
const ofShapes = (has: (topology: Topology) => boolean): DrawScenario => {
  let found: readonly (readonly [Topology, DrawWords])[] | undefined
  return (seed, streams) => {
    found ??= Array.from({ length: shapesMax }, (_, shape) => topologyOf(shape))
      .filter(has)
      .map((topology) => [topology, drawWords(topology, { sources })])
    const [topology, words] = found[seed % found.length]!
    return { ...drawScenarioOf(topology, words, streams), partitions: 1, isShared: false, workersMax: 0 }
  }
}

const hasDedupe = ({ bolts }: Topology): boolean => bolts.some(({ name }) => name.endsWith('Once'))
const hasPropagation = ({ sinks }: Topology): boolean => sinks.some(({ name }) => name === 'forgets')

export const plantedFamilies = {
  /** As `npm run simulate` plays them. */
  drawn: drawScenario,
  orders: ofOrders({}),
  /** Of so few words that rows and filters meet all the time. */
  few: ordersScenario({ size: 10 }),
  /** Processes share the partitions. */
  shared: ofOrders({ partitions: 2, isShared: true }),
  /** Lanes run in workers. */
  workers: ofOrders({ workersMax: 3 }),
  dedupe: ofShapes(hasDedupe),
  propagation: ofShapes(hasPropagation),
} as const satisfies Readonly<Record<string, DrawScenario>>

export type PlantedFamily = keyof typeof plantedFamilies

/** Kinds that only delay what families of the protocol show: they are for those of lanes and workers. */
const otherKinds: ReadonlySet<FaultKind> = new Set([
  'slow',
  'tenantRule',
  'drain',
  'promote',
  'ownCut',
  'ownDivert',
  'ownRejoin',
])

export const mutedIn = (family: PlantedFamily): ReadonlySet<FaultKind> =>
  family === 'workers' || family === 'drawn' ? new Set() : otherKinds
