/**
 * What a step of the chaos phase may do to the world, and how often: records come, processes begin, late effects arrive,
 * and whatever of the faults the swarm of the history has. A step that does nothing of this moves something on.
 */
import type { FaultKind } from './fault-kinds.ts'
import { supervise } from './supervise.ts'
import type { World } from './world.ts'

/** Does it, or tells that nothing could be done. */
type Act = (world: World) => boolean | Promise<boolean>

export interface Action {
  /** Below this number of a draw in [0, 1), and not below that of the action before. */
  readonly below: number
  readonly act: Act
}

const crash: Act = (world) => {
  const who = world.one(world.processes)
  if (who === undefined) return false
  world.kill(who, false)
  world.count('crash', who.name, () => 'dies')
  return true
}

const freeze: Act = (world) => {
  const who = world.one(world.processes)
  const until = world.below(3) === 0 ? Number.POSITIVE_INFINITY : world.step + 1 + world.below(world.drawnChaosSteps)
  if (who === undefined) return false
  world.freeze(who, until)
  world.count('freeze', who.name, () => (until < 1e9 ? `stands still until step ${until}` : 'stands still'))
  return true
}

/** Ends as a person or a deployment ends it: what is open is finished or given up, its share goes to others at once. */
const stop: Act = (world) => {
  const who = world.one(world.processes)
  if (who?.run === undefined || who.isStopping) return false
  who.stop()
  world.count('stop', who.name, () => 'is asked to end')
  return true
}

/** Memory runs short: lanes close what they hold. */
const pressure: Act = (world) => {
  let isClosed = false
  for (const who of world.processes) {
    if (!who.mayMove) continue
    for (const runner of who.runners)
      for (const lane of runner.lanes.values()) {
        if (lane.isSettled || world.below(3) > 0) continue
        lane.check('pressure')
        isClosed = true
      }
  }
  if (isClosed) world.count('pressure', 'world', () => 'memory runs short, epochs close early')
  return isClosed
}

const jumpMs = 60_000

const clockJump: Act = (world) => {
  const who = world.one(world.processes)
  const most = world.below(4) === 0 ? jumpMs : 1_000
  const ms = world.below(2 * most) - most
  if (who === undefined) return false
  who.clock.jump(ms)
  world.count('clockJump', who.name, () => `its clock jumps by ${ms} ms`)
  return true
}

const slowMs = [600, 600, 2_000, 15_000, 60_000]

/** Stores and the log take long to answer: whoever waits for them gets nowhere, and all others see time go by. */
const slow: Act = (world) => {
  const ms = world.one(slowMs)!
  world.clock.pass(ms)
  world.regroup()
  world.count('slow', 'world', () => `${ms} ms go by`)
  return true
}

/** Archives every delete that is done, however few there are. */
const archive: Act = (world) => {
  const engine = world.one(world.processes.filter(({ mayMove }) => mayMove))?.run?.engine
  const desk = world.one(engine?.partitions ?? [])
  if (desk === undefined || desk.doc.deletes.length === 0) return false
  for (const runner of engine?.runners ?? []) if (runner === desk.side) runner.archive.poke(1)
  return true
}

const deliver: Act = async (world) => {
  if (!world.servers.isOwing) return false
  await world.servers.deliver(world.dice)
  return true
}

const look: Act = async (world) => {
  await world.reading(() => world.checks.look())
  return false
}

const faults: readonly (readonly [kind: FaultKind, act: Act])[] = [
  ['crash', crash],
  ['freeze', freeze],
  ['stop', stop],
  ['pressure', pressure],
  ['clockJump', clockJump],
  ['retention', ({ surroundings }) => surroundings.expire()],
  ['gap', ({ surroundings }) => surroundings.skip()],
  ['election', ({ surroundings }) => surroundings.elect()],
  ['rebalance', (world) => world.rebalance()],
  ['tune', ({ surroundings }) => surroundings.tune()],
  ['replay', ({ people }) => people.beginReplay()],
  ['pauseSink', ({ people }) => people.pauseSink()],
  ['pauseDelete', ({ people }) => people.pauseDelete()],
  ['cut', (world) => supervise(world, 'cut')],
  ['divert', (world) => supervise(world, 'divert')],
  ['rejoin', (world) => supervise(world, 'rejoin')],
  ['deadLetter', (world) => supervise(world, 'deadLetter')],
  ['slow', slow],
  ['tenantRule', ({ people }) => people.ruleTenant()],
  ['drain', ({ people }) => people.drain()],
  ['promote', ({ people }) => people.promote()],
  ['workerCrash', ({ workers }) => workers.crash()],
  ['workerFreeze', ({ workers }) => workers.freeze()],
  ['workerDrain', ({ workers }) => workers.drain()],
  ['workerCount', ({ workers }) => workers.resize()],
]

/** Chance of a step that a record comes: some histories are full before much has happened, in others the last ones come late. */
const appendChance = (world: World): number =>
  Math.min(0.3, (world.scenario.records * (0.6 + world.streams.of('pace').next())) / world.drawnChaosSteps)

/** In a fixed order, so that a kind that is off only leaves its place empty. */
export const actionsOf = (world: World): readonly Action[] => {
  const actions: Action[] = []
  let below = 0
  const add = (chance: number, act: Act): void => {
    below += chance
    actions.push({ below, act })
  }
  add(appendChance(world), (one) => {
    if (one.records.left > one.late) one.records.append()
    return true
  })
  add(0.06, (one) => {
    const mayBegin = one.processes.length < one.scenario.processesMax
    if (mayBegin) one.begin(false)
    return mayBegin
  })
  add(0.04, deliver)
  add(0.02, archive)
  add(0.01, look)
  for (const [kind, act] of faults) add(world.swarm[kind] ?? 0, act)
  return actions
}
