/** A count per key, a writer over directed replicas, and short words for the tests of state rows. */

import { readState } from '../../../sinks/rows/read-state.ts'
import { type TableRowsOptions, tableRows } from '../../../sinks/rows/table-rows.ts'
import { defineOperator, type StateOperator } from '../../../topology/model/operator.ts'
import type { Path } from '../../../topology/model/path.ts'
import type { RowStore } from '../../../topology/model/ports/row-store.ts'
import { offset } from '../../../topology/model/position.ts'
import type { DeclaredEpoch, OpenEpoch, SinkContext, SinkWriter } from '../../../topology/model/sink.ts'
import type { Tuples } from '../../../topology/model/tuples.ts'

interface Counted {
  n: number
}

/** Counts tuples by their text. */
export const countByText: StateOperator<unknown, Counted> = defineOperator<unknown, Counted>({
  name: 'countByText',
  doc: 'counts tuples by their text',
  order: 'commutative',
  retraction: 'exact',
  options: {},
  reads: [['text']],
  readsShapes: false,
  table: {
    partition: [{ name: 'text', type: 'text' }],
    cluster: [],
    columns: [{ name: 'n', type: 'integer' }],
  },
  epochAge: 'epoch.ageMs',
  fold: (tuples, weight, into) => {
    const texts = tuples.column(['text'])
    for (let index = 0; index < tuples.length; index++) {
      const text = String(texts[index])
      const delta = into.get(text) ?? { key: [text], state: { n: 0 } }
      delta.state.n += weight
      into.set(text, delta)
    }
  },
  merge: (left, right) => {
    left.n += right.n
    return left
  },
  isEmpty: (state) => state.n === 0,
  encode: (state) => String(state.n),
  decode: (text) => ({ n: Number(text) }),
  columns: (_key, state) => [state.n],
  sizeBytes: () => 16,
})

/** One tuple per word. */
export const words = (text: string): Tuples => {
  const list = text.split(' ')
  return {
    length: list.length,
    tuple: (index) => ({ text: list[index] }),
    timesMs: () => list.map(() => 0),
    projects: () => list.map(() => 'default'),
    collections: () => list.map(() => 'words'),
    column: (path: Path) => (path[0] === 'text' ? list : []),
    shapes: () => {
      throw new RangeError('no shapes here')
    },
    events: () => undefined,
  }
}

export const epoch = (seq: number, more: Partial<DeclaredEpoch> = {}): DeclaredEpoch => ({
  topology: 'shop',
  sink: 'counts',
  log: 'log-1',
  spout: 'events',
  partition: 0,
  lane: 1,
  from: offset(0),
  to: offset(10),
  seq,
  slot: 0,
  partBytes: 0,
  ...more,
})

// Every look at the clock is later than the one before.
let nowMs = 1_700_000_000_000

export const contextOf = (rows: RowStore, more: Partial<SinkContext> = {}): SinkContext => ({
  topology: 'shop',
  sink: 'counts',
  spout: 'events',
  partition: 0,
  rows,
  objects: undefined as unknown as SinkContext['objects'], // row sinks touch no objects
  log: { partitions: 1, append: async () => [] },
  clock: { nowMs: () => ++nowMs, sleep: async () => {} },
  spillFolder: '',
  operator: countByText,
  knob: () => 0,
  ...more,
})

export const writerOn = (rows: RowStore, options: TableRowsOptions = {}): Promise<SinkWriter> =>
  tableRows(options).open(contextOf(rows))

/** An open epoch that took the words; `minus` leave again. */
export const filled = (writer: SinkWriter, plus: string, minus?: string): OpenEpoch => {
  const open = writer.openEpoch()
  if (plus !== '') open.add(words(plus), 1)
  if (minus !== undefined) open.add(words(minus), -1)
  return open
}

export const never: AbortSignal = new AbortController().signal

/** Counts as readers see them. */
export const countsOf = async (rows: RowStore): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for await (const { key, state } of readState({ rows, sink: 'counts', operator: countByText })) {
    counts[String(key[0])] = state.n
  }
  return counts
}
