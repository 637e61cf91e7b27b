/**
 * Where a run is put together: the engine gets open ports, the decoder, the plan, and the tables beside the rows.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { auditTable } from '../sinks/rows/audit.ts'
import { controlsTable } from '../sinks/rows/controls.ts'
import { deadLetterTable } from '../sinks/rows/dead-letters.ts'
import { catalogueOfPartitions } from '../sinks/rows/partition-catalogue.ts'
import { runPositionsTable } from '../sinks/rows/run-positions.ts'
import { writeCatalogue } from '../sinks/rows/topology-catalogue.ts'
import { catalogueContent } from './catalogue-content.ts'
import { controlProfiles } from './control-profiles.ts'
import { planSpout } from './declare/plan-spout.ts'
import { TopologyProblems } from './declare/topology-problems.ts'
import { validateTopology } from './declare/validate-topology.ts'
import { blamed } from './engine/shell/culprit.ts'
import { Abandoned, persist } from './engine/shell/persist.ts'
import { type EngineRun, runEngine } from './engine/shell/run-engine.ts'
import { systemClock, systemRandom } from './engine/shell/system-clock.ts'
import { Waits } from './engine/shell/waits.ts'
import { type ForkWorker, WorkerPool } from './engine/shell/workers/worker-pool.ts'
import { followControls } from './follow-controls.ts'
import { guardTables } from './guard-tables.ts'
import { storageError } from './model/errors.ts'
import { knobValue } from './model/knobs.ts'
import type { Resources, RunOptions } from './model/run-handle.ts'
import type { Topology } from './model/topology.ts'
import { markedPlan, type PlanMarks, readPlanMarks, servedBy } from './plan-marks.ts'
import { markPromoted } from './promote-namespace.ts'
import { publishRun } from './publish-run.ts'
import { runParts } from './run-parts.ts'
import { tenantsIn } from './tenants-in.ts'
import { WatchRun } from './watch-run.ts'

/** What workers have to know of the run beside what their supervisor tells them. */
export interface WorkersOrder {
  /** Each spills below it. */
  readonly spillFolder: string
  readonly marks: PlanMarks
}

export type ForkWorkers = (order: WorkersOrder) => ForkWorker

/**
 * Runs a topology on open ports. Whoever opened them closes them when the run has ended. `workers`: starts
 * the processes that run the lanes; absent: they run in this one.
 *
 * Throws before anything is read when the topology has problems, a sink has changed its meaning, or a store belongs to
 * something else (class `stop`).
 */
export const startRun = async (
  topology: Topology,
  resources: Resources,
  options: RunOptions = {},
  workers?: ForkWorkers,
): Promise<EngineRun> => {
  const problems = validateTopology(topology)
  if (problems.length > 0) throw new TopologyProblems(topology.name, problems)
  const given = options.spillFolder
  const spillFolder = given ?? (await ownSpillFolder(topology.name))
  const remove = (): Promise<void> => rm(spillFolder, { recursive: true, force: true })
  try {
    // What a killed run has left in a folder that was given is of no use to anybody.
    if (given !== undefined) await remove()
    const waits = new Waits(options.clock ?? systemClock)
    const run = await startIn(spillFolder, topology, blamed(resources, waits), waits, options, workers)
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
  waits: Waits,
  options: RunOptions,
  workers: ForkWorkers | undefined,
): Promise<EngineRun> => {
  const clock = options.clock ?? systemClock
  const declared = topology.spouts.map((spout) => planSpout(topology, spout.name))
  const random = options.random ?? systemRandom
  const patience = { clock, random, knob: (name: string) => knobValue(name, options.knobs), report: () => undefined }
  const { rows } = resources
  const asked = options.signal ?? new AbortController().signal
  const only = options.only === undefined ? undefined : servedBy(topology, declared, options.only)
  const marks = await persist(patience, 'ledger', asked, () =>
    readPlanMarks(resources.ledger, topology.name, declared, only),
  )
  const plans = declared.map((plan) => markedPlan(plan, marks))
  // A promotion, or a way back, whose process died has told not every partition.
  if (marks.wasPromoted === true) await markPromoted({ ...resources, clock, random }, topology.name, asked)
  for (const table of [catalogueOfPartitions, deadLetterTable, runPositionsTable, controlsTable, auditTable])
    await persist(patience, 'rows', asked, () => rows.ensureTable(table))
  await persist(patience, 'rows', asked, () => guardTables(rows, topology.name, plans))
  const given = { topology, resources, waits, clock, random, spillFolder, plans, file: options.file }
  const { parts, end } = await runParts(given)
  const run = await runEngine(parts, {
    untilCaughtUp: options.untilCaughtUp ?? false,
    signal: options.signal,
    knobs: options.knobs ?? {},
    house: workers && ((given, hooks) => new WorkerPool(given, hooks, workers({ spillFolder, marks }))),
  })
  // After the start: a topology that was refused is not the one that readers should see.
  await describeRun(run, (over) =>
    persist(patience, 'rows', over, () =>
      writeCatalogue(rows, catalogueContent(topology, plans, options.file), clock, only),
    ),
  )
  void run.ended.then(end)
  const tenantsOf = new Map(
    plans.map((plan) => {
      const log = resources.logs[plan.spout.name] ?? resources.logs['default']!
      return [plan.spout.name, tenantsIn(parts.decoderFor(plan, log))] as const
    }),
  )
  const watch = new WatchRun(run, resources, clock, options.watch, tenantsOf)
  void watch.untilEnded()
  // Several runs of one process are several as well.
  const writer = { host: hostname(), process: `${process.pid}-${random.next().toString(36).slice(2)}` }
  void followControls(run, topology.name, rows, clock, { process: writer.process })
  void controlProfiles(run, topology.name, rows, clock)
  void publishRun(run, rows, writer, clock, (name) => watch.named(name))
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
