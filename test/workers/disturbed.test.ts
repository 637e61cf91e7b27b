/** Workers that are killed, fall silent, are drained, come and go at random, under deletes, pauses and cuts. */
import { remove, TestResult, type TestStep } from 'spillway/testing'
import { afterEach, expect, test } from 'vitest'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import { plantedFaults } from '../../topology/model/planted-faults.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { everySink } from '../engine/every-sink.ts'
import { expectTruth } from '../engine/expect-truth.ts'
import { orders } from '../engine/orders.ts'
import { GivenWorkers } from './given-workers.ts'

afterEach(() => plantedFaults.clear())

/** `end`: below it the log has records. */
type Act = (given: GivenWorkers, run: EngineRun, below: (most: number) => number, end: number) => void

const acts: readonly Act[] = [
  (given, run, below) => given.life(1 + below(run.engine.house.lines().length))?.die('signal SIGKILL'),
  (given, _run, below) => {
    const life = given.lives[below(given.lives.length)]!
    life.channel.isMute = true
  },
  (_given, run, below) => {
    const lines = run.engine.house.lines()
    const { worker, state } = lines[below(lines.length)]!
    if (state === 'drained' || state === 'draining') run.undrain(worker)
    else run.drain(worker)
  },
  (_given, run, below) => run.tune('worker.processes', 1 + below(3)),
  (_given, run, below) => {
    const sink = ['totals', 'archive', 'store'][below(3)]!
    if (run.status().sinks[sink]?.paused === true) run.resume(sink)
    else run.pause(sink)
  },
  (_given, run, below, end) => {
    const [desk] = run.engine.partitions
    const [id, lane] = Object.entries(desk?.doc.lanes ?? {})[below(6)] ?? []
    if (desk === undefined || lane === undefined) return
    const at = (lane.declared ?? lane.at) + 1 + below(20)
    if (at >= end) return
    void desk.propose({ kind: 'cut', lane: Number(id), at, cuts: [], slots: [below(4)] }).catch(() => undefined)
  },
]

const forget = (seed: number, below: number): TestStep =>
  remove({
    id: `forget-${seed}-${below}`,
    project: 'ann',
    filters: [{ property_name: 'number', operator: 'lt', property_value: below }],
  })

const play = async (seed: number): Promise<GivenWorkers> => {
  const random = seededRandom(seed)
  const below = (most: number): number => Math.floor(random.next() * most)
  const given = new GivenWorkers()
  given.append(orders(0, 60))
  const run = await given.startWorkers(everySink, 1 + below(3), { knobs: { 'worker.heartbeatMs': 1_500 } })
  for (let step = 0; step < 14; step++) {
    await given.pass(below(1_200))
    const from = 60 + step * 12
    given.append(orders(from, from + 12))
    if (below(3) === 0) given.append([forget(seed, from - below(40))])
    acts[below(acts.length)]!(given, run, below, from + 12)
  }
  await given.pass(2_000)
  expect(run.engine.error).toBeUndefined()
  await given.drive(run.stop())
  const last = await given.startWorkers(everySink, 2, { untilCaughtUp: true })
  expect(await given.drive(last.ended)).toMatchObject({ state: 'caughtUp' })
  return given
}

const playAll = async (seeds: number): Promise<void> => {
  for (let seed = 1; seed <= seeds; seed++) {
    const given = await play(seed)
    await expectTruth(new TestResult(everySink, { ...given.resources, logs: { events: given.log } }, 0))
  }
}

test('C2: whatever becomes of workers, what is there at the end equals the oracle', () => playAll(12), 60_000)

test.each(['counted-again-on-recovery', 'cut-at-committed'])(
  'C2: the same finds owners that do it wrongly: %s',
  async (fault) => {
    plantedFaults.add(fault)
    await expect(playAll(12)).rejects.toThrow()
  },
)
