/**
 * Knobs are data: everything that may be turned while a topology runs and that cannot break an invariant.
 *
 * One entry per knob that the code reads; `knob()` of the run's context is the one way to read it.
 */
export interface Knob {
  readonly name: string
  readonly unit: string
  readonly initial: number
  readonly min: number
  readonly max: number
  readonly effect: string
}

const table = [
  {
    name: 'memory.budgetBytes',
    unit: 'bytes',
    initial: 268_435_456,
    min: 67_108_864,
    max: 68_719_476_736,
    effect: 'bytes that all open epochs and fetches of the process may hold together',
  },
  {
    name: 'fetch.partitionBytes',
    unit: 'bytes',
    initial: 1_048_576,
    min: 65_536,
    max: 67_108_864,
    effect: 'bytes of one fetch',
  },
  {
    name: 'fetch.waitMs',
    unit: 'ms',
    initial: 500,
    min: 10,
    max: 5_000,
    effect: 'how long a fetch waits at the end of the log',
  },
  {
    name: 'batch.records',
    unit: 'records',
    initial: 500,
    min: 1,
    max: 20_000,
    effect: 'records handed to the bolts at once',
  },
  {
    name: 'ledger.tickMs',
    unit: 'ms',
    initial: 250,
    min: 50,
    max: 5_000,
    effect: 'least time between two compare-and-sets of one partition',
  },
  {
    name: 'epoch.ageMs',
    unit: 'ms',
    initial: 1_000,
    min: 100,
    max: 600_000,
    effect: 'age at which an epoch of rows or event rows closes',
  },
  {
    name: 'epoch.schemaMs',
    unit: 'ms',
    initial: 60_000,
    min: 1_000,
    max: 3_600_000,
    effect: 'age at which an epoch of a schema closes',
  },
  {
    name: 'epoch.bytes',
    unit: 'bytes',
    initial: 16_777_216,
    min: 65_536,
    max: 1_073_741_824,
    effect: 'bytes read at which an epoch of rows closes',
  },
  {
    name: 'epoch.records',
    unit: 'records',
    initial: 50_000,
    min: 100,
    max: 10_000_000,
    effect: 'records read at which an epoch of rows closes',
  },
  {
    name: 'objects.targetBytes',
    unit: 'bytes',
    initial: 33_554_432,
    min: 65_536,
    max: 1_073_741_824,
    effect: 'size at which an output is cut into another part',
  },
  {
    name: 'objects.epochBytes',
    unit: 'bytes',
    initial: 536_870_912,
    min: 1_048_576,
    max: 107_374_182_400,
    effect: 'spilled bytes at which a lane closes its outputs',
  },
  {
    name: 'objects.ageMs',
    unit: 'ms',
    initial: 300_000,
    min: 1_000,
    max: 86_400_000,
    effect: 'age at which a lane closes its outputs',
  },
  {
    name: 'objects.idleMs',
    unit: 'ms',
    initial: 60_000,
    min: 1_000,
    max: 3_600_000,
    effect: 'quiet time after which a lane closes its outputs',
  },
  {
    name: 'objects.inFlightRequests',
    unit: 'requests',
    initial: 16,
    min: 1,
    max: 256,
    effect: 'objects that are on their way to the store at once',
  },
  {
    name: 'rows.batchBytes',
    unit: 'bytes',
    initial: 49_152,
    min: 512,
    max: 1_048_576,
    effect: 'bytes of rows of one partition written to a row server at once',
  },
  {
    name: 'rows.inFlightRequests',
    unit: 'requests',
    initial: 256,
    min: 1,
    max: 2_048,
    effect: 'upper end of the adaptive limit of requests to one host of a row server, reads and writes each',
  },
  {
    name: 'rows.deadlineMs',
    unit: 'ms',
    initial: 5_000,
    min: 100,
    max: 60_000,
    effect: 'how long one request to a row server may take',
  },
  {
    name: 'deadLetter.laneRatio',
    unit: 'ratio',
    initial: 0.5,
    min: 0.01,
    max: 1,
    effect: 'share of rejects among the last 100 or more records at which a lane stops',
  },
  {
    name: 'retry.firstMs',
    unit: 'ms',
    initial: 100,
    min: 1,
    max: 60_000,
    effect: 'first pause after a failure that may pass',
  },
  {
    name: 'retry.maxMs',
    unit: 'ms',
    initial: 30_000,
    min: 100,
    max: 600_000,
    effect: 'longest pause after a failure that may pass',
  },
  {
    name: 'delete.epochMs',
    unit: 'ms',
    initial: 200,
    min: 10,
    max: 5_000,
    effect: 'time after which a delete declares what it has read',
  },
  {
    name: 'delete.coalesceMs',
    unit: 'ms',
    initial: 2_000,
    min: 0,
    max: 600_000,
    effect: 'how long delete records are gathered before they are listed together',
  },
  {
    name: 'delete.rewriteMs',
    unit: 'ms',
    initial: 10_000,
    min: 0,
    max: 86_400_000,
    effect: 'how long deletes are gathered before the objects that hold their events are rewritten',
  },
  {
    name: 'delete.scanRecords',
    unit: 'records',
    initial: 1_000_000,
    min: 0,
    max: 1_000_000_000,
    effect: 'records that a delete may scan before it needs a permission of its own',
  },
  {
    name: 'schema.childNames',
    unit: 'names',
    initial: 200,
    min: 20,
    max: 10_000,
    effect: 'child names of an object above which the schema counts them together',
  },
  {
    name: 'schema.publishedPaths',
    unit: 'paths',
    initial: 1_000,
    min: 10,
    max: 10_000,
    effect: 'paths that a schema shows',
  },
  {
    name: 'rollup.groups',
    unit: 'groups',
    initial: 100_000,
    min: 100,
    max: 10_000_000,
    effect: 'groups of a window that a rollup keeps; the others count together',
  },
  {
    name: 'unique.exactValues',
    unit: 'values',
    initial: 10_000,
    min: 100,
    max: 1_000_000,
    effect: 'different values up to which they are counted exactly',
  },
  {
    name: 'fill.cells',
    unit: 'cells',
    initial: 1_000_000,
    min: 1_000,
    max: 100_000_000,
    effect: 'cells up to which an answer is filled',
  },
  {
    name: 'fill.budgetMs',
    unit: 'ms',
    initial: 2_000,
    min: 10,
    max: 60_000,
    effect: 'time that the making of an answer may take',
  },
  {
    name: 'fill.intervals',
    unit: 'intervals',
    initial: 2_500,
    min: 1,
    max: 100_000,
    effect: 'intervals that a query may ask for',
  },
  {
    name: 'dedupe.windowMs',
    unit: 'ms',
    initial: 2_678_400_000,
    min: 60_000,
    max: 31_536_000_000,
    effect: 'how long a token of a duplicate is remembered',
  },
  {
    name: 'shutdown.drainMs',
    unit: 'ms',
    initial: 20_000,
    min: 0,
    max: 600_000,
    effect: 'how long a stop may take before open work is abandoned',
  },
] as const satisfies readonly Knob[]

export const knobs: ReadonlyMap<string, Knob> = new Map(table.map((knob) => [knob.name, knob]))

/** The value of a knob: set in this run, else an option of the topology, else its initial value; never out of bounds. */
export const knobValue = (
  name: string,
  ...layers: readonly (Readonly<Record<string, number>> | undefined)[]
): number => {
  const knob = knobs.get(name)
  if (knob === undefined) throw new RangeError(`no knob is named ${name}`)
  for (const layer of layers) {
    const value = layer?.[name]
    if (value !== undefined) return Math.min(knob.max, Math.max(knob.min, value))
  }
  return knob.initial
}
