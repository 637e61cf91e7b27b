/**
 * A user's sink: one absolute row per event, stamped by the event's place in the log, or by the delete that took it. What is
 * written again is the same bytes under the same stamp.
 */
import type { Event } from 'spillway'
import { defineSink, type Sink } from 'spillway/sinks'
import type { TableSpec } from '../../topology/model/ports/row-store.ts'
import type { DeclaredEpoch, OpenEpoch } from '../../topology/model/sink.ts'

export const notesTable = (sink: string): TableSpec => ({
  name: sink,
  partition: [
    { name: 'spout', type: 'text' },
    { name: 'log_partition', type: 'integer' },
  ],
  cluster: [{ name: 'offset', type: 'integer' }],
  columns: [
    { name: 'note', type: 'text' },
    { name: 'is_gone', type: 'boolean' },
  ],
})

/** Any tuple that leads to its record. */
export type Noted = Pick<Event<unknown>, 'offset' | 'timestamp'>

export const keptNotes = (): Sink<Noted> =>
  defineSink<Noted>({
    sinkKind: 'custom',
    name: 'keptNotes',
    doc: 'one row per event',
    order: 'commutative',
    options: {},
    knobs: {},
    epochAge: 'epoch.ageMs',
    subtracts: true,
    tables: (sink) => [notesTable(sink)],
    open: async ({ rows, sink }) => {
      const table = notesTable(sink)
      return {
        openEpoch: () => noteEpoch((row, stamp) => rows.write(table, [row], stamp)),
        close: async () => {},
      }
    },
  })

type WriteNote = (row: readonly (string | number | boolean)[], stamp: number) => Promise<void>

const noteEpoch = (write: WriteNote): OpenEpoch<Noted> => {
  const notes = new Map<number, string>()
  const gone = new Set<number>()
  return {
    add: (tuples, weight) => {
      for (let index = 0; index < tuples.length; index++) {
        const { offset, timestamp } = tuples.tuple(index)
        if (weight === 1) notes.set(offset, String(timestamp))
        else if (!notes.delete(offset)) gone.add(offset)
      }
    },
    heldBytes: () => (notes.size + gone.size) * 64,
    spilledBytes: () => 0,
    write: async ({ spout, partition, retracts }: DeclaredEpoch) => {
      for (const [offset, note] of notes) await write([spout, partition, offset, note, false], offset + 1)
      // Only the epoch of a delete has them; in another they have left before they were written.
      if (retracts !== undefined)
        for (const offset of gone) await write([spout, partition, offset, '', true], retracts.deleteOffset + 1)
      return 'written'
    },
    discard: () => {
      notes.clear()
      gone.clear()
    },
  }
}
