/** The cost of an archive, asked once before a run: above `objects.perHour` a person says so with `--accept-cost`. */
import type { EventLog } from '../model/ports/event-log.ts'
import type { Topology } from '../model/topology.ts'
import type { CommandInput } from './command-input.ts'

export const acceptCost = {
  flags: '--accept-cost',
  doc: 'runs although the archive would write more objects an hour than `objects.perHour`',
} as const

/** Throws `objectsTooMany`. */
export const checkCost = async (
  input: CommandInput,
  topology: Topology,
  sources: {
    readonly logs: Readonly<Record<string, EventLog>>
    readonly knobs: Readonly<Record<string, number | string>>
    readonly file: string
  },
): Promise<void> => {
  if (input.flag('accept-cost') || topology.sinks.every(({ sink }) => sink.sinkKind !== 'objects')) return
  const { checkObjectsPerHour } = await import('../estimate-objects.ts')
  await checkObjectsPerHour(topology, sources)
}
