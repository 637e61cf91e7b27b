/** Lag as somebody sees it who reads ledger and log a moment after the run has told of itself. */
import { expect, test } from 'vitest'
import { readRunPositions } from '../../sinks/rows/run-positions.ts'
import { readCatalogue } from '../../sinks/rows/topology-catalogue.ts'
import { readLag } from '../../topology/cli/read-lag.ts'
import type { LagLine } from '../../topology/model/run-snapshot.ts'
import { followsLog } from '../../topology/observe/lag-words.ts'
import { mergeSnapshots } from '../../topology/observe/merge-snapshots.ts'
import { everySink } from '../engine/every-sink.ts'
import { GivenPorts } from '../engine/given-ports.ts'
import { orders } from '../engine/orders.ts'

/** The lanes of a run that has read what there was, and has not told yet that two events came behind it. */
const linesSeen = async (isRunning: boolean): Promise<readonly LagLine[]> => {
  const given = new GivenPorts()
  given.append(orders(0, 6))
  const run = await given.start(everySink)
  await given.pass(3_000)
  if (!isRunning) await given.drive(run.stop())
  given.append(orders(6, 8))
  const { rows, ledger } = given.resources
  const nowMs = given.clock.nowMs()
  const told = await readRunPositions(rows, everySink.name, nowMs)
  const topology = (await readCatalogue(rows, everySink.name))!
  return readLag({ topology, ledger, told, nowMs, logOf: () => given.log, snapshot: mergeSnapshots(told.snapshots) })
}

test('what came after the last word of a run is no backlog: its lanes follow', async () => {
  const lines = await linesSeen(true)
  expect(lines.map(({ lagEvents }) => lagEvents)).toContain(2)
  expect(lines.every(followsLog)).toBe(true)
})

test('where nothing runs the same has no end', async () => {
  const behind = (await linesSeen(false)).filter(({ lagEvents }) => lagEvents > 0)
  expect(behind.length).toBeGreaterThan(0)
  expect(behind.map(({ etaMs }) => etaMs)).toEqual(behind.map(() => null))
})
