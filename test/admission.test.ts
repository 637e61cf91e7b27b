/** The admission signal as programs use it: beside a run, and from the rows of one elsewhere. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVirtualClock } from 'spillway/testing'
import { expect, test } from 'vitest'
import { runPositionsTable, writeRunPositions } from '../sinks/rows/run-positions.ts'
import { admission } from '../topology/admission.ts'
import { askRun } from '../topology/ask-run.ts'
import type { RunSnapshot } from '../topology/model/run-snapshot.ts'
import { openRows } from '../topology/resources.ts'
import { drive } from '../topology/testing/drive.ts'
import { seededRandom } from '../topology/testing/seeded-random.ts'
import { everySink } from './engine/every-sink.ts'
import { GivenPorts } from './engine/given-ports.ts'
import { orders } from './engine/orders.ts'

/** What a run has told that is so late; the rest of it is as it was. */
const late = (snapshot: RunSnapshot, lagMs: number): RunSnapshot => ({
  ...snapshot,
  lag: snapshot.lag.map((line) => ({ ...line, lagMs })),
})

const toldByARun = async (): Promise<RunSnapshot> => {
  const given = new GivenPorts()
  const run = await given.start(everySink)
  given.append(orders(0, 10))
  await given.pass(5_000)
  const snapshot = run.snapshot()
  await given.drive(run.stop())
  if (snapshot === undefined) throw new Error('the run tells nothing')
  return snapshot
}

test('D13: beside a run it follows its lag within a second', async () => {
  const [clock, told] = [createVirtualClock(), await toldByARun()]
  let snapshot = late(told, 0)
  const signal = await admission({ snapshot: () => snapshot }, { clock, random: seededRandom(1) })
  expect(signal.check('ann', 'replay')).toEqual({ allow: true, retryAfterMs: 0, reason: '' })
  snapshot = late(told, 90_000)
  await drive(clock, clock.sleep(1_000))
  expect(signal.check('ann')).toMatchObject({ allow: true })
  const refused = signal.check('ann', 'replay')
  expect(refused).toMatchObject({ allow: false, reason: 'fresh data is 90 s behind: replays rest' })
  expect(refused.retryAfterMs).toBeGreaterThanOrEqual(5_000)
  expect(refused.retryAfterMs).toBeLessThanOrEqual(7_500)
  await drive(clock, signal.close())
})

test('D13: from the rows of a run elsewhere it follows lag and pinned knobs; when the run is silent all is allowed', async () => {
  const [clock, told] = [createVirtualClock(), await toldByARun()]
  const url = `sqlite:${join(mkdtempSync(join(tmpdir(), 'spillway-admission-')), 'rows.db')}`
  const { rows, close } = await openRows(url, 'write')
  await rows.ensureTable(runPositionsTable)
  const tell = async (): Promise<void> => {
    const [nowMs, snapshot] = [clock.nowMs(), late(told, 90_000)]
    await writeRunPositions(rows, 'every', 'host#1', { process: 'p', lanes: [], waitingFor: [], nowMs, snapshot })
  }
  const asking = { author: 'ann', reason: '', nowMs: clock.nowMs() }
  await askRun(rows, 'every', { kind: 'knob', knob: 'tenant.shareRatio', value: 0.3 }, asking)
  await tell()
  const signal = await admission(url, { clock, topology: 'every' })
  expect(signal.check('ann', 'replay').allow).toBe(false)
  await askRun(rows, 'every', { kind: 'knob', knob: 'admission.softLagMs', value: 120_000 }, asking)
  // One class is taken back after ten seconds of better lag.
  for (let second = 0; second < 12; second++) {
    await tell()
    await drive(clock, clock.sleep(1_000))
  }
  expect(signal.check('ann', 'replay').allow).toBe(true)
  await drive(clock, clock.sleep(60_000))
  expect(signal.check('ann', 'delete')).toEqual({ allow: true, retryAfterMs: 0, reason: '' })
  await drive(clock, signal.close())
  await close()
})

test('rows without the name of a topology are refused', async () => {
  await expect(admission('sqlite:nowhere.db')).rejects.toThrow('needs the name of the topology')
})
