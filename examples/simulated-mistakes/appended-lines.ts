/**
 * A mistake: a sink that appends to a file. A process that dies after the write, before the ledger knows of it, leaves lines
 * that whoever recovers the lane appends once more.
 */
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { defineSink, type Event, type Sink } from 'spillway'

/** Ids of events, one a line, in `lines.txt` of the folder. */
export const appendedLines = (folder: string): Sink<Event<unknown>> =>
  defineSink<Event<unknown>>({
    sinkKind: 'custom',
    name: 'appendedLines',
    doc: `lines in ${folder}`,
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
          write: async () => {
            await mkdir(folder, { recursive: true })
            await appendFile(join(folder, 'lines.txt'), lines.join(''))
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
