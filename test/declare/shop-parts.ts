/** Small operators and sinks that do nothing but carry what a declaration reads of them. */
import type { Event } from '../../topology/model/event.ts'
import type { JsonValue } from '../../topology/model/json.ts'
import { defineOperator, type OrderNeed, type StateOperator } from '../../topology/model/operator.ts'
import type { Path } from '../../topology/model/path.ts'
import { defineSink, type RowsSink, type Sink, type SinkKind } from '../../topology/model/sink.ts'

interface OperatorFields {
  readonly name?: string
  readonly options?: JsonValue
  readonly reads?: readonly Path[]
  readonly readsShapes?: boolean
  readonly order?: OrderNeed
}

export const tally = (fields: OperatorFields = {}): StateOperator<unknown, number> =>
  defineOperator<unknown, number>({
    name: 'tally',
    doc: 'counts per country',
    order: 'commutative',
    retraction: 'exact',
    options: { by: ['country'] },
    reads: [['country']],
    readsShapes: false,
    table: {
      partition: [{ name: 'country', type: 'text' }],
      cluster: [{ name: 'window_start', type: 'integer' }],
      columns: [{ name: 'orders', type: 'integer' }],
    },
    epochAge: 'epoch.ageMs',
    fold: () => {},
    merge: (left, right) => left + right,
    isEmpty: (state) => state === 0,
    encode: String,
    decode: Number,
    columns: (_key, state) => [state],
    sizeBytes: () => 8,
    ...fields,
  })

interface SinkFields {
  readonly options?: JsonValue
  readonly knobs?: Readonly<Record<string, number>>
  readonly epochAge?: string
  readonly suffixes?: readonly string[]
}

const sinkOf = <In>(sinkKind: SinkKind, name: string, fields: SinkFields): Sink<In> =>
  defineSink<In>({
    sinkKind,
    name,
    doc: `keeps ${sinkKind}`,
    order: 'commutative',
    options: fields.options ?? {},
    knobs: fields.knobs ?? {},
    epochAge: fields.epochAge,
    subtracts: true,
    tables: (sink, operator) =>
      (fields.suffixes ?? []).map((suffix) => ({
        name: `${sink}${suffix}`,
        partition: operator?.table.partition ?? [{ name: 'project', type: 'text' }],
        cluster: operator?.table.cluster ?? [],
        columns: [],
      })),
    open: async () => ({
      openEpoch: () => ({
        add: () => {},
        heldBytes: () => 0,
        spilledBytes: () => 0,
        write: async () => 'written',
        discard: () => {},
      }),
      close: async () => {},
    }),
  })

export const keepRows = (fields: SinkFields = {}): RowsSink => sinkOf('rows', 'keepRows', { suffixes: [''], ...fields })
export const keepEvents = (fields: SinkFields = {}): Sink<Event> =>
  sinkOf('events', 'keepEvents', { suffixes: ['', '_buckets'], epochAge: 'epoch.ageMs', ...fields })
export const keepObjects = (fields: SinkFields = {}): Sink<Event> =>
  sinkOf('objects', 'keepObjects', { epochAge: 'objects.ageMs', ...fields })
export const keepAnything = (fields: SinkFields = {}): Sink =>
  sinkOf('custom', 'keepAnything', { epochAge: 'epoch.ageMs', ...fields })
