/** What the engine is given in a simulated process, or in a worker of it: production code over gated ports. */
import { deadLetterOf, everySink, writeDeadLetters } from '../../../../sinks/rows/dead-letters.ts'
import { RetainedEvents } from '../../../../sinks/rows/retained-events.ts'
import type { HostParts } from '../../../engine/shell/workers/worker-host.ts'
import type { Decoder } from '../../../model/decoder.ts'
import type { EventLog } from '../../../model/ports/event-log.ts'
import type { Random } from '../../../model/ports/random.ts'
import type { SpoutPlan } from '../../../model/spout-plan.ts'
import { createDecoder } from '../../../spouts/decode/create-decoder.ts'
import { tuplesOf } from '../../../spouts/decode/tuples-of.ts'
import { createSimulatedDisk } from '../servers/simulated-disk.ts'
import { type GatedParty, gatedResources } from './gated-resources.ts'
import type { ProcessPlace } from './simulated-process.ts'

export interface PartsOwner extends GatedParty {
  readonly random: Random
  /** Tenant that it leaves out on its own account; for the planted fault `tenant-skip-in-memory` alone. */
  readonly skippedTenant: () => string | undefined
}

export const processParts = (place: ProcessPlace, owner: PartsOwner): HostParts => {
  const { topology, plans } = place
  const { party, clock, random, skippedTenant } = owner
  const resources = gatedResources(place.resources, owner)
  return {
    topology,
    resources,
    clock,
    random,
    spillFolder: party.name,
    disk: createSimulatedDisk({ name: party.name, dice: place.dice, pause: () => party.pass() }),
    giveWay: () => party.pass(),
    plans,
    decoderFor: (plan, log) => decoderOf(plan, log, skippedTenant),
    tuplesOf,
    retainedEvents: (query) => new RetainedEvents({ ...query, rows: resources.rows }),
    deadLetters: (letters) =>
      writeDeadLetters(
        resources.rows,
        letters.map((one) =>
          deadLetterOf(one.record, { ...one, topology: topology.name, sink: one.sink || everySink }),
        ),
      ),
  }
}

const decoderOf = (plan: SpoutPlan, log: EventLog, skippedTenant: () => string | undefined): Decoder => {
  const decoder = createDecoder({ spout: plan.spout.options, topic: log.topic, wanted: plan.wanted })
  return {
    decode: (batch, accepts) => {
      const skipped = skippedTenant()
      if (skipped === undefined) return decoder.decode(batch, accepts)
      return decoder.decode(
        batch,
        (project, at, collection) => project !== skipped && accepts?.(project, at, collection) !== false,
      )
    },
  }
}
