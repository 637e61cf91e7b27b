/** What the engine is given to run a topology on open ports: in one process, or in a worker of it. */
import { setImmediate as giveWay } from 'node:timers/promises'
import { deadLetterOf, everySink, writeDeadLetters } from '../sinks/rows/dead-letters.ts'
import { RetainedEvents } from '../sinks/rows/retained-events.ts'
import type { DeadLetterBox } from './engine/shell/engine-parts.ts'
import { measuredResources } from './engine/shell/measured-resources.ts'
import { Meters } from './engine/shell/meters.ts'
import { systemClock } from './engine/shell/system-clock.ts'
import type { Waits } from './engine/shell/waits.ts'
import type { HostParts } from './engine/shell/workers/worker-host.ts'
import type { Clock } from './model/ports/clock.ts'
import type { EventLog } from './model/ports/event-log.ts'
import type { Random } from './model/ports/random.ts'
import type { RowStore } from './model/ports/row-store.ts'
import type { Resources } from './model/run-handle.ts'
import type { SpoutPlan } from './model/spout-plan.ts'
import type { Topology } from './model/topology.ts'
import { openSchemas } from './open-schemas.ts'
import { measureProcess, measuresOf } from './process-measures.ts'
import type { AvroSchemas } from './spouts/decode/avro/avro-schemas.ts'
import { createDecoder } from './spouts/decode/create-decoder.ts'
import { tuplesOf } from './spouts/decode/tuples-of.ts'

export interface RunGiven {
  readonly topology: Topology
  /** Ports that errors are blamed on. */
  readonly resources: Resources
  readonly waits: Waits
  readonly clock: Clock
  readonly random: Random
  readonly spillFolder: string
  readonly plans: readonly SpoutPlan[]
  /** Path of the topology's file: schemas are looked for beside it. */
  readonly file: string | undefined
}

/** `end`: nothing is measured any more. */
export const runParts = async (given: RunGiven): Promise<{ readonly parts: HostParts; end(): void }> => {
  const { topology, resources, clock, random, waits, spillFolder, plans, file } = given
  const schemas = await openSchemas(topology, file)
  const measures = clock === systemClock ? measureProcess() : measuresOf(clock)
  const meters = new Meters(clock, measures)
  const { rows } = resources
  const parts: HostParts = {
    topology,
    resources: measuredResources(resources, meters),
    waits,
    meters,
    clock,
    random,
    spillFolder,
    giveWay: () => giveWay(),
    plans,
    decoderFor: (plan, log) => decoderFor(plan, log, schemas.get(plan.spout.name)),
    tuplesOf,
    deadLetters: deadLetterBox(topology.name, rows),
    retainedEvents: (query) => new RetainedEvents({ ...query, rows }),
  }
  return { parts, end: () => measures.end() }
}

const decoderFor = (
  plan: SpoutPlan,
  log: EventLog,
  schemas: AvroSchemas | undefined,
): ReturnType<typeof createDecoder> =>
  createDecoder({ spout: plan.spout.options, topic: log.topic, wanted: plan.wanted, schemas })

const deadLetterBox =
  (topology: string, rows: RowStore): DeadLetterBox =>
  (letters) =>
    writeDeadLetters(
      rows,
      letters.map((letter) => deadLetterOf(letter.record, { ...letter, topology, sink: letter.sink || everySink })),
    )
