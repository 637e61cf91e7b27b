/** What a seed of the project's own simulation is played over: one of the drawn topologies, with records in its words. */
import type { Random } from '../../topology/model/ports/random.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { type DrawWords, drawWords } from '../../topology/testing/simulation/draw/draw-words.ts'
import { drawScenarioOf } from '../../topology/testing/simulation/draw/scenario-of.ts'
import type { DrawScenario } from '../../topology/testing/simulation/history.ts'
import { withoutSinks } from '../../topology/testing/simulation/stage/without-sinks.ts'
import { shapesMax, topologyOf } from './draw-topology.ts'
import { lookup, ordersTopology } from './orders-topology.ts'
import { poisonTag } from './shape-bolts.ts'

const words = new Map<Topology, DrawWords>()

/** What the bolts of the shapes look at, as the text of their file would say it. */
const boltWords = `
  body.kind === 'b'
  body.kind === 'a'
  body.tag === 'x'
  body.tag === '${poisonTag}'
  body.value === 1
  'poison' in event.body
`

const wordsFor = (topology: Topology): DrawWords => {
  const known = words.get(topology)
  if (known !== undefined) return known
  const made = drawWords(topology, { sources: [boltWords] })
  words.set(topology, made)
  return made
}

// Most histories need one or two sinks to show a fault, and cost half as much with them.
const smallChance = 0.8

const parts = new Map<string, Topology>()

/** The topology with a few of its sinks. Made once for each choice: words and plans are kept by topology. */
const smallPartOf = (topology: Topology, random: Random): Topology => {
  const rest = topology.sinks.map(({ name }) => name)
  const most = random.next() < 0.5 ? 1 : 2
  while (rest.length > most) rest.splice(Math.floor(random.next() * rest.length), 1)
  const key = `${topology.name} ${rest.join(' ')}`
  const known = parts.get(key)
  if (known !== undefined) return known
  const gone = topology.sinks.map(({ name }) => name).filter((name) => !rest.includes(name))
  const made = gone.length === 0 ? topology : withoutSinks(topology, new Set(gone))
  parts.set(key, made)
  return made
}

// The topology that has found the most so far is drawn more often than each other shape.
const ordersChance = 0.1

export const drawScenario: DrawScenario = (_seed, streams) => {
  const random = streams.of('shape')
  const isOrders = random.next() < ordersChance
  const whole = isOrders ? ordersTopology : topologyOf(Math.floor(random.next() * shapesMax))
  const topology = random.next() < smallChance ? smallPartOf(whole, random) : whole
  return {
    ...drawScenarioOf(topology, wordsFor(topology), streams),
    outside: (dice) => {
      lookup.isAway = () => dice.happens('boltAway')
    },
  }
}
