/** `topology delete --duplicates-of ... --explain`: how many there are, and what taking them out would cost. */
import type { Duplicates } from '../find-duplicates.ts'
import type { DuplicatesJob } from '../judge-duplicates.ts'
import type { CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { printExplained } from './delete-explain.ts'
import { formatNumber } from './text-table.ts'
import type { OpenDesk } from './with-desk.ts'

export const explainDuplicates = async (
  io: CommandIo,
  input: CommandInput,
  { desk }: OpenDesk,
  { project, collection }: DuplicatesJob,
  { events, without, places }: Duplicates,
): Promise<ExitCode> => {
  const objects = (await desk.objectsOf(project)).filter(
    (one) => one.collection === collection && places.hasWithin(one.partition, one.firstOffset, one.lastOffset),
  )
  const counts = { duplicates: places.count, of: events, without }
  await printExplained(io, input, {
    ...{ class: 'by-id', reads: places.count, partitions: places.partitions.length, events: places.count },
    objects: objects.length,
    objectBytes: objects.reduce((sum, { byteLength = 0 }) => sum + byteLength, 0),
    refused: undefined,
    found: input.flag('json')
      ? counts
      : { duplicates: `${formatNumber(places.count)} of ${formatNumber(events)} events` },
  })
  return 0
}
