/** A replay beside a run that shares its partitions with it, as on Kafka. */
import { expect, test } from 'vitest'
import { beginReplay } from '../../topology/begin-replay.ts'
import { systemRandom } from '../../topology/engine/shell/system-clock.ts'
import { everySink } from './every-sink.ts'
import { GivenGroup, partitionsOf, spread } from './given-group.ts'
import { startMs } from './orders.ts'
import { seenOf } from './seen-in-namespace.ts'

test.each([
  ['while it is far from done', []],
  ['also where a branch is paused, which has an end for nobody', ['archive']],
])('C20: a replay that has come to share partitions takes their fresh events, %s', async (_, paused) => {
  const given = new GivenGroup()
  given.append(spread(0, 40))
  const live = await given.begin()
  await given.pass(5_000)
  const ports = { ...given.resources, clock: given.clock, random: systemRandom }
  const request = { namespace: 'shadow', fromMs: startMs, toMs: startMs + 3_600_000 }
  await given.drive(beginReplay(everySink, ports, request, new AbortController().signal, { rate: 1 }))
  const replay = await given.begin({ untilCaughtUp: true })
  for (const branch of paused) replay.pause(branch)
  given.append(spread(40, 44))
  await given.pass(3_000)
  expect(partitionsOf(replay)).toEqual([2, 3])
  given.append(spread(44, 60))
  await given.pass(8_000)
  expect((await seenOf(given.read(everySink))).events).toHaveLength(60)
  expect((await seenOf(given.read(everySink), 'shadow')).events.length).toBeLessThan(30)
  expect(await given.drive(replay.ended)).toMatchObject({ state: 'caughtUp' })
  await given.drive(live.stop())
})
