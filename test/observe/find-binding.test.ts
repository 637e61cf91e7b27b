/** Which stage limits a drain, and which knob moves it. */
import { expect, test } from 'vitest'
import { allKnobs } from '../../topology/model/knobs.ts'
import { findBinding } from '../../topology/observe/find-binding.ts'
import type { StageRate } from '../../topology/observe/stage-rates.ts'
import { givenLag } from './given-snapshot.ts'

const rate = (more: Partial<StageRate>): StageRate => ({
  stage: 'write',
  name: 'archive',
  workClass: 'backlog',
  callsPerSecond: 1,
  recordsPerSecond: 100,
  cpuRatio: 0,
  waiting: 0,
  latencyMs: 10,
  ...more,
})

const behind = (more: Parameters<typeof givenLag>[0] = {}) =>
  givenLag({ branch: 'archive', laneClass: 'backlog', lagEvents: 1_000, ...more })

const found = (rates: readonly StageRate[], lag = [behind()], loopUsedRatio = 0.1) =>
  findBinding({ lag, rates, workers: 1, loopUsedRatio, kindOf: (sink) => (sink === 'archive' ? 'objects' : 'rows') })

test('D9: lanes that write all the time wait for that store, and the knob is that of its requests', () => {
  const binding = found([rate({ waiting: 0.95 }), rate({ stage: 'fetch', name: 'shop', waiting: 0.1 })])
  expect(binding).toMatchObject({ stage: 'write', name: 'archive', knob: 'objects.inFlightRequests' })
  expect(binding!.usedRatio).toBeCloseTo(0.95)
})

test('D9: a loop that is always busy is bound by the processor, named by the bolt that takes most of it', () => {
  const rates = [
    rate({ stage: 'bolt', name: 'score', cpuRatio: 0.8 }),
    rate({ stage: 'decode', name: 'shop', cpuRatio: 0.1 }),
    rate({ waiting: 0.6 }),
  ]
  expect(found(rates, [behind()], 0.97)).toMatchObject({ stage: 'cpu', name: 'score', knob: 'worker.processes' })
})

test('D9: cursors that wait for the log, or for a bolt that asks somebody, say so', () => {
  expect(found([rate({ stage: 'fetch', name: 'shop', waiting: 0.9 })])).toMatchObject({ knob: 'fetch.partitionBytes' })
  expect(found([rate({ stage: 'bolt', name: 'look up', waiting: 0.9 })])).toMatchObject({
    stage: 'bolt',
    name: 'look up',
  })
})

test('D9: nothing is busy and lanes may not read: their permits are the limit', () => {
  const lag = [behind(), ...[1, 2, 3].map((lane) => behind({ lane, mayRead: false }))]
  expect(found([rate({ waiting: 0.2 })], lag)).toMatchObject({
    stage: 'permit',
    usedRatio: 0.75,
    knob: 'backlog.activeLanes',
  })
})

test('D9: what the live lanes of calm partitions do limits nobody, and without lag nothing is bound', () => {
  const idle = rate({ stage: 'fetch', name: 'shop', workClass: 'live', waiting: 4 })
  expect(found([idle, rate({ waiting: 0.6 })])).toMatchObject({ stage: 'write' })
  expect(found([rate({ waiting: 1 })], [givenLag()])).toBeNull()
})

test('every knob that is named exists', () => {
  const stages = ['fetch', 'bolt', 'write', 'settle', 'ledger', 'decode'] as const
  const named = stages.flatMap(
    (stage) => found([rate({ stage, name: 'archive', waiting: 0.9, cpuRatio: stage === 'decode' ? 0.9 : 0 })])!.knob,
  )
  for (const knob of named) expect([...allKnobs.keys()]).toContain(knob)
})
