/** What people may name by a branch. */
import { defineTopology, log } from 'spillway'
import { dedupe } from 'spillway/operators'
import { eventRows, objects } from 'spillway/sinks'
import { expect, test } from 'vitest'
import { planSpout } from '../../topology/declare/plan-spout.ts'
import { sinksOfBranch } from '../../topology/engine/plan-questions.ts'

const topology = defineTopology('branches', (t) => {
  const events = t.spout('events', log())
  events.sink('archive', objects())
  events.bolt('once', dedupe({ by: 'tag', window: '1 hour' })).sink('store', eventRows())
})

test('a bolt that holds back duplicates is a branch as well: all sinks below it', () => {
  expect(sinksOfBranch([planSpout(topology, 'events')], 'once')).toEqual(['store'])
})
