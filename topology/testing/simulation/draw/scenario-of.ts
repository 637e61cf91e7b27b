/**
 * Histories of any topology: records in the words of the topology, a few of them, over few partitions and processes, with
 * knobs so small that they still make many epochs.
 */
import type { LogOptions, SpoutNode, Topology } from '../../../model/topology.ts'
import type { DrawScenario, Scenario } from '../history.ts'
import type { Streams } from '../stage/streams.ts'
import { startMs } from '../stage/world.ts'
import { Draw } from './draw.ts'
import { drawKnobs } from './draw-knobs.ts'
import { DrawRecords } from './draw-records.ts'
import { type DrawWords, drawWords, type WordSources } from './draw-words.ts'

/** What of a scenario is drawn for every topology alike. */
export type DrawnScenario = Omit<Scenario, 'outside' | 'isWatched'>

const workersChance = 0.25

/** Draws histories of a topology. The texts are searched for words once. */
export const scenarioOf = (topology: Topology, sources: WordSources = {}): DrawScenario => {
  const played = inJson(topology)
  const words = drawWords(played, sources)
  return (_seed, streams) => drawScenarioOf(played, words, streams)
}

export const drawScenarioOf = (topology: Topology, words: DrawWords, streams: Streams): DrawnScenario => {
  const draw = new Draw(streams.of('scenario'))
  const records = draw.happens(0.75)
    ? draw.between(3, 7)
    : draw.happens(0.7)
      ? draw.between(6, 12)
      : draw.between(10, 25)
  const drawn = new DrawRecords({ topology, words, streams, startMs, records })
  return {
    topology,
    // Small worlds show most; a large one costs as much as ten of them.
    partitions: draw.of([1, 1, 1, 2, 2, 3]),
    records,
    processesMax: draw.of([1, 2, 2, 3, 3]),
    isShared: draw.happens(0.3),
    knobs: drawKnobs(draw),
    workersMax: draw.happens(workersChance) ? draw.between(1, 3) : 0,
    draw: (spout, random, context) => drawn.next(spout, random, context),
  }
}

/** How values are written changes nothing of what a history can show, and schemas are not at hand: they are JSON. */
const inJson = (topology: Topology): Topology => {
  if (topology.spouts.every(({ options }) => options.format !== 'avro')) return topology
  return { ...topology, spouts: topology.spouts.map(spoutInJson) }
}

const spoutInJson = (spout: SpoutNode): SpoutNode => {
  const { format: _format, schemas: _schemas, registry: _registry, ...options }: LogOptions = spout.options
  return { ...spout, options }
}
