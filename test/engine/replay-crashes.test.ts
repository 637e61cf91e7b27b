/** The process that begins and serves a replay dies at every single effect; asked for again, it ends as if nothing had been. */
import { type CrashPoint, crashableResources, remove, type TestStep } from 'spillway/testing'
import { expect, test } from 'vitest'
import { readObjects } from '../../sinks/objects/read-objects.ts'
import { beginReplay } from '../../topology/begin-replay.ts'
import type { RunOutcome } from '../../topology/model/run-handle.ts'
import { startRun } from '../../topology/start-run.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { everySink, everythingIn } from './every-sink.ts'
import { GivenPorts } from './given-ports.ts'
import { bad, order, orders, startMs } from './orders.ts'
import { seenOf } from './seen-in-namespace.ts'

const request = { namespace: 'shadow', fromMs: startMs, toMs: startMs + 3_600_000 }
const ofKind: TestStep = remove({
  project: 'ann',
  filters: [{ property_name: 'kind', operator: 'eq', property_value: 'a' }],
})

/** One process: it begins the replay, and runs until all is caught up. */
const replayOnce = async (given: GivenPorts, point?: CrashPoint): Promise<{ effects: number; isCrashed: boolean }> => {
  const ports = crashableResources(given.resources, point)
  const options = { untilCaughtUp: true, clock: given.clock, random: seededRandom(1) }
  // What a run tells of its end when it has ended is nothing that a crash could break off.
  let effects = 0
  const work = async (): Promise<RunOutcome> => {
    await beginReplay(everySink, { ...ports, ...options }, request, new AbortController().signal)
    const outcome = await (await startRun(everySink, ports, options)).ended
    effects = ports.effects()
    return outcome
  }
  const outcome = await given.drive(Promise.race([work(), ports.crashed]))
  if (outcome?.error !== undefined) throw outcome.error
  return { effects, isCrashed: outcome === undefined }
}

const play = async (point?: CrashPoint): Promise<{ seen: unknown; effects: number; isCrashed: boolean }> => {
  const given = new GivenPorts()
  given.append([...orders(0, 5), bad('{"broken'), order(5, { poison: true })])
  await given.run(everySink)
  given.append([...orders(6, 8), ofKind])
  const { effects, isCrashed } = await replayOnce(given, point)
  if (isCrashed) await replayOnce(given)
  const asked = { rows: given.resources.rows, topology: 'every', namespace: 'shadow' }
  const manifest = await Array.fromAsync(readObjects(asked))
  const result = given.read(everySink)
  return { seen: [await everythingIn(given.resources), await seenOf(result, 'shadow'), manifest], effects, isCrashed }
}

test('a crash at any effect of a replay changes nothing (I-1, I-3)', async () => {
  const plain = await play()
  expect(plain.effects).toBeGreaterThan(20)
  for (let effect = 1; effect <= plain.effects; effect++) {
    for (const side of ['before', 'after'] as const) {
      const { seen, isCrashed } = await play({ effect, side })
      expect(isCrashed, `${side} ${effect}`).toBe(true)
      expect(seen, `${side} effect ${effect}`).toEqual(plain.seen)
    }
  }
})
