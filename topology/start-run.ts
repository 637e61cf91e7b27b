/**
 * Where a run is put together: the engine gets open ports, the decoder, the plan, and the tables beside the rows.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as giveWay } from 'node:timers/promises'
import type { CatalogueSink } from '../sinks/rows/catalogue-entry.ts'
import { controlsTable } from '../sinks/rows/controls.ts'
import { deadLetterOf, deadLetterTable, everySink, writeDeadLetters } from '../sinks/rows/dead-letters.ts'
import { catalogueOfPartitions } from '../sinks/rows/partition-catalogue.ts'
import { RetainedEvents } from '../sinks/rows/retained-events.ts'
import { runPositionsTable } from '../sinks/rows/run-positions.ts'
import { writeCatalogue } from '../sinks/rows/topology-catalogue.ts'
import { planSpout } from './declare/plan-spout.ts'
import { TopologyProblems } from './declare/topology-problems.ts'
import { validateTopology } from './declare/validate-topology.ts'
import { blamed } from './engine/shell/culprit.ts'
import type { DeadLetterBox } from './engine/shell/engine-parts.ts'
import { Abandoned, persist } from './engine/shell/persist.ts'
import { type EngineRun, runEngine } from './engine/shell/run-engine.ts'
import { systemClock, systemRandom } from './engine/shell/system-clock.ts'
import { followControls } from './follow-controls.ts'
import { guardTables } from './guard-tables.ts'
import { storageError } from './model/errors.ts'
import { knobValue } from './model/knobs.ts'
import type { StateOperator } from './model/operator.ts'
import type { EventLog } from './model/ports/event-log.ts'
import type { RowStore } from './model/ports/row-store.ts'
import type { Resources, RunOptions } from './model/run-handle.ts'
import type { SpoutPlan } from './model/spout-plan.ts'
import type { Topology } from './model/topology.ts'
import { openSchemas } from './open-schemas.ts'
import { publishRun } from './publish-run.ts'
import type { AvroSchemas } from './spouts/decode/avro/avro-schemas.ts'
import { createDecoder } from './spouts/decode/create-decoder.ts'
import { tuplesOf } from './spouts/decode/tuples-of.ts'

/**
 * Runs a topology on open ports. Whoever opened them closes them when the run has ended.
 *
 * Throws before anything is read when the topology has problems, a sink has changed its meaning, or a store belongs to
 * something else (class `stop`).
 */
export const startRun = async (
  topology: Topology,
  resources: Resources,
  options: RunOptions = {},
): Promise<EngineRun> => {
  const problems = validateTopology(topology)
  if (problems.length > 0) throw new TopologyProblems(topology.name, problems)
  const given = options.spillFolder
  const spillFolder = given ?? (await ownSpillFolder(topology.name))
  const remove = (): Promise<void> => rm(spillFolder, { recursive: true, force: true })
  try {
    // What a killed run has left in a folder that was given is of no use to anybody.
    if (given !== undefined) await remove()
    const run = await startIn(spillFolder, topology, blamed(resources), options)
    // A folder that was given may belong to the next run by then.
    if (given === undefined) void run.ended.then(remove).catch(() => undefined)
    return run
  } catch (error) {
    if (given === undefined) await remove().catch(() => undefined)
    throw error
  }
}

/** No other run has it, not even one of this process. */
const ownSpillFolder = async (topology: string): Promise<string> => {
  const folder = join(tmpdir(), `spillway-${process.pid}-${topology}-`)
  try {
    return await mkdtemp(folder)
  } catch (error) {
    throw storageError(folder, error)
  }
}

const startIn = async (
  spillFolder: string,
  topology: Topology,
  resources: Resources,
  options: RunOptions,
): Promise<EngineRun> => {
  const clock = options.clock ?? systemClock
  const plans = topology.spouts.map((spout) => planSpout(topology, spout.name))
  const schemas = await openSchemas(topology, options.file)
  const random = options.random ?? systemRandom
  const patience = { clock, random, knob: (name: string) => knobValue(name, options.knobs), report: () => undefined }
  const { rows } = resources
  const asked = options.signal ?? new AbortController().signal
  for (const table of [catalogueOfPartitions, deadLetterTable, runPositionsTable, controlsTable])
    await persist(patience, 'rows', asked, () => rows.ensureTable(table))
  await persist(patience, 'rows', asked, () => guardTables(rows, topology.name, plans))
  const run = await runEngine(
    {
      topology,
      resources,
      clock,
      random,
      spillFolder,
      giveWay: () => giveWay(),
      plans,
      decoderFor: (plan, log) => decoderFor(plan, log, schemas.get(plan.spout.name)),
      tuplesOf,
      deadLetters: deadLetterBox(topology.name, resources.rows),
      retainedEvents: (query) => new RetainedEvents({ ...query, rows }),
    },
    { untilCaughtUp: options.untilCaughtUp ?? false, signal: options.signal, knobs: options.knobs ?? {} },
  )
  // After the start: a topology that was refused is not the one that readers should see.
  await describeRun(run, (over) =>
    persist(patience, 'rows', over, () => writeCatalogue(rows, catalogueOf(topology, plans, options.file), clock)),
  )
  void followControls(run, topology.name, rows, clock)
  // Several runs of one process are several as well.
  const writer = { host: hostname(), process: `${process.pid}-${random.next().toString(36).slice(2)}` }
  if (options.untilCaughtUp !== true) void publishRun(run, rows, writer, clock)
  return run
}

/** Readers need the catalogue; a run that nobody could hold is not left behind. */
const describeRun = async (run: EngineRun, write: (over: AbortSignal) => Promise<void>): Promise<void> => {
  const over = new AbortController()
  void run.ended.then(() => over.abort())
  try {
    await write(over.signal)
  } catch (error) {
    if (error instanceof Abandoned) return
    await run.stop()
    throw error
  }
}

const decoderFor = (
  plan: SpoutPlan,
  log: EventLog,
  schemas: AvroSchemas | undefined,
): ReturnType<typeof createDecoder> =>
  createDecoder({ spout: plan.spout.options, topic: log.topic, wanted: plan.wanted, schemas })

const deadLetterBox =
  (topology: string, rows: RowStore): DeadLetterBox =>
  (letters) =>
    writeDeadLetters(
      rows,
      letters.map((letter) => deadLetterOf(letter.record, { ...letter, topology, sink: letter.sink || everySink })),
    )

const catalogueOf = (
  topology: Topology,
  plans: readonly SpoutPlan[],
  file: string | undefined,
): Parameters<typeof writeCatalogue>[1] => ({
  topology: topology.name,
  file: file ?? null,
  spouts: topology.spouts.map(({ name, options }) => ({ name, options: JSON.parse(JSON.stringify(options)) })),
  sinks: topology.sinks.map((node) => {
    const planned = plans.flatMap((plan) =>
      plan.sinks.filter((sink) => sink.name === node.name).map((sink) => ({ sink, spout: plan.spout.name })),
    )
    const operator = planned[0]?.sink.operator
    return {
      name: node.name,
      kind: node.sink.sinkKind,
      type: node.sink.name,
      options: node.sink.options,
      operator: operator === undefined ? null : catalogueOperator(operator),
      spouts: planned.map((one) => one.spout),
    }
  }),
})

const catalogueOperator = ({
  name,
  options,
  reading,
  table,
}: StateOperator): NonNullable<CatalogueSink['operator']> => ({
  name,
  options,
  ...(reading === undefined ? {} : { reading }),
  table,
})
