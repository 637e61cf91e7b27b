/**
 * A sink whose write can be repeated: what an epoch gives is a file of its own, named for the epoch alone. It is written
 * under another name and renamed, so it is there whole or not at all, and a second write puts the same bytes in its place.
 */
import { mkdir, mkdtemp, open, rename, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type DeclaredEpoch, defineSink, type Event, type Sink } from 'spillway'

/** Ids of events, one a line, in files of the folder. */
export const placedLines = (folder: string): Sink<Event<unknown>> =>
  defineSink<Event<unknown>>({
    sinkKind: 'custom',
    name: 'placedLines',
    doc: `files of lines in ${folder}`,
    order: 'commutative',
    options: {},
    knobs: {},
    epochAge: 'epoch.ageMs',
    subtracts: false,
    tables: () => [],
    open: async () => ({
      openEpoch: () => {
        const lines: string[] = []
        return {
          add: (tuples, weight) => {
            for (let index = 0; index < tuples.length; index++) lines.push(`${weight} ${tuples.tuple(index).id}\n`)
          },
          heldBytes: () => lines.length * 40,
          spilledBytes: () => 0,
          write: async (epoch) => {
            if (lines.length > 0) await placeFile(folder, nameOf(epoch), lines.join(''))
            return 'written'
          },
          discard: () => {
            lines.length = 0
          },
        }
      },
      close: async () => {},
    }),
  })

const nameOf = ({ spout, partition, lane, from, retracts }: DeclaredEpoch): string =>
  `${spout}-${partition}-${lane}-${from}${retracts === undefined ? '' : `-delete-${retracts.deleteOffset}`}.txt`

const placeFile = async (folder: string, name: string, text: string): Promise<void> => {
  await mkdir(folder, { recursive: true })
  // Where no other process writes.
  const drafts = await mkdtemp(join(folder, '.draft-'))
  const file = await open(join(drafts, name), 'w')
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(join(drafts, name), join(folder, name))
  await rmdir(drafts)
}
