/**
 * What the shell is given: open ports, and the parts that live in folders which the engine must not know.
 */
import type { Decoder } from '../../model/decoder.ts'
import type { DeleteScope } from '../../model/delete-request.ts'
import type { LaneClass } from '../../model/lane-permit.ts'
import type { Clock } from '../../model/ports/clock.ts'
import type { EventLog } from '../../model/ports/event-log.ts'
import type { Random } from '../../model/ports/random.ts'
import type { SpillDisk } from '../../model/ports/spill-disk.ts'
import type { LogRecord } from '../../model/record.ts'
import type { Happening, Resources } from '../../model/run-handle.ts'
import type { SpoutPlan } from '../../model/spout-plan.ts'
import type { SpoutNode, Topology } from '../../model/topology.ts'
import type { KnobDesk } from '../knob-desk.ts'
import type { TuplesOf } from '../run-bolts.ts'
import type { Meters } from './meters.ts'
import type { Waits } from './waits.ts'

/** A record that progress passes without applying it. `sink` is empty when every sink rejects it. */
export interface DeadLetter {
  readonly spout: string
  readonly topic: string
  readonly partition: number
  readonly sink: string
  readonly record: LogRecord
  readonly project: string | undefined
  readonly cause: string
  readonly message: string
  readonly attempts: number
}

/** Keeps dead letters. Resolves when they are durable; putting one again changes nothing. */
export type DeadLetterBox = (letters: readonly DeadLetter[]) => Promise<void>

export interface RetainedQuery {
  /** Name of the event store. */
  readonly sink: string
  readonly spout: SpoutNode
  readonly partition: number
  /** Only events of these are needed. */
  readonly scopes: readonly DeleteScope[]
}

/** A failure of the store ends the reading: whoever reads begins again, or what was read already would count twice. */
export interface RetainedSource {
  /** The part of the offsets `[from, to)`, or of those that are named in it, that was an event and lives, in any order. */
  read(
    span: { readonly from: number; readonly to: number },
    offsets?: ReadonlySet<number>,
  ): AsyncIterable<readonly LogRecord[]>
}

export interface EngineParts {
  readonly topology: Topology
  readonly resources: Resources
  readonly clock: Clock
  readonly random: Random
  readonly spillFolder: string
  /** For spill files in its place, where no file may be a real one. */
  readonly disk?: SpillDisk | undefined
  /** Gives way to timers and I/O between batches. */
  readonly giveWay: () => Promise<void>
  /** One plan per spout. */
  readonly plans: readonly SpoutPlan[]
  /** A decoder of its own for each reader of a spout. */
  readonly decoderFor: (plan: SpoutPlan, log: EventLog) => Decoder
  readonly tuplesOf: TuplesOf
  readonly deadLetters: DeadLetterBox
  /**
   * Records that the log has dropped, from the event store that took them as the spout gave them. Without it, deletes
   * leave out what the log has dropped.
   */
  readonly retainedEvents?: ((query: RetainedQuery) => RetainedSource) | undefined
  /** Value of a knob now, with a sink's options behind it, for a class of lanes. */
  readonly knob: (name: string, options?: Readonly<Record<string, number>> | undefined, laneClass?: LaneClass) => number
  /** Where the values come from. Absent: nothing is changed while it runs. */
  readonly knobs?: KnobDesk
  readonly report: (happening: Omit<Happening, 'atMs'>) => void
  /** What is waited for now. Absent: nobody asks. */
  readonly waits?: Waits
  /** Where time goes. Absent: nothing is measured. */
  readonly meters?: Meters
}
